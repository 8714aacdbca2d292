package lib.watch;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import lib.config.Config;
import lib.core.Threads;
import lib.http.Connection;
import lib.nginx.Reach;

/**
 * A client with a connection of its own that it keeps: once a second it asks the public port. It is opened before a
 * switch, so a connection that the switch resets is a failed probe here; no log tells of it. Any answer is good: what
 * it says is for the other probes. Never retries; connects again when it was told "Connection: close", or after a
 * failure.
 */
public final class KeptProbe implements AutoCloseable {
    private final Config config;
    private final Thread thread;
    private volatile Optional<Connection> kept = Optional.empty();
    private Sample.Probes seen = Sample.Probes.NONE;       // guarded by this

    /** Opens the connection, and asks on it from now on. */
    public KeptProbe(Config config) {
        this.config = config;
        thread = Threads.start(this::run);
    }

    private void run() {
        try {
            for (;; Thread.sleep(1000)) ask();
        } catch (InterruptedException e) {
            disconnect();
        }
    }

    private void ask() {
        var before = kept;
        try {
            var connection = before.isPresent() ? before.get() : connect();
            kept = Optional.of(connection);
            if (connection.get("/health/ready").closes()) disconnect();
        } catch (IOException e) {
            String where = kept.isPresent() ? "on a kept connection: " : "cannot connect: ";
            if (!Thread.currentThread().isInterrupted()) failed(where + e.getMessage());
            disconnect();
        }
    }

    private Connection connect() throws IOException {
        return new Connection(Reach.of(config).httpAddress(), Reach.of(config).http(), Duration.ofSeconds(5));
    }

    private void disconnect() {
        var connection = kept;
        kept = Optional.empty();
        try {
            if (connection.isPresent()) connection.get().close();
        } catch (IOException goneAlready) {
            return;
        }
    }

    private synchronized void failed(String error) { seen = seen.and(new Sample.Probes(0, 1, 0, error)); }

    /** What failed since the last call; forgotten here. */
    synchronized Sample.Probes take() {
        var taken = seen;
        seen = Sample.Probes.NONE;
        return taken;
    }

    @Override public void close() {
        thread.interrupt();
        disconnect();       // an answer that it waits for is not
    }
}
