///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import lib.cli.Locking;
import lib.cli.Millis;
import lib.cli.Project;
import lib.cli.Seconds;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.deploy.Handover;
import lib.nginx.Lock;
import lib.session.Session;
import lib.stack.Stack;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Rollback;
import lib.traffic.Run;
import lib.watch.KeptProbe;
import lib.watch.Watch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "monitor",
    description = "Watch the live version: real traffic from Nginx's log, and probes. A verdict, and the way back.",
    footer = {"  monitor --duration 120 --threshold-latency 500", "  monitor --duration 5m --auto-rollback"})
class Monitor implements Callable<Integer> {
    @Option(names = "--duration", paramLabel = "SECONDS", converter = Seconds.class,
        description = "how long, e.g. 120 or 2m (default: monitor: in the configuration, 120s)")
    Optional<Duration> duration;
    @Option(names = "--threshold-latency", paramLabel = "MS", converter = Millis.class,
        description = "highest good p95, e.g. 500 or 500ms (default: thresholds.latency, 200ms)")
    Optional<Duration> latency;
    @Option(names = "--threshold-errors", paramLabel = "PERCENT",
        description = "highest good share of 5xx, e.g. 1%% (default: thresholds.errors, 1%%)")
    Optional<String> errors;
    @Option(names = "--auto-rollback", description = "on fail, go back without asking: exit code 6")
    boolean autoRollback;
    @Mixin Locking locking;
    @Mixin Project cli;

    private Config config;
    private Console console;
    private Stack stack;

    public Integer call() throws InterruptedException {
        config = cli.config(flags());
        console = cli.console();
        stack = new Stack(config);
        var length = duration.orElse(config.monitor());
        if (length.isZero()) throw Failure.usage("nothing to watch in 0 s").next("monitor --duration 120");
        var observed = Observed.read(stack);
        var active = observed.active()
            .orElseThrow(() -> Failure.preflight("nothing is deployed", "there is no version to watch",
                "deploy --version VERSION"));
        var version = observed.version(active);
        var facts = new HashMap<String, Object>(
            Map.of("to", active.toString(), "generation", observed.serving().number()));
        facts.put("version", version.name().orElse(null));
        console.line(console.bold(config.app()) + "  " + console.of(active) + " serves " + version
            + console.dim("   p95 up to " + config.thresholds().latency().toMillis() + " ms, errors up to "
                + config.thresholds().errors() * 100 + " %"));
        return Session.withoutLock(stack, console, Run.Command.MONITOR, facts, run -> {
            try {
                watch(run, observed, active, length);
                return ExitCode.DONE.code();
            } catch (Failure f) {
                throw f.code == ExitCode.UNHEALTHY ? worse(observed, version, f.getMessage()) : f;
            }
        });
    }

    private void watch(Run run, Observed observed, Colour active, Duration length) {
        var switched = observed.file().state().filter(s -> s.active() == active).flatMap(State::lastSwitch);
        run.patient("watch", step -> {
            try (var kept = new KeptProbe(config)) {
                return new Watch(stack, console, observed.serving(), switched, kept, run.name())
                    .strictly(latency.isPresent() || errors.isPresent())
                    .require(length, step);
            }
        });
    }

    private Map<String, String> flags() {
        var flags = new HashMap<String, String>();
        latency.ifPresent(l -> flags.put("thresholds.latency", l.toMillis() + "ms"));
        errors.ifPresent(e -> flags.put("thresholds.errors", e));
        return flags;
    }

    /** Back, if that was asked for, or a person says so now. */
    private Failure worse(Observed watched, Version version, String reason) throws InterruptedException {
        var active = watched.serving().active();
        try {
            var left = autoRollback || agreed(watched) ? rollBack(active, version, reason) : Optional.<String>empty();
            if (left.isPresent())
                return new Failure(ExitCode.ROLLED_BACK, version + " was rolled back: " + reason, left.get(),
                    "docker logs " + stack.nameOf(config.service(active)));
        } catch (Failure failed) {
            return failed;
        }
        var failure = new Failure(ExitCode.UNHEALTHY, version + " is not well: " + reason).next("switch --rollback");
        try {
            return Rollback.of(Observed.read(stack)) instanceof Rollback.Impossible i
                ? failure.why("a rollback is " + i.text())
                : failure;
        } catch (Failure unknown) {
            return failure;         // an engine that does not answer now: the verdict stands
        }
    }

    private boolean agreed(Observed watched) {
        if (cli.asksNothing() || Rollback.of(watched) instanceof Rollback.Impossible) return false;
        var answer = System.console().readLine("  roll back %s? y/N ", Rollback.of(watched).text());
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }

    /** As switch --rollback does it; empty: somebody was faster. */
    private Optional<String> rollBack(Colour from, Version version, String reason) throws InterruptedException {
        var request = new Session.Request(config, console, "monitor: rollback", Lock.Patience.of(locking.wait), false);
        var serves = new AtomicReference<>(Optional.<String>empty());
        Session.hold(request, session -> {
            var observed = session.observed(Optional.empty());
            boolean stillServes = observed.serving().active() == from
                && version.equals(observed.version(from));
            if (!stillServes) return ExitCode.UNHEALTHY.code();
            var back = Rollback.of(observed).target().orElse(Version.UNKNOWN);
            new Handover(session, config.switching(), false, false).back(observed, Optional.of(reason));
            serves.set(Optional.of(from.other() + " serves " + back));
            return ExitCode.DONE.code();
        });
        return serves.get();
    }

    public static void main(String... args) { Project.run(new Monitor(), args); }
}
