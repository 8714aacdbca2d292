import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows what is in flight, so that a shutdown can wait for it and name what it had to cut. One file without
 * dependencies: copy it. Any server can use it as a filter around its handlers:
 *
 * <pre>
 *   try (var request = drain.enter(method, path)) {
 *       if (drain.draining()) response.setHeader("Connection", "close");
 *       handle(request, response);
 *   }
 * </pre>
 */
public final class ConnectionDrain {

    /** One request or stream that is being answered; close it when it is done. */
    public final class InFlight implements AutoCloseable {
        public final String method;
        public final String path;
        private final long began = System.nanoTime();

        private InFlight(String method, String path) {
            this.method = method;
            this.path = path;
        }

        public Duration age() { return Duration.ofNanos(System.nanoTime() - began); }

        @Override public void close() {
            all.remove(this);
            if (draining) synchronized (ConnectionDrain.this) {
                ConnectionDrain.this.notifyAll();
            }
        }

        @Override public String toString() {
            return String.format(Locale.ROOT, "%s %s (%.1f s)", method, path, age().toMillis() / 1000.0);
        }
    }

    private static final Duration FOR_UNREAD = Duration.ofSeconds(1);

    private final Set<InFlight> all = ConcurrentHashMap.newKeySet();
    private final AtomicInteger handed = new AtomicInteger();
    private final AtomicLong arrived = new AtomicLong();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean draining;

    public InFlight enter(String method, String path) {
        var request = new InFlight(method, path);
        arrived.incrementAndGet();
        all.add(request);
        return request;
    }

    /** For a server that hands each request to an executor before it reads what is asked: none is forgotten between. */
    public Executor counting(Executor executor) {
        return task -> {
            arrived.incrementAndGet();
            handed.incrementAndGet();
            executor.execute(() -> {
                try {
                    task.run();
                } finally {
                    handed.decrementAndGet();
                }
            });
        };
    }

    /** How many there were, ever: while it grows, requests are still coming in. */
    public long arrived() { return arrived.get(); }

    public int active() { return all.size(); }

    /** From the first sign of a shutdown on: not ready any more, and each answer says "Connection: close". */
    public boolean draining() { return draining; }

    /** For streams and websockets: told once, when the drain begins. */
    public void onDrain(Runnable listener) { listeners.add(listener); }

    /** Only {@link #draining}, at once; {@link #begin} tells the listeners as well. */
    public void announce() { draining = true; }

    /**
     * Tells all listeners, and returns what some of them threw: an error in one must not keep a process from ending.
     */
    public List<Throwable> begin() {
        announce();
        var errors = new ArrayList<Throwable>();
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (Throwable e) {         // a class that is not there is an Error
                errors.add(e);
            }
        }
        return errors;
    }

    /**
     * Waits until nothing is in flight, at most {@code limit}; a second if it is only what was not read yet, of which a
     * client may never send the rest. Returns what still is in flight, oldest first.
     */
    public synchronized List<InFlight> await(Duration limit) throws InterruptedException {
        long now = System.nanoTime(), end = now + limit.toNanos(), patience = now + FOR_UNREAD.toNanos();
        for (; now < end; now = System.nanoTime()) {
            if (!all.isEmpty()) patience = now + FOR_UNREAD.toNanos();
            else if (handed.get() == 0 || now > patience) break;
            wait(Math.clamp((end - now) / 1_000_000, 1, 100));
        }
        var left = new ArrayList<>(all);
        left.sort(Comparator.comparing(InFlight::age).reversed());
        return left;
    }
}
