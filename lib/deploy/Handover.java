package lib.deploy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Docker;
import lib.nginx.Drain;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.nginx.Reach;
import lib.stack.Stack;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Gate;
import lib.traffic.Hooks;
import lib.traffic.Rollback;
import lib.traffic.Run;
import lib.traffic.Serving;
import lib.traffic.Standby;
import lib.traffic.TrafficSwitch;

/**
 * The traffic goes to the other colour, with all that belongs to it: gate, database, hooks, journal, drain. Under the lock.
 * {@code force}: whatever the target's health and the database say. {@code ended}: what is done with the run's end.
 */
public record Handover(Config config, Console console, Nginx nginx, Lock lock, Way via, boolean force, boolean drain, Ended ended) {

    public interface Ended { void of(Config config, Console console, Run run, Failure failure); }

    /** To a colour by its name, and whatever runs there. */
    public void to(Colour to, Observed truth) throws InterruptedException {
        if (!truth.running(to))
            throw Failure.preflight(to + " is not running", truth.container(to).map(c -> "its container is " + c.status()).orElse("it has no container"),
                "deploy --target " + to + " --version VERSION");
        requireSchema(truth, to);
        var run = begin(truth, to, truth.version(to), truth.container(to).map(Docker.Container::image), false, Optional.empty());
        through(run, truth, to, _ -> {
            requireHealth(to, truth.version(to));
            hooks(run, truth, to, truth.version(to), Optional.empty()).before("pre-switch");
            if (config.hooks().containsKey("pre-switch")) requireHealth(to, truth.version(to));        // it may have taken minutes
            return truth.version(to);
        }, "switch", Optional.empty());
    }

    /**
     * Back to the last version that was good under traffic; what is needed for it is the engine. No hook is asked before.
     * @param reason what is wrong with the version that is left, so that nobody goes back to it; empty: nothing is known
     */
    public void back(Observed truth, Optional<String> reason) throws InterruptedException {
        var to = truth.serving().active().other();
        switch (Rollback.of(truth)) {
            case Rollback.Warm w -> back(truth, to, w.version(), truth.container(to).map(Docker.Container::image), reason, (_, _) -> {});
            case Rollback.Cold c -> back(truth, to, c.version(), truth.container(to).map(Docker.Container::image), reason, (run, switchover) -> {
                new Standby(config, run, switchover, to).stop("was being stopped");
                run.step("start", Map.of("colour", to.toString()), step -> new Stack(config).revive(to, step::progress).service() + " was stopped");
                gate(run, to, c.version());
            });
            case Rollback.Kept k -> back(truth, to, k.version(), Optional.of(k.image().id()), reason, (run, switchover) -> {
                requireCompose(k.version());
                var standby = new Standby(config, run, switchover, to);
                standby.giveUp(truth.state());
                standby.start(k.image().id(), k.version());
                gate(run, to, k.version());
            });
            case Rollback.Impossible(String why) -> {
                if (!force) requireSchema(truth, to);
                if (!force || !truth.running(to)) throw new Failure(ExitCode.FAILED, "no way back", why, "status");
                console.warning("--force: " + why);
                back(truth, to, truth.version(to), truth.container(to).map(Docker.Container::image), reason, (_, _) -> {});
            }
        }
    }

    private interface Warming { void of(Run run, TrafficSwitch switchover) throws InterruptedException; }

    private void back(Observed truth, Colour to, String version, Optional<String> image, Optional<String> reason, Warming warming) throws InterruptedException {
        var run = begin(truth, to, version, image, true, reason);
        through(run, truth, to, switchover -> {
            warming.of(run, switchover);
            return version;
        }, "rollback", reason);
    }

    /** A kept image is started by compose: found broken now, and not when the standby is gone. */
    private void requireCompose(String version) {
        var said = new Stack(config).compose(Duration.ofSeconds(30), "config", "--quiet").run();
        if (!said.ok()) throw new Failure(ExitCode.FAILED, "the compose files are refused, and " + version + " is started by them", said.last(), "docker compose config");
    }

    private void gate(Run run, Colour to, String version) {
        run.patient("health", step -> new Gate(config, to, version).require(new Stack(config), step, to.other() + " still has the traffic."));
    }

    private Run begin(Observed truth, Colour to, String version, Optional<String> image, boolean rollback, Optional<String> reason) {
        var facts = new HashMap<String, Object>(Map.of("to", to.toString(), "from", String.valueOf(truth.serving().active()), "rollback", rollback));
        facts.put("version", version);
        facts.put("imageId", image.orElse(null));
        facts.put("fromVersion", truth.serving().version());
        facts.put("reason", reason.orElse(null));
        return Run.begin(config, console, Optional.of(lock), "switch", facts);
    }

    /** Makes the target fit to be switched to, and returns the version that it then has. */
    private interface Before { String version(TrafficSwitch switchover) throws InterruptedException; }

    private void through(Run run, Observed truth, Colour to, Before before, String name, Optional<String> reason) throws InterruptedException {
        var left = to.other();
        try {
            var switchover = new TrafficSwitch(config, run, nginx, truth.serving());
            var version = before.version(switchover);
            // A rollback waits for nobody: the version that is left may hang.
            var next = switchover.next(to, name.equals("switch") && Serving.canBackUp(config, left), version, via);
            var after = new State(to, left, Instant.now(), version, true, next.number(), truth.version(left));
            switchover.move(name, next, after, reason.orElse(null));
            if (reason.isEmpty()) run.settle("failover", () -> new Standby(config, run, switchover, left).arm(after));
            run.settle("after the " + name, () -> hooks(run, truth, to, version, reason).after(name.equals("rollback") ? "post-rollback" : "post-switch"));
            if (drain) run.settle("drain", () -> drain(run, truth, left));
            run.end(null);
            ended.of(config, console, run, null);
        } catch (Failure f) {
            var told = run.told(f);
            run.end(told);
            ended.of(config, console, run, told);
            throw told;
        }
    }

    private void drain(Run run, Observed truth, Colour left) {
        if (truth.running(left)) run.patient("drain", step -> Drain.watch(nginx, truth.container(left).orElseThrow(), config.drain(), step));
    }

    private Hooks hooks(Run run, Observed truth, Colour to, String version, Optional<String> reason) {
        return Hooks.of(config, run, Set.of()).with("VERSION", version).with("TARGET", to).with("ACTIVE", truth.serving().active())
            .with("ACTIVE_VERSION", truth.serving().version()).with("REASON", reason.orElse(null));
    }

    /** The traffic does not move to a target that could not serve. */
    private void requireHealth(Colour to, String version) {
        if (force) {
            console.warning("--force: the health of " + to + " is not checked");
            return;
        }
        var wrong = new Gate(config, to, version).now();
        if (wrong.isPresent())
            throw Failure.preflight(to + " is not healthy: " + wrong.get(), null, "health " + Reach.healthUrl(config, to) + "   (or --force)");
    }

    private void requireSchema(Observed truth, Colour to) {
        var conflict = truth.schemaConflict();
        if (conflict.isEmpty()) return;
        if (!force) throw Failure.preflight("the database may not fit " + to, conflict.get(), "deploy a fixed version instead, or know that the database still fits: --force");
        console.warning("--force: " + conflict.get() + "; " + to + " may fail on this database");
    }
}
