package lib.traffic;

import java.time.Duration;
import java.util.Map;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.nginx.Nginx;
import lib.stack.Stack;
import lib.state.Killed;
import lib.state.State;

/** The colour without traffic: made free, filled, and armed as Nginx's backup. Never touched while it answers users. */
public final class Standby {
    private final Run run;
    private final TrafficSwitch traffic;
    private final Stack stack;
    public final Colour colour;

    public Standby(Stack stack, Run run, TrafficSwitch traffic, Colour colour) {
        this.run = run;
        this.traffic = traffic;
        this.stack = stack;
        this.colour = colour;
    }

    /** Nginx does not fail over to it any more, and it is stopped. {@code after}: the state file's content then. */
    public void free(State after) {
        requireIdle();
        clear(after);
    }

    /** The same on the way back from a bad version: what Nginx sends nothing to answers nobody, however well it is. */
    public void giveUp(State after) {
        if (traffic.serving().routesTo(colour)) requireIdle();
        clear(after);
    }

    private void clear(State after) {
        if (traffic.serving().backed()) traffic.failover(false, after);
        stop("stopped");
    }

    /** Nothing when it does not run. */
    public void stop(String why) {
        var old = stack.container(colour).filter(c -> c.up() || c.paused());
        if (old.isEmpty()) return;
        run.step("stop", Map.of("colour", colour.toString()), step -> {
            halt(old.get(), step);
            return old.get().service() + " (" + old.get().version() + ") " + why;
        });
    }

    /**
     * Within a step: its container stops, by itself or after its grace.
     * @throws Failure (locked) when it has the traffic by then
     */
    public void halt(Container old, Console.Step step) {
        step.limit(Duration.ofSeconds(old.stopGraceSeconds())).progress("stopping " + old.service());
        // What this run took the traffic from may have requests on their way to it.
        if (traffic.moved().isEmpty() && old.environment().containsKey("DRAIN_FILE"))
            traffic.leave(colour).ifPresent(why -> step.note("its app settles before it ends: " + why));
        if (traffic.moved().isEmpty())
            run.settle("what " + old.service() + " still has", () -> tellWhatItHas(old, step));
        long began = System.nanoTime();
        stack.stop(colour);
        boolean late = System.nanoTime() - began >= Duration.ofSeconds(old.stopGraceSeconds()).toNanos();
        reviveIfLive();
        if (late) run.settle("how " + old.service() + " ended", () -> tellIfKilled(old, step));
    }

    /** Begun before the traffic left it: an upload, a stream. */
    private void tellWhatItHas(Container old, Console.Step step) {
        var held = traffic.holding(old);
        if (held.connections() > 0)
            step.note(old.service() + " still has " + held + ", which get " + old.stopGraceSeconds() + " s to end");
    }

    /** A slow engine takes its time as well: the exit code is the proof. In the journal validate finds it again. */
    private void tellIfKilled(Container old, Console.Step step) {
        boolean ended = stack.engine().container(old.id()).filter(c -> c.exitCode() == KILLED).isEmpty();
        if (ended) return;
        step.fact("service", old.service()).fact("killedAfter", old.stopGraceSeconds());
        run.console()
            .warning(old.service() + " did not stop on SIGTERM: killed after " + old.stopGraceSeconds()
                + " s; " + Killed.FIX);
    }
    private static final int KILLED = 137;

    /**
     * Also when it does not run: a picture from a moment ago is no picture.
     * @throws Failure locked, when somebody else moved the traffic; (pre-flight) when it answers users
     */
    public void requireIdle() {
        traffic.requireLive();
        if (traffic.serving().routesTo(colour) && !traffic.serving().backed())
            throw Failure.preflight(colour + " gets traffic",
                "generation " + traffic.serving().number() + " routes to it", "switch " + colour.other() + "   first");
        Serving.requireIdle(stack, colour);
    }

    /** On an image, by its id. */
    public void start(String image, Version version) {
        run.step("start", Map.of("colour", colour.toString(), "id", image), step -> {
            var started = fill(image, version, step);
            stack.images().keepFor(colour, image);
            return started.service() + " runs " + version;
        });
    }

    /** Within a step: who takes the lock over meanwhile ends it. @throws Failure (locked) then */
    public Container fill(String image, Version version, Console.Step step) {
        try {
            return run.whileOurs(() -> stack.start(colour, image, version, step::progress));
        } catch (Failure f) {
            if (f.code == ExitCode.LOCKED) reviveIfLive();
            throw f;
        }
    }

    /**
     * An order of ours that was long on its way may hit a colour that somebody else has given the traffic meanwhile.
     * @throws Failure (locked) when that is so; it runs again then
     */
    private void reviveIfLive() {
        var live = Nginx.serving(stack.config()).filter(g -> g.active() == colour && !g.equals(traffic.serving()));
        if (live.isEmpty()) return;
        boolean runs = stack.container(colour).filter(Container::running).isPresent();
        if (!runs) stack.revive(colour, _ -> {});
        throw new Failure(ExitCode.LOCKED, "somebody else gave " + colour + " the traffic meanwhile", live.get().text()
            + (runs ? "" : "; this run had stopped it, and started it again"), "status");
    }

    /** Nothing when it is armed, or is not good. */
    public void arm(State after) {
        if (!traffic.serving().backed() && Serving.canBackUp(stack, colour)) traffic.failover(true, after);
    }
}
