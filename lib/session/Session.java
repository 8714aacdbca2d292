package lib.session;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.incident.Incident;
import lib.journal.Retention;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.report.Report;
import lib.stack.SharedServices;
import lib.stack.Stack;
import lib.state.Observed;
import lib.traffic.Reconciler;
import lib.traffic.Run;

/**
 * What every script that changes something goes through: lock → picture → begin → its steps → end → evidence, and when
 * the lock is free again: report and notifications. However it ends, it ends in this order.
 */
public final class Session {
    /** Who comes, and for what. {@code startsStack}: Nginx and the data services too, where they do not run. */
    public record Request(Config config, Console console, String doing, Lock.Patience patience, boolean startsStack) {}

    /** What is done under the lock; returns the exit code. */
    public interface Work { int with(Session session) throws InterruptedException; }

    /** What a run does between its first and its last line in the journal; returns the exit code. */
    public interface Steps { int of(Run run) throws InterruptedException; }

    public final Config config;
    public final Console console;
    public final Stack stack;
    public final Nginx nginx;
    private final Lock lock;
    private final Reconciler reconciler;
    private final List<Run> ended = new ArrayList<>();
    private boolean changed;        // something was started, or put in order, before a run began

    private Session(Request request, Stack stack, Container container, Lock lock, boolean started) {
        this.config = request.config();
        this.console = request.console();
        this.stack = stack;
        this.nginx = new Nginx(config, stack.engine(), container, lock);
        this.lock = lock;
        this.reconciler = new Reconciler(stack, console, nginx, lock, () -> changed = true);
        this.changed = started;
    }

    /** @throws Failure the work's own; locked; (pre-flight) when Nginx does not run, only if nothing was changed */
    public static int hold(Request request, Work work) throws InterruptedException {
        var stack = new Stack(request.config());
        boolean started = request.startsStack() && new SharedServices(stack).start(request.console().step("stack"));
        try {
            var container = stack.nginx();
            var lock = Lock.take(stack.engine(), container, request.doing(), request.patience(), request.console());
            return new Session(request, stack, container, lock, started).through(work);
        } catch (Failure f) {
            throw f.after(started);
        }
    }

    private int through(Work work) throws InterruptedException {
        try {
            return work.with(this);
        } catch (Failure f) {
            throw f.after(changed);
        } finally {
            lock.close();
            ended.forEach(run -> leave(config, console, run));
            reconciler.close();
        }
    }

    /** The picture, put in order. @param named the colour that a person has named, for when nothing else tells */
    public Observed observed(Optional<Colour> named) throws InterruptedException {
        return reconciler.preferring(named).observed();
    }

    /** The same; and a colour that answers takes over from one that does not. */
    public Observed observedWithTrafficOnTheLiving() throws InterruptedException {
        return reconciler.observedWithTrafficOnTheLiving();
    }

    /** As it was before anything was put in order. */
    public Observed asFound() { return reconciler.asFound(); }

    /** @param facts what it is to do, for its first line in the journal */
    public Run begin(Run.Command command, Map<String, ?> facts) {
        try {
            Retention.journal(config);
        } catch (IOException e) {
            console.warning("the journal stays as long as it is: " + e);
        }
        var run = Run.begin(config, console, Optional.of(lock), command, facts);
        ended.add(run);
        run.changedBefore(changed);
        return run;
    }

    /** Begin → steps → end → evidence. */
    public int run(Run.Command command, Map<String, ?> facts, Steps steps) throws InterruptedException {
        var run = begin(command, facts);
        return toItsEnd(run, () -> steps.of(run), run::told);
    }

    /** Steps of a run that the caller has begun; returns the exit code. */
    public interface Body { int run() throws InterruptedException; }

    /** What is done when it does not end well, and what is told then. */
    public interface Ending { Failure of(Failure failure) throws InterruptedException; }

    /** Steps → end → evidence, of a run that has begun. */
    public int toItsEnd(Run run, Body steps, Ending ending) throws InterruptedException {
        return toItsEnd(stack, console, run, steps, ending);
    }

    /** A run that changes nothing itself, and so needs no lock. */
    public static int withoutLock(Stack stack, Console console, Run.Command command, Map<String, ?> facts, Steps steps)
        throws InterruptedException {
        var run = Run.begin(stack.config(), console, Optional.empty(), command, facts);
        try {
            return toItsEnd(stack, console, run, () -> steps.of(run), run::told);
        } finally {
            leave(stack.config(), console, run);
        }
    }

    private static final Set<ExitCode> EVIDENCE = Set.of(ExitCode.UNHEALTHY, ExitCode.FAILED, ExitCode.ROLLED_BACK,
        ExitCode.UNCONFIRMED);

    private static int toItsEnd(Stack stack, Console console, Run run, Body steps, Ending ending)
        throws InterruptedException {
        try {
            int code = steps.run();
            run.end(Optional.empty());
            return code;
        } catch (Failure f) {
            var told = ending.of(f);
            run.end(Optional.of(told));
            // Under the lock, before anything is removed: a container takes its log along.
            if (EVIDENCE.contains(told.code)) Incident.keep(stack, console, run.name());
            throw told;
        }
    }

    /** What a run that ended leaves behind. The others are told meanwhile. */
    private static void leave(Config config, Console console, Run run) {
        try {
            var report = Report.write(config, run.name());
            var here = Path.of("").toAbsolutePath();
            console.line(console.dim("  report   " + (report.startsWith(here) ? here.relativize(report) : report)));
            console.event("report", Map.of("file", report.toString()));
        } catch (Failure f) {
            console.warning(f.whatAndWhy());
        } catch (RuntimeException e) {
            console.warning("there is no report: unexpected: " + e);       // what the run did stands
        } finally {
            run.close();
        }
    }
}
