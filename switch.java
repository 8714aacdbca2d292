///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Locking;
import lib.cli.Planning;
import lib.cli.Project;
import lib.cli.Switching;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.deploy.Handover;
import lib.deploy.TakenSettings;
import lib.journal.Journal;
import lib.nginx.Generation;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.nginx.NginxSettings;
import lib.session.Session;
import lib.stack.Stack;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Followers;
import lib.traffic.Rollback;
import lib.traffic.Run;
import lib.traffic.Serving;
import lib.traffic.Standby;
import lib.traffic.TrafficSwitch;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "switch",
    description = "Move the traffic to a colour, verified through Nginx's workers, without losing a request.",
    footer = {"  switch green", "  switch                         to the standby, after a question",
        "  switch --rollback", "  switch --settings"})
class Switch implements Callable<Integer> {
    @ArgGroup Aim aim = new Aim();
    @Mixin Switching switching;
    @Option(names = "--force",
        description = "switch even if the target is not healthy (it must run), or the database may not fit it")
    boolean force;
    @Mixin Planning planning;
    @Option(names = "--no-drain", description = "do not wait for the old colour's connections to end")
    boolean noDrain;
    @Mixin Locking locking;
    @Mixin Project cli;

    /** One of them. */
    static final class Aim {
        @Parameters(arity = "0..1", paramLabel = "COLOUR", description = "blue or green; none: the standby")
        Optional<Colour> colour = Optional.empty();
        @Option(names = "--target", paramLabel = "COLOUR", description = "the same, as an option")
        Optional<Colour> target = Optional.empty();
        @ArgGroup(exclusive = false)
        Back back = new Back();
        @Option(names = "--retire",
            description = "stop the colour without traffic, if standby: says that its time is over (for cron)")
        boolean retire;
        @Option(names = "--settings",
            description = "move no traffic: Nginx takes over what proxy: tls: and redirect: say now")
        boolean settings;

        Optional<Colour> named() { return colour.or(() -> target); }
    }

    static final class Back {
        @Option(names = "--rollback", required = true,
            description = "back to the last version that was good under traffic")
        boolean rollback;
        @Option(names = "--take-over",
            description = "with --rollback: at once, whoever is at work; a deploy at work ends, saying who took over")
        boolean takeOver;
    }

    private Config config;
    private Console console;
    private Way via;

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        via = switching.via.orElse(config.switching());
        var stack = new Stack(config);
        if (aim.settings) return settings(stack);
        boolean unnamed = !aim.back.rollback && !aim.retire && aim.named().isEmpty();
        if (unnamed && !toStandby(Observed.read(stack))) return ExitCode.DONE.code();
        if (planning.only) return plan(Observed.read(stack));

