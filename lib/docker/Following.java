package lib.docker;

import java.util.concurrent.CompletableFuture;

/** A stream of events that is read until it is closed. */
public interface Following extends AutoCloseable {
    /** It gives no more: closed by us, or by an engine that restarts. */
    CompletableFuture<Void> onEnd();

    @Override void close();
}
