package lib.docker;

import com.github.dockerjava.api.async.ResultCallback;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * What the engine sends piece by piece, on a thread of docker-java's. Its own adapter logs errors, and forgets a close
 * that comes before the answer.
 */
final class Callback<T> implements ResultCallback<T> {
    private final Consumer<T> each;
    private final CompletableFuture<Void> started = new CompletableFuture<>(), ended = new CompletableFuture<>();
    private Closeable connection = () -> {};        // guarded by this, as the next one
    private boolean closed;

    Callback(Consumer<T> each) { this.each = each; }

    @Override public void onStart(Closeable opened) {
        if (!take(opened)) close(opened);
        started.complete(null);
    }

    private synchronized boolean take(Closeable opened) {
        connection = opened;
        return !closed;
    }

    @Override public void onNext(T piece) { if (!ended.isDone()) each.accept(piece); }
    @Override public void onComplete() { end(); }

    @Override public void onError(Throwable error) {
        if (isClosed()) end();
        started.completeExceptionally(error);
        ended.completeExceptionally(error);
    }

    private synchronized boolean isClosed() { return closed; }

    private void end() {
        started.complete(null);
        ended.complete(null);
    }

    /** Ends the connection; what it brought so far stays. */
    @Override public void close() {
        final Closeable open;
        synchronized (this) {
            if (closed) return;
            closed = true;
            open = connection;
        }
        if (!ended.isDone()) close(open);
        end();
    }

    private static void close(Closeable connection) {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CompletableFuture<Void> ended() { return ended; }

    /** The engine has answered: from now on nothing is missed. */
    Callback<T> awaitStart() throws InterruptedException { return await(started); }
    Callback<T> awaitEnd() throws InterruptedException { return await(ended); }

    private Callback<T> await(CompletableFuture<Void> moment) throws InterruptedException {
        try {
            moment.get();
            return this;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        }
    }
}
