///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/*.java lib/**/*.java

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import lib.*;
import lib.aftermath.Aftermath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "switch", description = "Move the traffic to a colour, verified through Nginx's workers, without losing a request.",
    footer = {"  switch green", "  switch --rollback"})
class Switch implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "COLOUR", converter = Cli.ColorName.class, description = "blue or green")
    Color colour;
    @Option(names = "--target", paramLabel = "COLOUR", converter = Cli.ColorName.class, description = "the same, as an option")
    Color target;
    @Option(names = "--rollback", description = "back to the other colour")
    boolean rollback;
    @Option(names = "--via", paramLabel = "WAY", converter = Cli.WayName.class, description = "instant (a symlink) or reload (SIGHUP); default: switching: in the configuration")
    Generation.Way via;
    @Option(names = "--force", description = "switch even if the target is not healthy (it must run), or the database may not fit it")
    boolean force;
    @Option(names = "--plan", description = "show what would change; change nothing")
    boolean plan;
    @Option(names = "--retire", description = "stop the colour without traffic, if standby: says that its time is over (for cron)")
    boolean retire;
    @Option(names = "--no-drain", description = "do not wait for the old colour's connections to end")
    boolean noDrain;
    @Mixin Cli.Locking locking;
    @Mixin Cli.Project cli;

    private Config config;
    private Console console;
    private Stack stack;
    private Nginx nginx;

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        stack = new Stack(config);
        if (via == null) via = config.switching();
        var container = stack.nginx();
        nginx = new Nginx(config, container);
        if (plan) return plan(Truth.read(config));

        try (var lock = Lock.take(container, doing(), locking.wait, console)) {
            var truth = new Repair(config, console, nginx).truth();
            if (retire) return retire(truth, lock);
            var to = chosen(truth);
            if (to == truth.serving().active() && truth.serving().version() != null) {
                console.line(console.of(to) + " has the traffic already (generation " + truth.serving().number() + "). Nothing to do.");
                console.event("unchanged", Map.of("active", to.toString(), "generation", truth.serving().number()));
                return ExitCode.DONE.code();
            }
            handover(lock).to(to, truth, rollback, null);
            return ExitCode.DONE.code();
        }
    }

    private String doing() { return retire ? "switch --retire" : rollback ? "switch --rollback" : "switch to " + (colour == null ? target : colour); }

    private Handover handover(Lock lock) { return new Handover(config, console, nginx, lock, via, force, !noDrain, Aftermath::of); }

    /** The time for which the colour that lost the traffic stays up may be over: for cron, or a timer. */
    private int retire(Truth truth, Lock lock) {
        var active = truth.serving().active();
        var keep = config.standby().orElseThrow(() -> Failure.usage("standby: always has nothing to retire", "the old colour stays up for a rollback at once", "standby: 30m in bluegreen.yaml"));
        var since = truth.file().state().map(State::lastSwitch).orElseGet(Instant::now);
        var left = keep.minus(Duration.between(since, Instant.now()));
        if (!truth.running(active.other()) || left.isPositive()) {
            console.line(truth.running(active.other()) ? active.other() + " stays up for another " + Console.seconds(left) : active.other() + " is stopped already");
            return ExitCode.DONE.code();
        }
        var run = Run.begin(config, console, lock, "retire", Map.of("colour", active.other().toString()));
        var alone = Generation.all(nginx.next(), active, false, truth.serving().version(), truth.serving().via());
        if (truth.serving().backed()) new Switchover(config, run, nginx).failover(alone, truth.serving(), new State(active, active.other(), since, alone.version(), true, alone.number(), truth.version(active.other())));
        run.step("stop", Map.of("colour", active.other().toString()), _ -> {
            stack.stop(active.other());
            return config.service(active.other()) + " stopped; a rollback starts it first";
        });
        run.end(null);
        Aftermath.of(config, console, run, null);
        return ExitCode.DONE.code();
    }

    private Color chosen(Truth truth) {
        if (colour != null && target != null && colour != target) throw Failure.usage("two targets: " + colour + " and --target " + target, null, "name one");
        Color named = colour != null ? colour : target;
        if (rollback) {
            var active = truth.serving().active();
            if (active == null) throw new Failure(ExitCode.UNCONFIRMED, "nothing to roll back from: the workers have no generation", null, "switch blue   or   switch green");
            if (named != null && named != active.other()) throw Failure.usage("--rollback goes to " + active.other() + ", not " + named, null, "switch --rollback");
            return active.other();
        }
        if (named == null) throw Failure.usage("switch to which colour?", null, "switch blue, switch green, or switch --rollback");
        return named;
    }

    private int plan(Truth truth) {
        var to = chosen(truth);
        var next = Generation.all(nginx.next(), to, handover(null).isHealthy(truth, to.other()), truth.version(to), via);
        console.line("would switch " + truth.serving().active() + " → " + to + ", " + via + ":");
        nginx.diff(truth.serving(), next).forEach(l -> console.line("  " + console.diff(l)));
        console.event("plan", Map.of("from", String.valueOf(truth.serving().active()), "to", to.toString(), "diff", nginx.diff(truth.serving(), next)));
        return ExitCode.DONE.code();
    }

    public static void main(String... args) { Cli.run(new Switch(), args); }
}
