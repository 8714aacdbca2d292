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
    private final URI url;
    private final Thread thread;
    private long good = System.nanoTime(), longest;        // guarded by this, as all below
    private String last = "not asked yet";

    Unanswered(Config config) {
        var reach = Reach.of(config);
        this.url = URI.create("http://" + reach.httpAddress() + ":" + reach.http() + config.health().path());
        this.thread = Threads.start(this::ask);
    }

    private void ask() {
        try {
            for (;; Thread.sleep(50)) answered(Probe.once(url, Duration.ofSeconds(2)));
        } catch (InterruptedException e) {
            return;
        }
    }

    private synchronized void answered(Probe.Answer answer) {
        last = answer.summary();
        if (answer.code() == 0 || answer.code() >= 500) return;
        longest = Math.max(longest, System.nanoTime() - good);
        good = System.nanoTime();
        notifyAll();
    }

    /** The longest time between two good answers, the next of which is waited for; empty: none came within the limit. */
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
