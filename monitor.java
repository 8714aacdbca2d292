///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/**/*.java

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.deploy.Handover;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.session.Aftermath;
import lib.stack.Stack;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Reconciler;
import lib.traffic.Rollback;
import lib.traffic.Run;
import lib.watch.KeptProbe;
import lib.watch.Watch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "monitor", description = "Watch the live version: real traffic from Nginx's log, and probes. A verdict, and the way back.",
    footer = {"  monitor --duration 120 --threshold-latency 500", "  monitor --duration 5m --auto-rollback"})
class Monitor implements Callable<Integer> {
    @Option(names = "--duration", paramLabel = "SECONDS", converter = Cli.Seconds.class, description = "how long, e.g. 120 or 2m (default: monitor: in the configuration, 120s)")
    Duration duration;
    @Option(names = "--threshold-latency", paramLabel = "MS", converter = Cli.Millis.class, description = "highest good p95, e.g. 500 or 500ms (default: thresholds.latency, 200ms)")
    Duration latency;
    @Option(names = "--threshold-errors", paramLabel = "PERCENT", description = "highest good share of 5xx, e.g. 1%% (default: thresholds.errors, 1%%)")
    String errors;
    @Option(names = "--auto-rollback", description = "on fail, go back without asking: exit code 6")
    boolean autoRollback;
    @Mixin Cli.Locking locking;
    @Mixin Cli.Project cli;

    private Config config;
    private Console console;
    private Nginx nginx;
    private boolean repaired;        // something was put in order before the rollback began

    public Integer call() throws InterruptedException {
        config = cli.config(flags());
        console = cli.console();
        var length = duration == null ? config.monitor() : duration;
        if (length.isZero()) throw Failure.usage("nothing to watch in 0 s", null, "monitor --duration 120");
        var truth = Observed.read(config);
        var active = truth.active().orElseThrow(() -> Failure.preflight("nothing is deployed", "there is no version to watch", "deploy --version VERSION"));
        var version = truth.version(active);
        var facts = new HashMap<String, Object>(Map.of("to", active.toString(), "generation", truth.serving().number()));
        facts.put("version", version);
        var run = Run.begin(config, console, Optional.empty(), "monitor", facts);
        console.line(console.bold(config.app()) + "  " + console.of(active) + " serves " + version
            + console.dim("   p95 up to " + config.thresholds().latency().toMillis() + " ms, errors up to " + config.thresholds().errors() * 100 + " %"));
        try {
            var switched = truth.file().state().filter(s -> s.active() == active).map(State::lastSwitch).orElse(null);
            run.patient("watch", step -> {
                try (var kept = new KeptProbe(config)) {
                    return new Watch(config, console, truth.serving(), switched, kept, run.name()).strictly(latency != null || errors != null).require(length, step);
                }
            });
            run.end(null);
            Aftermath.of(config, console, run, null);
            return ExitCode.DONE.code();
        } catch (Failure f) {
            var told = f.code == ExitCode.UNHEALTHY ? worse(truth, version, f.getMessage()) : f;
            run.end(told);
            Aftermath.of(config, console, run, told);
            throw told;
        }
    }

    private Map<String, String> flags() {
        var flags = new HashMap<String, String>();
        if (latency != null) flags.put("thresholds.latency", latency.toMillis() + "ms");
        if (errors != null) flags.put("thresholds.errors", errors);
        return flags;
    }

    /** Back, if that was asked for, or a person says so now. */
    private Failure worse(Observed watched, String version, String reason) throws InterruptedException {
        var active = watched.serving().active();
        try {
            var left = autoRollback || agreed(watched) ? rollBack(active, version, reason) : null;
            if (left != null) return new Failure(ExitCode.ROLLED_BACK, version + " was rolled back: " + reason, left, "docker logs " + config.container(config.service(active)));
        } catch (Failure failed) {
            return failed;
        }
        return new Failure(ExitCode.UNHEALTHY, version + " is not well: " + reason, Rollback.of(Observed.read(config)) instanceof Rollback.Impossible i ? "a rollback is " + i.text() : null, "switch --rollback");
    }

    private boolean agreed(Observed watched) {
        if (cli.asksNothing() || Rollback.of(watched) instanceof Rollback.Impossible) return false;
        var answer = System.console().readLine("  roll back %s? y/N ", Rollback.of(watched).text());
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }

    /** As switch --rollback does it; null: somebody was faster. */
    private String rollBack(Colour from, String version, String reason) throws InterruptedException {
        var container = new Stack(config).nginx();
        try (var lock = Lock.take(container, "monitor: rollback", Lock.Patience.of(locking.wait), console);
             var repair = new Reconciler(config, console, nginx = new Nginx(config, container, lock), () -> repaired = true)) {
            var truth = repair.truth();
            if (truth.serving().active() != from || !String.valueOf(version).equals(truth.version(from))) return null;
            new Handover(config, console, nginx, lock, config.switching(), false, false, Aftermath::of).back(truth, Optional.of(reason));
            return from.other() + " serves " + Observed.read(config).version(from.other());
        } catch (Failure f) {
            throw f.after(repaired);
        }
    }

    public static void main(String... args) { Cli.run(new Monitor(), args); }
}
