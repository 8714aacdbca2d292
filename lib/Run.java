package lib;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * One run of a script that changes something, under the lock: each step is in the journal before it begins and after
 * it ended, is shown to the person, and the run can be stopped between two of them. Others are told how it goes.
 */
public final class Run {
    /** What a step does; returns what a person reads when it is done. */
    public interface Body { String run(Console.Step step) throws InterruptedException; }

    private final Config config;
    private final Console console;
    private final Journal journal;
    private final Lock lock;
    private final String command;
    private final Map<String, ?> asked;
    private final Notify others;
    private final Interruption interruption = new Interruption();

    private Run(Config config, Console console, Journal journal, Lock lock, String command, Map<String, ?> asked) {
        this.command = command;
        this.asked = asked;
        this.others = new Notify(config, console);
        this.config = config;
        this.console = console;
        this.journal = journal;
        this.lock = lock;
    }

    /** @param lock null: it changes nothing that needs one; @param asked what the run is to do, for its first line in the journal; null values are left out */
    public static Run begin(Config config, Console console, Lock lock, String command, Map<String, ?> asked) {
        var facts = new LinkedHashMap<String, Object>(asked);
        facts.values().removeIf(v -> v == null);
        var run = new Run(config, console, Journal.of(config, command), lock, command, facts);
        run.journal.write("run", "begin", facts);
        if (command.equals("deploy")) run.tellOthers(Notify.Event.START, null);
        return run;
    }

    public String name() { return journal.run(); }
    public Console console() { return console; }

    /** A step that changes something: begun, it ends or fails, whatever the person types meanwhile. */
    public void step(String name, Map<String, ?> facts, Body body) { step(name, facts, body, console::step, false); }
    public void step(String name, Body body) { step(name, Map.of(), body); }

    /** A step that only waits, or whose end nobody needs: Ctrl-C ends it at once. */
    public void patient(String name, Map<String, ?> facts, Body body) { step(name, facts, body, console::step, true); }
    public void patient(String name, Body body) { patient(name, Map.of(), body); }

    /** A step that is not worth a line to a person. */
    public void quiet(String name, Map<String, ?> facts, Body body) { step(name, facts, body, console::quiet, false); }

    /** A step of a resumed run that was done before: in this run's journal as well, for the next one that resumes. */
    public void skip(String name, Map<String, ?> facts, String reason) {
        journal.write(name, "done", facts);
        console.step(name).skip(reason);
    }

    /** @throws Failure the body's own; locked, when the lock went to somebody else; interrupted */
    private void step(String name, Map<String, ?> facts, Body body, Function<String, Console.Step> shown, boolean patient) {
        interruption.check();
        if (lock != null) lock.keep();
        journal.write(name, "begin", facts);
        var step = shown.apply(name);
        try {
            var result = patient ? patiently(body, step) : body.run(step);
            tell(name, "done", step.facts());
            step.done(result);
        } catch (Failure | InterruptedException e) {
            var f = e instanceof Failure own ? own : new Failure(ExitCode.UNCONFIRMED, name + " was interrupted", null, "status", e);
            tell(name, "failed", step.fact("why", f.getMessage()).facts());
            step.fail(f.getMessage());
            throw f;
        }
    }

    /** What fails in a wait that a signal ended fails because of the signal. */
    private String patiently(Body body, Console.Step step) throws InterruptedException {
        interruption.waiting(true);
        try {
            return body.run(step);
        } catch (Failure | InterruptedException e) {
            interruption.check();
            throw e;
        } finally {
            interruption.waiting(false);
        }
    }

    /** @param reason may be null */
    void tellOthers(Notify.Event event, String reason) {
        var facts = new HashMap<String, String>();
        facts.put("run", name());
        facts.put("reason", reason);
        boolean back = command.equals("switch") && event == Notify.Event.ROLLBACK;      // there, what serves again is the target
        String serves = back ? "to" : "from", itsVersion = back ? "version" : "fromVersion";
        facts.put("target", said(back ? "from" : "to"));
        facts.put("version", said(back ? "fromVersion" : "version"));
        if (event != Notify.Event.SUCCESS && said(itsVersion) != null) {
            facts.put("active", said(serves));
            facts.put("active_version", said(itsVersion));
        }
        others.send(event, facts);
    }

    private String said(String what) { return asked.containsKey(what) ? asked.get(what).toString() : null; }

    /** How it ended; {@code failure} null: well. */
    public void end(Failure failure) {
        tell("run", "end", failure == null ? Map.of("code", 0) : Map.of("code", failure.code.code(), "why", failure.getMessage()));
        if (failure == null && command.equals("deploy")) tellOthers(Notify.Event.SUCCESS, null);
        if (failure != null && failure.code != ExitCode.ROLLED_BACK) tellOthers(Notify.Event.FAILURE, failure.getMessage());
    }

    /** Waits a little until the others are told. */
    public void close() { others.close(); }

    /** A journal that cannot be written any more must not undo what was done. */
    private void tell(String step, String phase, Map<String, ?> facts) {
        try {
            journal.write(step, phase, facts);
        } catch (Failure f) {
            console.warning(f.getMessage() + ": " + f.why);
        }
    }
}
