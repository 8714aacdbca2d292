package lib.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.nginx.Generation;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.stack.Stack;
import lib.state.Failover;
import lib.state.Observed;
import lib.state.State;

/**
 * Under the lock, before a script changes anything: what no longer agrees is put in order, and said. The workers are
 * right; what serves is never stopped.
 */
public final class Reconciler implements AutoCloseable {
    private final Config config;
    private final Console console;
    private final Nginx nginx;
    private final Lock lock;
    private final Runnable changing;
    private final Stack stack;
    private final Notify others;
    private Observed found;
    private Optional<Colour> preferred = Optional.empty();

    /** @param changing called before something else than the state file is put in order */
    public Reconciler(Stack stack, Console console, Nginx nginx, Lock lock, Runnable changing) {
        this.config = stack.config();
        this.console = console;
        this.nginx = nginx;
        this.lock = lock;
        this.changing = changing;
        this.stack = stack;
        this.others = new Notify(config, console);
    }

    /** The colour that a person has named, for when nothing else tells which one should have the traffic. */
    public Reconciler preferring(Optional<Colour> named) {
        preferred = named;
        return this;
    }

    /** @throws Failure (unconfirmed) when nothing tells which colour should have the traffic */
    public Observed observed() throws InterruptedException {
        // The lock's picture is from before anything was done under it.
        var observed = found == null ? Observed.read(stack, lock.picture()) : Observed.read(stack);
        found = observed;
        observed.unreadable().ifPresent(console::warning);
        tellOfFailover(observed);
        if (observed.serving().active() == null) observed = generationMissing(observed);
        else if (observed.picture().disk().current() != observed.serving().number())
            observed = attempted(observed, this::linkAstray);
        if (observed.active().isEmpty() && observed.serving().version().isKnown())
            observed = attempted(observed, this::everythingStopped);
        return stateFile(observed);
    }

    private interface Mend { Observed of(Observed observed) throws InterruptedException; }

    /** What cannot be mended must not block the way back. */
    private Observed attempted(Observed observed, Mend mend) throws InterruptedException {
        try {
            return mend.of(observed);
        } catch (Failure f) {
            if (f.code.isInterruption() || f.code == ExitCode.LOCKED) throw f;
            console.warning(f.whatAndWhy());
            return Observed.read(stack);
        }
    }

    /** As it was before anything was put in order. */
    public Observed asFound() { return found; }

    /** A log that cannot be read holds up nothing. */
    private void tellOfFailover(Observed observed) {
        try {
            Failover.of(observed).ifPresent(f -> {
                console.warning(f.text());
                others.send(Notify.Event.FAILOVER,
                    Map.of("target", f.by().other().toString(), "active", f.by().toString(), "reason", f.text()));
            });
        } catch (Failure f) {
            console.warning(f.whatAndWhy());
        }
    }

    /**
     * Everything of the above, and a colour that answers takes over from one that does not, as Nginx does request by
     * request.
     */
    public Observed observedWithTrafficOnTheLiving() throws InterruptedException {
        var observed = observed();
        var active = observed.serving().active();
        if (observed.active().isEmpty()) return observed;
        var wrong = Serving.wrong(observed, active);
        if (wrong.isEmpty()) return observed;
        console.warning(wrong.get());
        // asked for seconds meanwhile
        if (!Serving.answersUsers(Observed.read(stack), active.other())) return observed;
        takeOver(observed, active.other(), wrong.get());
        return stateFile(Observed.read(stack));
    }

    /** As any switch: in the journal, verified through the workers. */
    private void takeOver(Observed observed, Colour to, String why) {
        var facts = new HashMap<String, Object>(
            Map.of("to", to.toString(), "from", to.other().toString(), "byItself", true));
        facts.put("version", observed.version(to).name().orElse(null));
        facts.put("imageId", observed.container(to).map(Container::image).orElse(null));
        facts.put("fromVersion", observed.serving().version().name().orElse(null));
        var run = Run.begin(config, console, Optional.of(lock), Run.Command.SWITCH, facts);
        try {
            changing.run();
            var traffic = new TrafficSwitch(config, run, nginx, observed.serving());
            var next = traffic.next(to, false, observed.version(to), config.switching());
            traffic.move(Move.SWITCH, next,
                State.of(next, Instant.now()).leaving(to.other(), observed.version(to.other())),
                Optional.of(why));
            run.end(Optional.empty());
        } catch (Failure f) {
            var told = run.told(f);
            run.end(Optional.of(told));
            throw told;
        } finally {
            run.close();
        }
        run.requireNoSignal();
    }

