package lib.traffic;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.journal.Journal;
import lib.nginx.Lock;

/**
 * One run of a script that changes something, under the lock: each step is in the journal before it begins and after
 * it ended, is shown to the person, and the run can be stopped between two of them. Before a step that changes
 * something, the lock must still be ours and the traffic where this run left it. Others are told how it goes.
 */
public final class Run {
    /** What a step does; returns what a person reads when it is done. */
    public interface Body { String run(Console.Step step) throws InterruptedException; }

    /** A step with a result. */
    public interface Yielding<T> { T run(Console.Step step) throws InterruptedException; }

    /** What must still be so in the moment before something is changed. */
    interface Fence { void check(); }

    private enum Kind { CHANGES, WAITS }

    /** What the run is, by its name in the journal. */
    public enum Command {
        DEPLOY, ABORT, SWITCH, RETIRE, SETTINGS, SMOKE, MONITOR;
        @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
    }

    private final Console console;
    private final Journal journal;
    private final Optional<Lock> lock;
    private final Command command;
    private final Others others;
    private final Interruption interruption = new Interruption();
    private Fence fence = () -> {};
    private boolean changed;             // a step that changes something has begun
    private boolean hooked;              // a hook has begun
    private boolean told;                // that the journal cannot be written

    private Run(Config config, Console console, Journal journal, Optional<Lock> lock, Command command,
        Map<String, ?> asked) {
        this.command = command;
        this.others = new Others(new Notify(config, console), journal.run(), command, asked);
        this.console = console;
        this.journal = journal;
        this.lock = lock;
    }

    /**
     * @param lock empty: it changes nothing that needs one
     * @param asked what the run is to do, for its first line in the journal; null values are left out
     */
    public static Run begin(Config config, Console console, Optional<Lock> lock, Command command,
        Map<String, ?> asked) {
        var facts = new LinkedHashMap<String, Object>(asked);
        facts.putAll(Origin.of(config, command == Command.DEPLOY || command == Command.SMOKE));
        facts.values().removeIf(v -> v == null);
        var run = new Run(config, console, Journal.of(config, command.toString()), lock, command, facts);
        run.write("run", "begin", facts);
        if (command == Command.DEPLOY) run.tellOthers(Notify.Event.START, Optional.empty());
        return run;
    }

    public String name() { return journal.run(); }
    public Console console() { return console; }
    void fencedBy(Fence check) { fence = check; }

    /** A step that changes something: begun, it ends or fails, whatever the person types meanwhile. */
    public void step(String name, Map<String, ?> facts, Body body) {
        step(name, facts, body, console::step, Kind.CHANGES);
    }
    public void step(String name, Body body) { step(name, Map.of(), body); }

    /** A step that only waits, or whose end nobody needs: Ctrl-C ends it at once. */
    public void patient(String name, Map<String, ?> facts, Body body) {
        step(name, facts, body, console::step, Kind.WAITS);
    }
    public void patient(String name, Body body) { patient(name, Map.of(), body); }

    /** The same, with what came of it; {@code shown}: as a person reads it. */
    public <T> T patient(String name, Yielding<T> body, Function<T, String> shown) {
        var came = new AtomicReference<T>();
        patient(name, step -> {
            came.set(body.run(step));
            return shown.apply(came.get());
        });
        return came.get();
    }

    /** A step that changes something and is not worth a line to a person. */
    public void quiet(String name, Map<String, ?> facts, Body body) {
        step(name, facts, body, console::quiet, Kind.CHANGES);
    }

    /** Part of a step that goes on outside when it has begun: somebody who takes the lock over ends it. */
    <T> T whileOurs(Supplier<T> action) { return lock.isPresent() ? lock.get().whileHeld(action) : action.get(); }

    /** A step of a resumed run that was done before: in this run's journal as well, for the next one that resumes. */
    public void skip(String name, Map<String, ?> facts, String reason) {
        tell(name, "done", facts);
        console.step(name).skip(reason);
    }

    /**
     * What follows a decision that stands: whatever goes wrong in it is a warning, and false.
     * @throws Failure only for a signal
     */
    public boolean settle(String what, Runnable steps) {
        try {
            steps.run();
            return true;
        } catch (RuntimeException e) {
            if (e instanceof Failure f && f.code.isInterruption()) throw f;
            console.warning(what + ": " + (e instanceof Failure f ? f.inOneLine() : "unexpected: " + e));
            return false;
        }
    }

    /** A step beside whatever else the run does; what goes wrong in it is told, and ends nothing. */
    public Beside beside(String name, Map<String, ?> facts, Body body) { return new Beside(this, name, facts, body); }

    /** @throws Failure the body's own; locked, when the lock or the traffic went to somebody else; interrupted */
    private void step(String name, Map<String, ?> facts, Body body, Function<String, Console.Step> shown, Kind kind) {
        interruption.check();
        if (kind == Kind.CHANGES) {
            write(name, "begin", facts);
            requireFence(name);
            changed = true;
        } else await(name, facts);
        var step = shown.apply(name);
        try {
            ended(name, step, kind == Kind.WAITS ? patiently(() -> body.run(step)) : body.run(step));
        } catch (InterruptedException e) {
            throw failed(name, step,
                new Failure(ExitCode.UNCONFIRMED, name + " was interrupted").next("status").causedBy(e));
        } catch (Failure f) {
            throw failed(name, step, f);
        } catch (RuntimeException e) {
            throw failed(name, step,
                new Failure(ExitCode.FAILED, name + ": unexpected: " + e).next("status").causedBy(e));
        }
    }

