package lib.deploy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lib.config.Way;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Threads;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.References;
import lib.nginx.Drain;
import lib.nginx.Reach;
import lib.session.Session;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Followers;
import lib.traffic.Gate;
import lib.traffic.Hooks;
import lib.traffic.Move;
import lib.traffic.Rollback;
import lib.traffic.Run;
import lib.traffic.Serving;
import lib.traffic.Standby;
import lib.traffic.TrafficSwitch;

/**
 * The traffic goes to the other colour, with all that belongs to it: gate, database, hooks, journal, drain. Under the
 * lock. {@code force}: whatever the target's health and the database say.
 */
public record Handover(Session session, Way via, boolean force, boolean drain) {

    /** To a colour by its name, and whatever runs there. */
    public void to(Colour to, Observed observed) throws InterruptedException {
        if (!observed.running(to))
            throw Failure.preflight(to + " is not running",
                observed.container(to).map(c -> "its container is " + c.status()).orElse("it has no container"),
                "deploy --target " + to + " --version VERSION");
        requireSchema(observed, to);
        var image = observed.container(to).map(Container::image);
        var going = new Going(observed, to, observed.version(to), image, Move.SWITCH, Optional.empty());
        through(going, (run, _) -> {
            requireHealth(to, observed.version(to));
            hooks(run, observed, to, observed.version(to), Optional.empty()).before("pre-switch");
            // it may have taken minutes
            if (session.config.hooks().containsKey("pre-switch")) requireHealth(to, observed.version(to));
            return observed.version(to);
        });
    }

    /**
     * Back to the last version that was good under traffic; what is needed for it is the engine. No hook is asked
     * before.
     * @param reason what is wrong with the version that is left, so that nobody goes back to it; empty: nothing is
     * known
     */
    public void back(Observed observed, Optional<String> reason) throws InterruptedException {
        var to = observed.serving().active().other();
        switch (Rollback.of(observed)) {
            case Rollback.Warm w ->
                back(observed, to, w.version(), observed.container(to).map(Container::image), reason,
                    (_, _) -> {});
            case Rollback.Cold c ->
                back(observed, to, c.version(), observed.container(to).map(Container::image),
                    reason, (run, traffic) -> {
                        new Standby(session.stack, run, traffic, to).stop("was being stopped");
                        revive(run, to, "was stopped");
                        gate(run, to, c.version());
                    });
            case Rollback.Kept k ->
                back(observed, to, k.version(), Optional.of(k.image().id()), reason, (run, traffic) -> {
                    requireCompose(k.version());
                    var standby = new Standby(session.stack, run, traffic, to);
                    standby.giveUp(observed.state());
                    standby.start(k.image().id(), k.version());
                    gate(run, to, k.version());
                });
            case Rollback.Impossible(String why) -> {
                if (!force) requireSchema(observed, to);
                if (!force || !observed.running(to)) throw new Failure(ExitCode.FAILED, "no way back", why, "status");
                session.console.warning("--force: " + why);
                back(observed, to, observed.version(to), observed.container(to).map(Container::image), reason,
                    (_, _) -> {});
            }
        }
    }

    private interface Warming { void of(Run run, TrafficSwitch traffic) throws InterruptedException; }

    private void back(Observed observed, Colour to, Version version, Optional<String> image, Optional<String> reason,
        Warming warming) throws InterruptedException {
        var going = new Going(observed, to, version, image, Move.ROLLBACK, reason);
        through(going, (run, traffic) -> {
            warming.of(run, traffic);
            return version;
        });
    }

    /** A kept image is started by compose: found broken now, and not when the standby is gone. */
    private void requireCompose(Version version) {
        var said = session.stack.compose(Duration.ofSeconds(30), "config", "--quiet");
        if (!said.ok())
            throw new Failure(ExitCode.FAILED, "the compose files are refused, and " + version + " is started by them",
                said.last(), "docker compose config");
        References.read(session.config);
    }

    private void revive(Run run, Colour to, String why) {
        run.step("start", Map.of("colour", to.toString()),
            step -> session.stack.revive(to, step::progress).service() + " " + why);
    }

    /**
     * An order from before this run may have been long on its way to the engine: what it stops is started once more.
     */
    private void gate(Run run, Colour to, Version version) {
        try {
            health(run, to, version);
        } catch (Failure f) {
            if (f.code != ExitCode.FAILED || session.stack.container(to).filter(Container::up).isPresent()) throw f;
            revive(run, to, "had stopped, and is started once more");
            health(run, to, version);
        }
    }

