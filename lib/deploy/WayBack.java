package lib.deploy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.When;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.state.Attempt;
import lib.state.State;
import lib.traffic.Beside;
import lib.traffic.Gate;
import lib.traffic.Move;

/** Undoing a deploy: the traffic first, then the containers, then Nginx's backup. */
public final class WayBack {
    /** For an engine that restarts meanwhile. */
    private static final Duration GIVE_UP = Duration.ofSeconds(60);

    private final Deployment d;
    private final Colour left;
    private Optional<String> bad = Optional.empty();        // what the watch has found, until the rollback is done

    public WayBack(Deployment deployment) {
        this.d = deployment;
        this.left = d.to.other();
    }

    /** A colour that runs; as it was at the beginning when the engine does not say: the watch goes on. */
    Optional<Container> running(Colour colour) {
        try {
            return d.stack.running(colour);
        } catch (Failure f) {
            d.console.warning("the old colour cannot be seen: " + f.getMessage());
            return d.plan.observed().container(colour).filter(Container::running);
        }
    }

    /**
     * From a bad version.
     * @param drain of the colour that gets the traffic again: it ends with the rollback. Returns what became of it
     */
    Failure rollBack(String reason, Optional<Beside> drain, List<Beside> beside) throws InterruptedException {
        bad = Optional.of(reason);
        boolean moves = d.serving().active() != left;
        if (moves && running(left).isEmpty())
            return stays(reason, left + " does not run, so " + d.to + " keeps the traffic");
        if (moves && new Gate(d.stack, left, old()).now().isPresent() && d.isHealthy())
            return stays(reason, left + " does not answer, so " + d.to + " keeps the traffic");
        for (long end = System.nanoTime() + GIVE_UP.toNanos(); d.serving().active() != left;) try {
            var next = d.traffic.next(left, false, old(), d.attempt.via());
            d.traffic.move(Move.ROLLBACK, next, d.after(next, false), Optional.of(reason));
        } catch (Failure f) {
            if (f.code == ExitCode.LOCKED || f.code.isInterruption()) throw f;
            if (System.nanoTime() > end)
                throw new Failure(ExitCode.UNCONFIRMED, d.version + " is bad and could not be rolled back: " + reason,
                    f.getMessage(), "switch --rollback").causedBy(f);
            d.console.warning(f.getMessage() + ": again");
            Thread.sleep(1000);
        }
        if (running(left).isPresent()) d.run.settle("the workers", () -> d.followers.back(left));
        // The traffic is back: what still runs beside may come to its own end, unless a signal ends it.
        drain.ifPresent(Beside::cancel);
        d.run.settle("what ran beside", () -> beside.forEach(Beside::awaitOrCancel));
        tell("post-rollback", reason);
        return new Failure(ExitCode.ROLLED_BACK, d.version + " was rolled back: " + reason,
            left + " serves " + old() + " as before", "incident   tells why");
    }

    private Failure stays(String reason, String why) {
        return new Failure(ExitCode.UNHEALTHY, d.version + " is not well: " + reason, why, "status");
    }

    private Version old() { return d.attempt.fromVersion().orElse(Version.UNKNOWN); }

    /** A hook behind a decision that stands: a signal only ends the hook. */
    private void tell(String hook, String reason) {
        try {
            d.hooks().with("REASON", reason).after(hook);
        } catch (Failure signalled) {
            d.console.warning("the hook " + hook + " was ended before its time");
        }
    }

    /** The deploy that was cut off, or failed, is undone. */
    public int abort() throws InterruptedException {
        var before = d.plan.before().orElseThrow();
        var console = d.console;
        console.line(console.bold(d.config.app()) + " back to how it was before " + d.version
            + console.dim("   it " + before.how()));
        boolean moved = d.attempt.first() ? d.serving().version().is(d.version) : d.serving().active() == d.to;
        if (moved) moveBack();
        if (d.attempt.first()) d.standby.stop("stopped");
        else restore();
        Migration.tellIfRunning(d.stack, console);
        var facts = new HashMap<String, Object>(Map.of("active", String.valueOf(d.serving().active())));
        facts.put("version", d.serving().version().name().orElse(null));
        console.event("aborted", facts);
        console.line("\n" + (d.attempt.first()
            ? "Nothing serves, as before."
            : console.of(left) + (isRunning(left) ? " serves " : " has the traffic but does not run: ")
                + d.serving().version() + ", as before " + d.version + "."));
        return ExitCode.DONE.code();
    }

    private boolean isRunning(Colour colour) {
        return d.stack.container(colour).filter(Container::running).isPresent();
    }

