package peers;

import java.io.IOException;
import lib.core.Colour;

/** A way to move the traffic from one version of an app to another, on one port that clients ask. */
public interface Peer extends AutoCloseable {
    /** Version 1, blue, has the traffic; where there are two colours, version 2 waits in green. */
    void start() throws IOException;

    int port();

    /** The container that clients reach: its CPU and memory are looked at. */
    String proxy();

    /** The traffic only, if that is possible, to a version that was up before. */
    void switchTo(Colour to);

    /** A version that never ran here, whose image is built, in the colour that has no traffic; then the traffic. */
    void deploy(Colour to, String version);

    /** Back to what served before the last deploy, which the other colour is. */
    void rollback(Colour to);

    /** Takes it all down, also when it was not started whole; no harm when it is done twice. */
    @Override void close() throws IOException;
}