    private void health(Run run, Colour to, Version version) {
        run.patient("health",
            step -> new Gate(session.stack, to, version).require(step, to.other() + " still has the traffic."));
    }

    /** Where the traffic goes, from what. {@code image}: an id, where the target's container has one. */
    private record Going(Observed observed, Colour to, Version version, Optional<String> image, Move move,
        Optional<String> reason) {
        Map<String, Object> facts() {
            var serving = observed.serving();
            var facts = new HashMap<String, Object>(Map.of("to", to.toString(), "from",
                String.valueOf(serving.active()), "rollback", move == Move.ROLLBACK));
            facts.put("version", version.name().orElse(null));
            facts.put("imageId", image.orElse(null));
            facts.put("fromVersion", serving.version().name().orElse(null));
            facts.put("reason", reason.orElse(null));
            return facts;
        }
    }

    /** Makes the target fit to be switched to, and returns the version that it then has. */
    private interface Before { Version version(Run run, TrafficSwitch traffic) throws InterruptedException; }

    private void through(Going going, Before before) throws InterruptedException {
        var to = going.to();
        var left = to.other();
        var observed = going.observed();
        session.run(Run.Command.SWITCH, going.facts(), run -> {
            var traffic = new TrafficSwitch(session.config, run, session.nginx, observed.serving());
            var version = before.version(run, traffic);
            var next = traffic.next(to, mayFailOver(going), version, via);
            var after = State.of(next, Instant.now()).leaving(left, observed.version(left));
            traffic.move(going.move(), next, after, going.reason());
            if (going.reason().isEmpty())
                run.settle("failover", () -> new Standby(session.stack, run, traffic, left).arm(after));
            run.settle("after the " + going.move(),
                () -> hooks(run, observed, to, version, going.reason()).after(going.move().hook));
            run.settle("the workers", () -> new Followers(session.stack, run).go(to));
            if (drain) run.settle("drain", () -> drain(run, observed, left));
            return ExitCode.DONE.code();
        });
    }

    /**
     * Whether the colour that is left can be the backup from the start. A rollback waits for nobody, as it may hang:
     * then it is armed later, if it turns out to be good.
     */
    private boolean mayFailOver(Going going) {
        var left = going.to().other();
        if (going.move() == Move.SWITCH) return Serving.canBackUp(session.stack, left);
        var containers = going.observed().containers();
        return going.reason().isEmpty()
            && Threads.ask(() -> Serving.canBackUp(session.stack, containers, left))
                .exceptionally(_ -> false)
                .completeOnTimeout(false, MOMENT.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
    /** For an app that is well to say so. */
    private static final Duration MOMENT = Duration.ofMillis(50);

    private void drain(Run run, Observed observed, Colour left) {
        if (observed.running(left))
            run.patient("drain", step -> Drain.watch(session.nginx, observed.container(left).orElseThrow(),
                session.config.drain(), step));
    }

    private Hooks hooks(Run run, Observed observed, Colour to, Version version, Optional<String> reason) {
        return Hooks.of(session.config, run, Set.of())
            .with("VERSION", version.name().orElse(null))
            .with("TARGET", to)
            .with("ACTIVE", observed.serving().active())
            .with("ACTIVE_VERSION", observed.serving().version().name().orElse(null))
            .with("REASON", reason.orElse(null));
    }

    /** The traffic does not move to a target that could not serve. */
    private void requireHealth(Colour to, Version version) {
        if (force) {
            session.console.warning("--force: the health of " + to + " is not checked");
            return;
        }
        var wrong = new Gate(session.stack, to, version).now();
        if (wrong.isPresent())
            throw Failure.preflight(to + " is not healthy: " + wrong.get())
                .next("health " + Reach.healthUrl(session.config, to) + "   (or --force)");
    }

    private void requireSchema(Observed observed, Colour to) {
        var conflict = observed.schemaConflict();
        if (conflict.isEmpty()) return;
        if (!force)
            throw Failure.preflight("the database may not fit " + to, conflict.get(),
                "deploy a fixed version instead, or know that the database still fits: --force");
        session.console.warning("--force: " + conflict.get() + "; " + to + " may fail on this database");
    }
}
