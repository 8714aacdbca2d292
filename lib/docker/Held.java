package lib.docker;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** A process in a container and the pipe to it, which ends with us, however we end. */
public interface Held extends AutoCloseable {
    /** What is written is sent at once. It has no end of its own: the engine sees one only by {@link #close}. */
    OutputStream stdin();
    /** To its end, also after an interrupt of the process; a reader that is behind holds the process up. */
    InputStream out();
    /** What it said on stderr so far, the last 64 KB. */
    String err();

    /** Its exit code; empty when that cannot be known any more: we closed it, or the engine ended. */
    CompletableFuture<OptionalInt> onExit();
    default boolean isAlive() { return !onExit().isDone(); }

    /** Ends the connection: the process sees the end of its input, and nobody reads it any more. */
    @Override void close();
}