    /** The link names another generation than the workers serve: a restart of Nginx would follow it. */
    private Observed linkAstray(Observed observed) {
        console.warning("active/current names another generation than the workers serve: " + observed.serving().number()
            + " is put back");
        changing.run();
        nginx.install(observed.serving().renumbered(nextAfter(observed)), observed.serving());
        return Observed.read(stack);
    }

    /**
     * active/current is missing or dangling, and whatever is alive serves: the last generation on the disk tells, then
     * the state file, then what runs.
     */
    private Observed generationMissing(Observed observed) {
        var known = Stream.of(preferred, nginx.onDisk(observed.picture().disk().highest()).map(Generation::active),
            observed.file().state().map(State::active)).flatMap(Optional::stream).findFirst();
        var running = Stream.of(Colour.values()).filter(observed::running).toList();
        var to = known.filter(c -> running.isEmpty() || running.contains(c))
            .or(() -> running.size() == 1 ? Optional.of(running.getFirst()) : Optional.empty());
        if (to.isEmpty() && running.size() > 1)
            throw new Failure(ExitCode.UNCONFIRMED, "the workers have no generation, so whatever is alive serves",
                "active/ was emptied and no state file says which colour had the traffic",
                "switch blue   or   switch green");
        console.warning("active/current is missing or dangling: " + to.orElse(Colour.BLUE) + " gets the traffic again");
        install(observed, to.orElse(Colour.BLUE));
        return Observed.read(stack);
    }

    /** A host that was rebooted, or a "docker stop" of everything: the colour that had the traffic is started. */
    private Observed everythingStopped(Observed observed) throws InterruptedException {
        var active = observed.serving().active();
        if (observed.container(active).isEmpty() && stack.pinnedImage(active).isEmpty()) return observed;
        var step = console.step("repair");
        changing.run();
        step.note(active + " had the traffic and is stopped, as " + active.other() + " is: starting it");
        var gate = new Gate(stack, active, stack.revive(active, step::progress).version());
        switch (gate.await(config.health().timeout(), step::note)) {
            case Gate.Outcome.Passed _ -> step.done(active + " was stopped and runs again");
            case Gate.Outcome.Failed(String why) -> step.fail(active + " was started again, but " + why);
        }
        return Observed.read(stack);
    }

    private void install(Observed observed, Colour to) {
        changing.run();
        nginx.install(Generation.all(nextAfter(observed), to, false, observed.version(to), config.switching()),
            observed.serving());
    }

    private long nextAfter(Observed observed) {
        return Math.max(nginx.next(), observed.file().state().map(State::generation).orElse(0L) + 1);
    }

    private Observed stateFile(Observed observed) {
        if (observed.file() instanceof State.Read.Newer(String format))
            throw Failure.usage("the state file is from a newer bluegreen (format " + format + ")",
                "this one would lose what it says",
                "update bluegreen, or move " + State.file(config.project()) + " away");
        if (observed.drift().isEmpty()) return observed;
        for (String d : observed.drift()) console.warning(d + ": repaired from the workers");
        var active = observed.serving().active();
        var since = observed.file().state()
            .filter(s -> s.active() == active)
            .flatMap(State::lastSwitch)
            .filter(at -> at.isBefore(Instant.now().plus(Duration.ofMinutes(1))));
        var state = State.of(observed.serving(), since.orElseGet(Instant::now));
        observed.container(active.other())
            .filter(Container::running)
            .map(c -> state.leaving(active.other(), c.version()))
            .orElse(state)
            .keep(config.project(), console);
        return Observed.read(stack);
    }

    /** Waits a little until the others are told. */
    @Override public void close() { others.close(); }
}
