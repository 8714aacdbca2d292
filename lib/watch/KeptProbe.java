package lib.watch;

import java.io.IOException;
import java.time.Duration;
import lib.config.Config;
import lib.http.Connection;
import lib.nginx.Reach;

/**
 * A client with a connection of its own that it keeps: once a second it asks the public port. It is opened before a
 * switch, so a connection that the switch resets is a failed probe here; no log tells of it. Any answer is good: what it
 * says is for the other probes. Never retries; connects again when it was told "Connection: close", or after a failure.
 */
public final class KeptProbe implements AutoCloseable {
    private final Config config;
    private final Thread thread;
    private Sample.Probes seen = Sample.Probes.NONE;       // guarded by this

    /** Opens the connection, and asks on it from now on. */
    public KeptProbe(Config config) {
        this.config = config;
        thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
        Connection connection = null;
        try {
            for (;;) {
                try {
                    if (connection == null)
                        connection = new Connection(Reach.of(config).httpAddress(), Reach.of(config).http(),
                            Duration.ofSeconds(5));
                    var answer = connection.get("/health");
                    if (answer.closes()) connection = closed(connection);
                } catch (IOException e) {
                    failed((connection == null ? "cannot connect: " : "on a kept connection: ") + e.getMessage());
                    connection = closed(connection);
                }
                Thread.sleep(1000);
            }
        } catch (InterruptedException e) {
            closed(connection);
        }
    }

    private static Connection closed(Connection connection) {
        try {
            if (connection != null) connection.close();
        } catch (IOException e) {
            return null;        // it was gone already
        }
        return null;
    }

    private synchronized void failed(String error) { seen = seen.and(new Sample.Probes(0, 1, 0, error)); }

    /** What failed since the last call; forgotten here. */
    synchronized Sample.Probes take() {
        var taken = seen;
        seen = Sample.Probes.NONE;
        return taken;
    }

    @Override public void close() { thread.interrupt(); }
}