    /** What is not begun must not look as if it were cut off. */
    private void requireFence(String name) {
        try {
            fence.check();
        } catch (Failure f) {
            tell(name, "failed", Map.of("why", f.getMessage()));
            throw f;
        }
    }

    /** An engine that fails for a moment ends no watch: only somebody else's lock does. */
    private void await(String name, Map<String, ?> facts) {
        try {
            write(name, "begin", facts);
        } catch (Failure f) {
            if (f.code == ExitCode.LOCKED) throw f;
            console.warning(f.whatAndWhy());
        }
    }

    void ended(String name, Console.Step step, String result) {
        tell(name, "done", step.facts());
        step.done(result);
    }

    /**
     * A gate fails as well when somebody took the lock over and stopped the candidate: then that is the reason. A
     * verdict stands, and so does a switch that could not be confirmed: what follows them has a fence of its own.
     */
    private Failure failed(String name, Console.Step step, Failure f) {
        step.fact("why", f.getMessage()).fail(f.getMessage());
        try {
            boolean held = keep(name, "failed", step.facts());
            if (!held && f.code == ExitCode.FAILED) fence.check();
        } catch (Failure lost) {
            if (lost.code == ExitCode.LOCKED && f.code == ExitCode.FAILED) return lost.causedBy(f);
            console.warning(lost.whatAndWhy());
        }
        return f;
    }

    void failed(String name, Console.Step step, String why) {
        tell(name, "failed", step.fact("why", why).facts());
        step.fail(why);
    }

    interface Waiting { String run() throws InterruptedException; }

    /** What fails in a wait that a signal ended fails because of the signal. */
    String patiently(Waiting body) throws InterruptedException {
        interruption.waiting(true);
        try {
            return body.run();
        } catch (Failure | InterruptedException e) {
            interruption.check();
            throw e;
        } finally {
            interruption.waiting(false);
        }
    }

    void tellOthers(Notify.Event event, Optional<String> reason) { others.tell(event, reason); }

    /** Something was changed before it began. */
    public void changedBefore(boolean something) { changed |= something; }

    public boolean hasChanged() { return changed; }

    /** A failure as it is told when the run ends with it. */
    public Failure told(Failure f) { return f.after(changed || hooked); }

    /** A hook may change anything, a database say. */
    void hooked() { hooked = true; }

    /** How it ended; without a failure: well. */
    public void end(Optional<Failure> failure) {
        tell("run", "end", failure.<Map<String, ?>>map(this::asTold).orElse(Map.of("code", 0)));
        if (failure.isEmpty() && command == Command.DEPLOY) tellOthers(Notify.Event.SUCCESS, Optional.empty());
        failure.filter(f -> f.code != ExitCode.ROLLED_BACK)
            .ifPresent(f -> tellOthers(Notify.Event.FAILURE, Optional.of(f.getMessage())));
    }

    /** What the terminal says at the end, for the report to say the same. */
    private Map<String, ?> asTold(Failure f) {
        var facts = new LinkedHashMap<String, Object>(Map.of("code", f.code.code(), "why", f.getMessage()));
        f.why().ifPresent(why -> facts.put("detail", why.substring(Math.max(0, why.length() - DETAIL))));
        f.next().ifPresent(next -> facts.put("next", console.command(next)));
        return facts;
    }
    /** Characters: the last lines of a log, and what serves. */
    private static final int DETAIL = 4000;

    /** Waits a little until the others are told. */
    public void close() { others.close(); }

    boolean hasSignal() { return interruption.hasCome(); }

    /**
     * A signal that came with the last step ends the script, and not only this run of it.
     * @throws Failure (interrupted)
     */
    void requireNoSignal() { interruption.check(); }

    /** Before something is done: the line comes back through the lock, or somebody else has it. */
    private void write(String step, String phase, Map<String, ?> facts) {
        if (!keep(step, phase, facts)) requireNobodyElse();
    }

    /** After it was done: what cannot be written any more must not undo it. */
    void tell(String step, String phase, Map<String, ?> facts) {
        try {
            keep(step, phase, facts);
        } catch (Failure f) {
            console.warning(f.whatAndWhy());
        }
    }

    /** In both journals. Returns whether the lock was ours all the time. @throws Failure as the lock does */
    private boolean keep(String step, String phase, Map<String, ?> facts) {
        String line = journal.line(step, phase, facts);
        own(line);
        return lock.isEmpty() || lock.get().tell(line);
    }

    /** This checkout's journal: without it a rollback works all the same. */
    private synchronized void own(String line) {
        try {
            journal.append(line);
        } catch (Failure f) {
            if (!told) console.warning(f.whatAndWhy());
            told = true;
        }
    }

    /** The lock was lost and taken again: whoever had it meanwhile has a run in the journal beside the generations. */
    private void requireNobodyElse() {
        var shared = lock.orElseThrow().picture().runs();
        if (shared.isEmpty() || shared.getLast().name().equals(name())) {
            fence.check();
            return;
        }
        var other = shared.getLast();
        throw new Failure(ExitCode.LOCKED,
            "somebody else acted meanwhile: " + other.command() + " by "
                + Optional.ofNullable(other.asked("by")).orElse("?"),
            "its run is " + other.name() + "; this one stops here", "status");
    }
}
