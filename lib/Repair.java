package lib;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Under the lock, before a script changes anything: what no longer agrees is put in order, and said. The workers are
 * right; what serves is never stopped.
 */
public final class Repair {
    private final Config config;
    private final Console console;
    private final Nginx nginx;
    private final Stack stack;

    public Repair(Config config, Console console, Nginx nginx) {
        this.config = config;
        this.console = console;
        this.nginx = nginx;
        this.stack = new Stack(config);
    }

    /** @throws Failure (unconfirmed) when nothing tells which colour should have the traffic */
    public Truth truth() throws InterruptedException {
        var truth = Truth.read(config);
        Failover.of(truth).ifPresent(this::tell);
        if (truth.serving().active() == null) truth = generationMissing(truth);
        if (truth.active().isEmpty() && truth.serving().version() != null) truth = everythingStopped(truth);
        return stateFile(truth);
    }

    private void tell(Failover failover) {
        console.warning(failover.text());
        try (var others = new Notify(config, console)) {
            others.send(Notify.Event.FAILOVER, Map.of("target", failover.by().other().toString(), "active", failover.by().toString(), "reason", failover.text()));
        }
    }

    /** Everything of the above, and a colour that lives takes over from one that is dead, as Nginx has done by itself. */
    public Truth truthWithTrafficOnTheLiving() throws InterruptedException {
        var truth = truth();
        var active = truth.serving().active();
        if (truth.running(active) || !truth.running(active.other())) return truth;
        console.warning(active + " has the traffic but does not run; " + active.other() + " takes it over");
        install(truth, active.other());
        return stateFile(Truth.read(config));
    }

    /** active/current is missing or dangling, and whatever is alive serves: the last generation on the disk tells, then the state file, then what runs. */
    private Truth generationMissing(Truth truth) {
        var known = Stream.of(nginx.onDisk(nginx.disk().highest()).map(Generation::active), truth.file().state().map(State::active)).flatMap(Optional::stream).findFirst();
        var running = Stream.of(Color.values()).filter(truth::running).toList();
        var to = known.filter(c -> running.isEmpty() || running.contains(c)).or(() -> running.size() == 1 ? Optional.of(running.getFirst()) : Optional.empty());
        if (to.isEmpty() && running.size() > 1)
            throw new Failure(ExitCode.UNCONFIRMED, "the workers have no generation, so whatever is alive serves", "active/ was emptied and no state file says which colour had the traffic", "switch blue   or   switch green");
        console.warning("active/current is missing or dangling: " + to.orElse(Color.BLUE) + " gets the traffic again");
        install(truth, to.orElse(Color.BLUE));
        return Truth.read(config);
    }

    /** A host that was rebooted, or a "docker stop" of everything: the colour that had the traffic is started. */
    private Truth everythingStopped(Truth truth) throws InterruptedException {
        var active = truth.serving().active();
        if (truth.container(active).isEmpty() && stack.pinnedImage(active).isEmpty()) return truth;
        var step = console.step("repair");
        step.note(active + " had the traffic and is stopped, as " + active.other() + " is: starting it");
        var passed = new Gate(config, active, stack.revive(active, step::progress).version()).await(config.health().timeout(), step::note);
        if (passed.wrong() == null) step.done(active + " was stopped and runs again");
        else step.fail(active + " was started again, but " + passed.wrong());
        return Truth.read(config);
    }

    private void install(Truth truth, Color to) {
        long number = Math.max(nginx.next(), truth.file().state().map(State::generation).orElse(0L) + 1);
        nginx.install(Generation.all(number, to, false, truth.version(to), config.switching()), truth.serving());
    }

    private Truth stateFile(Truth truth) {
        if (truth.file() instanceof State.Read.Newer(String format))
            throw Failure.usage("the state file is from a newer bluegreen (format " + format + ")", "this one would lose what it says",
                "update bluegreen, or move " + State.file(config.project()) + " away");
        if (truth.drift().isEmpty()) return truth;
        for (String d : truth.drift()) console.warning(d + ": repaired from the workers");
        var active = truth.serving().active();
        var since = truth.file().state().filter(s -> s.active() == active).map(State::lastSwitch).filter(at -> at.isBefore(Instant.now().plus(Duration.ofMinutes(1))));
        new State(active, truth.running(active.other()) ? active.other() : null, since.orElse(Instant.now()), truth.serving().version(), true,
            truth.serving().number(), truth.container(active.other()).map(Docker.Container::version).orElse(null)).write(config.project());
        return Truth.read(config);
    }
}
