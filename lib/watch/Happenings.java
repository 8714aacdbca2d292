package lib.watch;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import lib.docker.Engine;
import lib.docker.Following;

/** That something happened to containers, as the engine tells it: so that nobody has to look again and again. */
final class Happenings implements AutoCloseable {
    /** Not the starts of processes in them: those are our own. */
    private static final String[] EVENTS = {"event=start", "event=die", "event=oom", "event=pause", "event=unpause",
        "event=destroy", "event=connect", "event=disconnect"};

    private final Engine engine;
    private final Semaphore news = new Semaphore(0);
    private Optional<Following> following = Optional.empty();
    private boolean missed;         // what was to be looked at could not be

    Happenings(Engine engine) { this.engine = engine; }

    /** Waits so long, or until there is something to look at. */
    boolean await(Duration limit) throws InterruptedException {
        boolean some = news.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (some) news.release();
        return some;
    }

    /** Something to look at: it happened since this was asked last, or nobody listened meanwhile. @throws Failure */
    boolean any() {
        listen();
        boolean some = news.drainPermits() > 0 || missed;
        missed = false;
        return some;
    }

    /** It could not be looked at: when it is asked again, there is something. */
    void again() {
        news.drainPermits();        // an engine that is away would be asked without a pause
        missed = true;
    }

    private void listen() {
        if (following.filter(f -> !f.onEnd().isDone()).isPresent()) return;
        var now = engine.follow(_ -> news.release(), EVENTS);
        following = Optional.of(now);
        news.release();
        now.onEnd().thenRun(news::release);         // by an engine that restarts
    }

    @Override public void close() { following.ifPresent(Following::close); }
}