        var patience = new Lock.Patience(locking.wait, aim.back.takeOver);
        var typed = Nginx.serving(config);
        return Session.hold(new Session.Request(config, console, doing(), patience, false), session -> {
            var observed = session.observed(aim.named());
            if (aim.back.rollback) requireNoOther(typed, observed);
            return aim.retire ? retire(session, observed) : move(session, observed);
        });
    }

    /** No traffic moves, so neither does the picture matter. */
    private int settings(Stack stack) throws InterruptedException {
        stack.nginx();
        var differ = NginxSettings.of(config).differences(config);
        if (planning.only || differ.isEmpty()) {
            console.line(differ.isEmpty()
                ? "Nginx runs the settings of bluegreen.yaml already. Nothing to do."
                : "would let Nginx's workers take over, by a reload:");
            differ.forEach(d -> console.line("  " + d));
            console.event(differ.isEmpty() ? "unchanged" : "plan", Map.of("settings", differ));
            return ExitCode.DONE.code();
        }
        var patience = new Lock.Patience(locking.wait, false);
        var request = new Session.Request(config, console, "switch --settings", patience, false);
        return Session.hold(request, session -> session.run(Run.Command.SETTINGS, Map.of(), run -> {
            console.event("settings", Map.of("changed", TakenSettings.by(run, session.nginx, config)));
            return ExitCode.DONE.code();
        }));
    }

    /**
     * No colour is named: the standby is meant, if there is one, and the person says so. False: there is nothing to do.
     */
    private boolean toStandby(Observed observed) {
        var active = observed.serving().active();
        if (active == null) throw Failure.usage("switch to which colour?").next("switch blue, or switch green");
        var standby = active.other();
        if (observed.container(standby).isEmpty()) {
            console.line(console.of(active) + " serves " + observed.version(active) + "; " + console.of(standby)
                + " is empty. Nothing to do.");
            console.event("unchanged", Map.of("active", active.toString(), "generation", observed.serving().number()));
            return false;
        }
        String move = active + " (" + observed.version(active) + ") → " + standby + " (" + observed.version(standby)
            + ")";
        aim.colour = Optional.of(standby);
        return planning.only || cli.agrees("Move the traffic, " + move + "?", "switch " + standby);
    }

    /**
     * Whoever waited for another rollback, or took over from one, would undo it.
     * @param typed what served when this one was typed
     * @throws Failure (locked) when there was one since
     */
    private void requireNoOther(Optional<Generation> typed, Observed observed) {
        var since = typed.filter(g -> g.active() != null).map(Generation::number);
        if (since.isEmpty()) return;
        // A journal may be older than the generations, and have higher numbers: only what can be live by now counts.
        long now = observed.serving().number();
        var others = observed.picture().runs().stream().filter(r -> isRollback(r, since.get(), now));
        others.findFirst().ifPresent(other -> {
            throw new Failure(ExitCode.LOCKED, "rolled back already, since this was typed",
                Optional.ofNullable(other.asked("by")).orElse("?") + " did it: " + observed.serving().text(),
                "switch --rollback   once more, if that is to be undone");
        });
    }

    /** To a generation after one, and not after another. */
    private static boolean isRollback(Journal.Run run, long after, long upTo) {
        var generation = run.line("rollback", "done").map(l -> l.path("generation").asLong());
        return generation.filter(g -> g > after && g <= upTo).isPresent();
    }

    private int move(Session session, Observed observed) throws InterruptedException {
        var to = chosen(observed);
        var serving = observed.serving();
        var handover = new Handover(session, via, force, !noDrain);
        if (aim.back.rollback) handover.back(observed, Optional.empty());
        else if (to != serving.active() || !serving.version().isKnown()) handover.to(to, observed);
        else if (!serving.backed() && Rollback.of(observed) instanceof Rollback.Warm) return arm(session, observed);
        else if (!observed.running(to))
            throw new Failure(ExitCode.UNHEALTHY, to + " has the traffic already, but does not run",
                observed.running(to.other())
                    ? to.other() + " answers for it, as Nginx's backup"
                    : "nobody is answered",
                "switch " + to.other() + "   gives it the traffic");
        else if (Followers.areAstray(config, observed.containers(), to)) return follow(session, to);
        else {
            console.line(
                console.of(to) + " has the traffic already (generation " + serving.number()
                    + "). Nothing to do.");
            console.event("unchanged", Map.of("active", to.toString(), "generation", serving.number()));
        }
        return ExitCode.DONE.code();
    }

    /** What a rollback would lead to, and was away for a time, becomes the backup again of the colour that serves. */
    private int arm(Session session, Observed observed) throws InterruptedException {
        var active = observed.serving().active();
        return session.run(Run.Command.SWITCH, Map.of("colour", active.toString()), run -> {
            var traffic = new TrafficSwitch(config, run, session.nginx, observed.serving());
            new Standby(session.stack, run, traffic, active.other()).arm(observed.state());
            var now = traffic.serving();
            console.line(console.of(active) + " has the traffic already; "
                + (now.backed()
                    ? active.other() + " is its backup again"
                    : active.other() + " is not fit to be its backup")
                + " (generation " + now.number() + ").");
            console.event("unchanged", Map.of("active", active.toString(), "generation", now.number(), "backed",
                now.backed()));
            return ExitCode.DONE.code();
        });
    }

    /** The traffic is there already, and its workers are not. */
    private int follow(Session session, Colour to) throws InterruptedException {
        return session.run(Run.Command.SWITCH, Map.of("colour", to.toString()), run -> {
            new Followers(session.stack, run).go(to);
            return ExitCode.DONE.code();
        });
    }

    private String doing() {
        if (aim.retire) return "switch --retire";
        return aim.back.rollback ? "switch --rollback" : "switch to " + named();
    }

    /** The time for which the colour that lost the traffic stays up may be over: for cron, or a timer. */
    private int retire(Session session, Observed observed) throws InterruptedException {
        var left = observed.serving().active().other();
        var keep = config.standby()
            .orElseThrow(() -> Failure.usage("standby: always has nothing to retire",
                "the old colour stays up for a rollback at once", "standby: 30m in bluegreen.yaml"));
        var since = observed.file().state().flatMap(State::lastSwitch).orElseGet(Instant::now);
        var remains = keep.minus(Duration.between(since, Instant.now()));
        if (!observed.running(left) || remains.isPositive()) {
            console.line(observed.running(left)
                ? left + " stays up for another " + Console.seconds(remains)
                : left + " is stopped already");
            return ExitCode.DONE.code();
        }
        return session.run(Run.Command.RETIRE, Map.of("colour", left.toString()), run -> {
            var traffic = new TrafficSwitch(config, run, session.nginx, observed.serving());
            new Standby(session.stack, run, traffic, left).free(observed.state());
            return ExitCode.DONE.code();
        });
    }

    private Colour chosen(Observed observed) {
        if (!aim.back.rollback) return named();
        var active = observed.serving().active();
        if (active == null)
            throw new Failure(ExitCode.UNCONFIRMED, "nothing to roll back from: the workers have no generation")
                .next("switch blue   or   switch green");
        return active.other();
    }

    private Colour named() {
        return aim.named()
            .orElseThrow(
                () -> Failure.usage("switch to which colour?").next("switch blue, switch green, or switch --rollback"));
    }

    private int plan(Observed observed) {
        var to = chosen(observed);
        var way = aim.back.rollback ? Optional.of(Rollback.of(observed)) : Optional.<Rollback>empty();
        if (way.isPresent() && way.get() instanceof Rollback.Impossible i)
            throw new Failure(ExitCode.FAILED, "no way back", i.reason(), "status");
        var version = way.flatMap(Rollback::target).orElse(observed.version(to));
        var next = Generation.all(observed.next(), to,
            Serving.canBackUp(observed.stack(), to.other()), version, via);
        console.line("would switch " + observed.serving().active() + " → " + to + ", " + via
            + way.map(w -> ", " + w.text()).orElse("") + ":");
        var diff = Nginx.diff(observed.serving(), next);
        diff.forEach(l -> console.line("  " + console.diff(l)));
        console.event("plan", Map.of("from", String.valueOf(observed.serving().active()), "to", to.toString(), "diff",
            diff));
        return ExitCode.DONE.code();
    }

    public static void main(String... args) { Project.run(new Switch(), args); }
}
