package lib.deploy;

import java.net.URI;
import java.time.Duration;
import lib.config.Config;
import lib.core.Threads;
import lib.http.Probe;
import lib.nginx.Reach;

/** How long the public port gave no good answer, asked again and again while it changes hands. */
final class Unanswered implements AutoCloseable {
    private final URI url;
    private final Thread thread;
    private long good = System.nanoTime(), longest;        // guarded by this

    Unanswered(Config config) {
        var reach = Reach.of(config);
        this.url = URI.create("http://" + reach.httpAddress() + ":" + reach.http() + config.health().path());
        this.thread = Threads.start(this::ask);
    }

    private void ask() {
        try {
            for (;; Thread.sleep(50)) {
                int code = Probe.once(url, Duration.ofSeconds(2)).code();
                if (code > 0 && code < 500) answered();
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private synchronized void answered() {
        longest = Math.max(longest, System.nanoTime() - good);
        good = System.nanoTime();
    }

    /** Between two good answers; the one that comes next is waited for. */
    synchronized Duration longest() { return Duration.ofNanos(Math.max(longest, System.nanoTime() - good)); }

    @Override public void close() { thread.interrupt(); }
}
