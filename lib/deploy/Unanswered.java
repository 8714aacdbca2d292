package lib.deploy;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import lib.config.Config;
import lib.core.Threads;
import lib.http.Probe;
import lib.nginx.Reach;

/** How long the public port gave no good answer, asked again and again while it changes hands. */
final class Unanswered implements AutoCloseable {
    private final String address, own;
    private final Thread thread;
    private volatile URI url;
    private long good = System.nanoTime(), longest;        // guarded by this, as all below
    private String last = "not asked yet";

    Unanswered(Config config) {
        var reach = Reach.of(config);
        this.address = "http://" + reach.httpAddress() + ":" + reach.http();
        this.own = config.health().path();
        directly();
        this.thread = Threads.start(this::ask);
    }

    /** The app's own path, which it has without Nginx, too. */
    void directly() { url = URI.create(address + own); }

    /** By the path that Nginx gives to the app, and never answers by itself. */
    void throughNginx() { url = URI.create(address + "/health/ready"); }

    private void ask() {
        try {
            for (;; Thread.sleep(50)) {
                var asked = url;
                answered(asked, Probe.once(asked, Duration.ofSeconds(2)));
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private synchronized void answered(URI asked, Probe.Answer answer) {
        if (!asked.equals(url)) return;      // who has to answer is another one meanwhile
        last = answer.summary();
        if (answer.code() == 0 || answer.code() >= 500) return;
        longest = Math.max(longest, System.nanoTime() - good);
        good = System.nanoTime();
        notifyAll();
    }

    /**
     * The longest time between two good answers, the next of which is waited for; empty: none came within the limit.
     */
    synchronized Optional<Duration> untilAnswered(Duration limit) throws InterruptedException {
        long asked = System.nanoTime(), end = asked + limit.toNanos();
        while (good < asked) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) return Optional.empty();
            wait(left);
        }
        return Optional.of(Duration.ofNanos(longest));
    }

    synchronized String last() { return url + ": " + last; }

    @Override public void close() { thread.interrupt(); }
}
