import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import sun.misc.Signal;

/**
 * What a process does on SIGTERM: tell that it goes, let the balancer turn away, stop accepting, finish what is in
 * flight, close its stores in reverse order, leave with 0. What is still in flight at the limit is named, and the
 * exit code is 1. A second signal cuts all waiting short. An error on the way, in a listener, a store or elsewhere, is
 * told, and changes neither the order nor the exit code. One file beside ConnectionDrain; no dependencies.
 *
 * <pre>
 *   new GracefulShutdown(drain)
 *       .stopAccepting(() -&gt; server.stop(...))
 *       .closing("database", Duration.ofSeconds(5), pool::close)
 *       .install();
 * </pre>
 *
 * Environment: SHUTDOWN_SETTLE (seconds; default 2), SHUTDOWN_LIMIT (seconds; default 30), DRAIN_FILE (a file that
 * exists while this process goes; bluegreen's Nginx sees it at the next request and sends that one elsewhere. With
 * "idle" in it before the signal: nothing comes any more, and nothing is waited for).
 */
public final class GracefulShutdown {
    private static final Duration TICK = Duration.ofMillis(100);

    private record Store(String name, Duration limit, AutoCloseable close) {}

    private final ConnectionDrain drain;
    private final Path drainFile = System.getenv("DRAIN_FILE") instanceof String f && !f.isEmpty() ? Path.of(f) : null;
    private final Deque<Store> stores = new ArrayDeque<>();
    private Duration settle = seconds("SHUTDOWN_SETTLE", 2);
    private Duration limit = seconds("SHUTDOWN_LIMIT", 30);
    private Runnable stopAccepting = () -> {};
    private Thread running;

    public GracefulShutdown(ConnectionDrain drain) { this.drain = drain; }

    /** How long requests still come in after readiness turned false: the balancer's reaction time. */
    public GracefulShutdown settle(Duration time) { settle = time; return this; }
    /** How long requests in flight may take, from when no new ones are accepted. */
    public GracefulShutdown limit(Duration time) { limit = time; return this; }
    /** Closes the listening socket, behind what waits there already; must not wait for answers. */
    public GracefulShutdown stopAccepting(Runnable action) { stopAccepting = action; return this; }
    /** Stores are closed in the reverse order of their registration, each within its own limit. */
    public GracefulShutdown closing(String name, Duration limit, AutoCloseable close) {
        stores.push(new Store(name, limit, close));
        return this;
    }

    /** Takes over SIGTERM and SIGINT, and tells the balancer that this process is here. */
    public GracefulShutdown install() {
        try {
            if (drainFile != null) Files.deleteIfExists(drainFile);       // of a process that was killed
        } catch (IOException e) {
            say("cannot remove " + drainFile + ": " + e);
        }
        for (String name : List.of("TERM", "INT")) Signal.handle(new Signal(name), this::signalled);
        return this;
    }

    private synchronized void signalled(Signal signal) {
        if (running != null) {
            say("SIG" + signal.getName() + " again: no more waiting");
            running.interrupt();
            return;
        }
        drain.announce();
        say("SIG" + signal.getName() + ", " + drain.active() + " in flight");
        running = Thread.ofPlatform().name("shutdown").daemon(false).start(this::end);
    }

    /** Whatever happens: a process that neither serves nor ends would hold up everything until its SIGKILL. */
    private void end() {
        int code = 1;
        try {
            code = run();
        } catch (Throwable e) {
            say("failed: " + e);
        }
        Runtime.getRuntime().halt(code);
    }

    /** The story. Returns the exit code. */
    private int run() {
        long began = System.nanoTime();
        boolean alreadyLeft = leaveNginx();
        drain.begin().forEach(e -> say("a drain listener failed: " + e));
        if (!alreadyLeft) settle();
        stopAccepting();
        var cut = await();
        cut.forEach(r -> say("cut: " + r));
        while (!stores.isEmpty()) close(stores.pop());
        say(String.format(Locale.ROOT, "%s after %.1f s", cut.isEmpty() ? "done" : cut.size() + " cut",
            (System.nanoTime() - began) / 1e9));
        return cut.isEmpty() ? 0 : 1;
    }

    /** Whether a deployer has written before that no request comes any more. */
    private boolean leaveNginx() {
        if (drainFile == null) return false;
        try {
            if (Files.exists(drainFile) && Files.readString(drainFile).strip().equals("idle")) return true;
            Files.writeString(drainFile, "");
        } catch (IOException | RuntimeException e) {
            say("cannot write " + drainFile + ", so new requests go on coming until the socket closes: " + e);
        }
        return false;
    }

    private void stopAccepting() {
        try {
            stopAccepting.run();
        } catch (Throwable e) {
            say("stopping to accept failed: " + e);
        }
    }

    private List<ConnectionDrain.InFlight> await() {
        try {
            return drain.await(limit);
        } catch (InterruptedException e) {
            return awaitNothing();
        }
    }

    private List<ConnectionDrain.InFlight> awaitNothing() {
        try {
            return drain.await(Duration.ZERO);
        } catch (InterruptedException e) {
            return List.of();       // a third signal within the same instant
        }
    }

    /**
     * And up to a second more, until a tick passes in time in which nothing came: one that stood still has yet to read.
     */
    private void settle() {
        try {
            Thread.sleep(settle);
            boolean quiet = false;
            for (int tick = 0; tick < 10 && !quiet; tick++) {
                long before = drain.arrived(), due = System.nanoTime() + TICK.toNanos();
                Thread.sleep(TICK);
                quiet = drain.arrived() == before && System.nanoTime() - due < TICK.toNanos();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();     // seen again by the next wait
        }
    }

    private static void close(Store store) {
        var task = new FutureTask<Void>(() -> {
            store.close.close();
            return null;
        });
        Thread.ofPlatform().daemon().start(task);
        try {
            Thread.interrupted();
            task.get(store.limit.toMillis(), TimeUnit.MILLISECONDS);
            say(store.name + " closed");
        } catch (TimeoutException e) {
            say(store.name + " did not close within " + store.limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            say(store.name + " failed to close: " + e.getCause());
        } catch (InterruptedException e) {
            say(store.name + " was left open");
        }
    }

    private static Duration seconds(String variable, int fallback) {
        String value = System.getenv(variable);
        if (value == null || value.isEmpty()) return Duration.ofSeconds(fallback);
        if (!value.matches("[0-9]{1,5}"))
            throw new IllegalArgumentException(variable + "=" + value + ": whole seconds are expected");
        return Duration.ofSeconds(Long.parseLong(value));
    }

    private static void say(String what) { System.out.println("shutdown: " + what); }
}