    private void moveBack() throws InterruptedException {
        if (d.attempt.first())
            throw Failure.preflight("nothing served before " + d.version, "there is no picture to go back to",
                "deploy --resume");
        var observed = d.plan.observed();
        var conflict = observed.schemaConflict();
        if (conflict.isPresent() && !d.attempt.force())
            throw Failure.preflight("the database may not fit " + left, conflict.get(),
                "deploy --resume, or know that the database still fits: deploy --abort --force");
        if (!observed.running(left))
            d.run.step("start", step -> d.stack.revive(left, step::progress).service() + " was stopped");
        d
            .run.patient("health",
                step -> new Gate(d.stack, left, old()).require(step, d.to + " goes on serving " + d.version + "."));
        var back = rollBack("undone", Optional.empty(), List.of());
        if (d.serving().active() == d.to) throw back;
    }

    /** The standby as it was before this deploy, and Nginx's backup again if it was. */
    private void restore() throws InterruptedException {
        d.run.settle("the workers", () -> d.followers.back(left));
        var was = d.attempt.standby();
        var asBefore = d
            .stack.container(d.to)
            .filter(c -> c.running() && was.filter(w -> w.image().equals(c.image())).isPresent());
        if (asBefore.isEmpty()) {
            d.standby.free(asItIs());
            was.filter(w -> d.stack.images().find(w.image()).isPresent()).ifPresent(this::refill);
        }
        if (d.attempt.backed()) d.standby.arm(asItIs());
    }

    /** Stopped as it was, the colour is a way back all the same: its container is there. */
    private void refill(Attempt.Was was) {
        var its = was.version();
        if (!was.ran()) {
            d.run.step("create", Map.of("colour", d.to.toString(), "id", was.image()), _ -> {
                d.stack.create(d.to, was.image(), its);
                return d.config.service(d.to) + " is on " + its + " again, stopped as before";
            });
            return;
        }
        d.standby.start(was.image(), its);
        d
            .run.patient("health",
                step -> new Gate(d.stack, d.to, its).require(step, left + " serves " + d.serving().version() + "."));
    }

    /** The picture from the beginning holds while the traffic is where it was. */
    private State asItIs() {
        var observed = d.plan.observed();
        return d.serving().active() == observed.serving().active() ? observed.state() : d.after(d.serving(), false);
    }

    /** What a person is told when it did not end well; after a signal, also when what safety asks for goes wrong. */
    public Failure ended(Failure f) throws InterruptedException {
        if (f.code.isInterruption()) return d.run.told(afterSignal(f.code));
        // Those that went first: follow-when: switch.
        if (f.code != ExitCode.LOCKED && d.config.follow().when() == When.SWITCH && d.serving().active() == left)
            d.run.settle("the workers", () -> d.followers.back(left));
        var told = unarmed(d.run.told(f));
        if (f.code != ExitCode.LOCKED) tell("on-failure", f.getMessage());
        return told;
    }

    /** Where the standby was taken for the new version, nobody steps in for what serves until it is put back. */
    private Failure unarmed(Failure f) {
        boolean lost = f.code == ExitCode.FAILED
            && d.attempt.backed()
            && !d.serving().backed()
            && d.serving().active() == left;
        if (!lost) return f;
        return f.why(f.why().map(why -> why + "\n").orElse("") + left + " has no backup meanwhile: "
            + d.console.command("deploy --abort") + " puts " + d.to + " back as it was");
    }

    private Failure afterSignal(ExitCode code) throws InterruptedException {
        try {
            return interrupted(code);
        } catch (Failure f) {
            return f;
        }
    }

    /** Ended by a signal: the traffic stays on a healthy colour, and a standby that was touched is put back. */
    private Failure interrupted(ExitCode code) throws InterruptedException {
        boolean moved = d.serving().active() == d.to && d.serving().version().is(d.version);
        boolean goesBack = moved
            && !d.attempt.first()
            && !d.isOneWay()
            && (bad.isPresent() || !d.isHealthy());
        if (goesBack)
            return rollBack(bad.orElse("stopped before it was watched, and it is not healthy"), Optional.empty(),
                List.of());
        boolean touched = !moved && d.run.hasChanged();
        boolean isPutBack = touched
            && !d.attempt.first()
            && d.run.settle("the standby could not be put back", this::putBack);
        return new Failure(code, "stopped", moved ? served() : serves(),
            isPutBack
                ? "deploy --resume   (goes on)"
                : "deploy --resume   (goes on)   or   deploy --abort   (undoes it)");
    }

    private String served() {
        return d.to + " serves " + d.version
            + (d.isHealthy()
                ? ", healthy but not watched to the end"
                : ", and is not healthy");
    }

    private String serves() {
        if (d.attempt.first()) return "nothing serves yet";
        boolean untouched = !d.plan.goesOn() && d.traffic.moved().isEmpty();
        return left + " serves " + old() + (untouched ? "; no request went to " + d.version : "");
    }

    private void putBack() {
        d.run.quiet("restore", Map.of(), _ -> {
            restore();
            return d.to + " is as it was before";
        });
    }
}
