package lib;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The traffic goes to the other colour, with all that belongs to it: gate, database, hooks, journal, drain. Under the lock.
 * {@code force}: whatever the target's health and the database say. {@code ended}: what is done with the run's end.
 */
public record Handover(Config config, Console console, Nginx nginx, Lock lock, Generation.Way via, boolean force, boolean drain, Ended ended) {

    public interface Ended { void of(Config config, Console console, Run run, Failure failure); }

    /** @param reason what is wrong with the colour that is left, so that Nginx must not fail over to it; null: nothing is known */
    public void to(Color to, Truth truth, boolean rollback, String reason) throws InterruptedException {
        var stack = new Stack(config);
        requireSomething(stack, truth, to, rollback);
        requireSchema(truth, to);
        var left = to.other();
        var before = truth.serving();
        var facts = new HashMap<String, Object>(Map.of("to", to.toString(), "from", String.valueOf(before.active()), "rollback", rollback));
        facts.put("version", truth.version(to));
        facts.put("fromVersion", before.version());
        facts.put("reason", reason);
        var run = Run.begin(config, console, lock, "switch", facts);
        try {
            requireWarm(stack, run, truth, to);
            var version = stack.container(to).map(Docker.Container::version).orElse(truth.version(to));      // a removed one has its container again
            var next = Generation.all(nginx.next(), to, reason == null && isHealthy(truth, left), version, via);
            var hooks = Hooks.of(config, run, Set.of()).with("VERSION", version).with("TARGET", to).with("ACTIVE", before.active()).with("ACTIVE_VERSION", before.version()).with("REASON", reason);
            hooks.before("pre-switch");
            new Switchover(config, run, nginx).move(rollback ? "rollback" : "switch", next, before, new State(to, left, Instant.now(), version, true, next.number(), truth.version(left)), reason);
            hooks.after(rollback ? "post-rollback" : "post-switch");
            if (drain && truth.running(left)) run.patient("drain", step -> Drain.watch(nginx, truth.container(left).orElseThrow(), config.drain(), step));
            run.end(null);
            ended.of(config, console, run, null);
        } catch (Failure f) {
            run.end(f);
            ended.of(config, console, run, f);
            throw f;
        }
    }

    /** There must be something to switch to: running, or for a rollback at least stopped. */
    private void requireSomething(Stack stack, Truth truth, Color to, boolean rollback) {
        if (truth.running(to)) return;
        boolean canStart = truth.container(to).isPresent() || stack.pinnedImage(to).isPresent();
        if (rollback && canStart) return;
        throw new Failure(rollback ? ExitCode.FAILED : ExitCode.PREFLIGHT, to + " is not running",
            truth.container(to).map(c -> "its container is " + c.status()).orElse("it has no container" + (canStart ? "" : ", and its image is gone")) + "; nothing was changed",
            "deploy --target " + to + " --version VERSION");
    }

    /** The gate: the traffic does not move to a target that could not serve. What was stopped is started first. */
    private void requireWarm(Stack stack, Run run, Truth truth, Color to) throws InterruptedException {
        boolean stopped = !truth.running(to);
        if (stopped) run.step("start", Map.of("colour", to.toString()), step -> stack.revive(to, step::progress).service() + " was " + truth.container(to).map(c -> c.status().equals("exited") ? "stopped" : c.status()).orElse("removed"));
        if (force) {
            console.warning("--force: the health of " + to + " is not checked");
            return;
        }
        var gate = new Gate(config, to, stack.container(to).orElseThrow().version());
        if (stopped) {
            run.patient("health", step -> gate.require(stack, step, to.other() + " still has the traffic."));
            return;
        }
        gate.now().ifPresent(wrong -> {
            throw Failure.preflight(to + " is not healthy: " + wrong, "nothing was changed", "health " + config.healthUrl(to) + "   (or --force)");
        });
    }

    private void requireSchema(Truth truth, Color to) {
        var conflict = truth.container(to.other()).flatMap(left -> truth.container(to).flatMap(c ->
            Schema.conflict(to + " (" + c.version() + ")", c.labels(), to.other() + " (" + left.version() + ")", left.labels())));
        if (conflict.isEmpty()) return;
        if (!force) throw Failure.preflight("the database may not fit " + to, conflict.get() + "; nothing was changed", "deploy a fixed version instead, or know that the database still fits: --force");
        console.warning("--force: " + conflict.get() + "; " + to + " may fail on this database");
    }

    /** The colour that is left may serve as Nginx's backup only while it is good. */
    public boolean isHealthy(Truth truth, Color color) {
        return truth.running(color)
            && Probe.once(URI.create(config.healthUrl(color)), Duration.ofSeconds(2)).wrong(Probe.Expected.of(config, color, null)).isEmpty();
    }
}
