///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Candidate;
import lib.cli.Locking;
import lib.cli.Planning;
import lib.cli.Project;
import lib.cli.Switching;
import lib.config.Config;
import lib.config.When;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.deploy.Adoption;
import lib.deploy.Bake;
import lib.deploy.Deployment;
import lib.deploy.Migration;
import lib.deploy.Plan;
import lib.deploy.WayBack;
import lib.docker.Container;
import lib.docker.References;
import lib.journal.Journal;
import lib.nginx.Generation;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.nginx.NginxSettings;
import lib.nginx.Reach;
import lib.session.Session;
import lib.stack.Replaced;
import lib.stack.Stack;
import lib.state.Attempt;
import lib.state.Observed;
import lib.traffic.Hooks;
import lib.traffic.Run;
import lib.traffic.Serving;
import lib.watch.KeptProbe;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "deploy",
    description = "Build, start in the standby colour, wait until healthy, switch, watch, keep or roll back.",
    footer = {"  deploy --version 1.0.1", "  deploy --version 1.0.1 --no-switch   then: switch green"},
    subcommands = Deploy.Build.class)
class Deploy implements Callable<Integer> {
    @Mixin Candidate candidate;
    @Option(names = "--target", paramLabel = "COLOUR", description = "default: the standby")
    Optional<Colour> target;
    @Option(names = "--no-switch", description = "stop when the standby is healthy")
    boolean noSwitch;
    @Mixin Switching switching;
    @Option(names = "--monitor", paramLabel = "DURATION",
        description = "watch after the switch (default: monitor: in the configuration, 120s)")
    Optional<Duration> monitor;
    @Option(names = "--force", description = "deploy although the database's schema does not allow to go back")
    boolean force;
    @Option(names = "--migrate", description = "run migrate: also when it was done for this version before")
    boolean migrate;
    @Option(names = "--adopt",
        description = "first deploy: what ran the app before becomes blue, and gives its ports to Nginx")
    boolean adopt;
    @Mixin Planning planning;
    @ArgGroup Undone undone = new Undone();
    @Mixin Locking locking;
    @Mixin Project cli;

    /** One goes on, the other goes back. */
    static final class Undone {
        @Option(names = "--resume", description = "go on with a deploy that was cut off, from the first step not done")
        boolean resume;
        @Option(names = "--abort",
            description = "undo a deploy that was cut off or failed: traffic first, then containers")
        boolean abort;

        Plan.Mode mode() { return resume ? Plan.Mode.RESUME : abort ? Plan.Mode.ABORT : Plan.Mode.FORWARD; }
    }

    private Config config;
    private Console console;

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        var asked = new Plan.Request(undone.mode(), candidate.version, target, candidate.source(), noSwitch,
            switching.via, monitor, force);
        boolean undoes = asked.mode() != Plan.Mode.FORWARD;
        if (undoes) requireUndone();
        else candidate.required();
        if (planning.only) return show(asked);

        boolean adopted = false;
        if (adopt) adopted = new Adoption(config, console).take(() -> require(asked));
        else require(asked);
        var request = new Session.Request(config, console, doing(), Lock.Patience.of(locking.wait), true);
        try {
            return Session.hold(request, session -> underLock(session, asked));
        } catch (Failure f) {
            throw f.after(adopted);
        }
    }

    /** What cannot be built, read or run stops nothing that runs. */
    private void require(Plan.Request asked) {
        boolean forward = asked.mode() == Plan.Mode.FORWARD;
        if (forward) new Stack(config).images().require(candidate.required(), candidate.source(), "deploy");
        Hooks.require(config);
        if (asked.mode() != Plan.Mode.ABORT) References.read(config);
        if (adopt && forward && !config.hooks().containsKey("pre-build")) buildFirst();
    }

    private void buildFirst() {
        var step = console.step("build");
        try {
            var built = new Stack(config)
                .images()
                .of(candidate.required(), candidate.source(), "deploy", step::progress);
            step.done(built.reference());
        } catch (Failure f) {
            step.fail(f.getMessage());
            throw f;
        }
    }

    private String doing() {
        return switch (undone.mode()) {
            case RESUME -> "deploy --resume";
            case ABORT -> "deploy --abort";
            case FORWARD -> "deploy " + candidate.required();
        };
    }

    /** Where Nginx does not run, before all is started for nothing: this checkout's journal knows of one. */
    private void requireUndone() {
        var stack = new Stack(config);
        if (stack.nginxDown(stack.containers()).isEmpty() || Attempt.lastUndone(Journal.runs(config)).isPresent())
            return;
        throw Failure.usage("no deploy was cut off or failed", "and Nginx does not run", "status");
    }

    private int underLock(Session session, Plan.Request asked) throws InterruptedException {
        boolean abort = asked.mode() == Plan.Mode.ABORT;
        Adoption.isOver(config);
        if (!abort) Adoption.note(session);
        var observed = abort ? session.observed(Optional.empty()) : session.observedWithTrafficOnTheLiving();
        var decided = Plan.of(asked, config, observed, session.asFound());
        var run = session.begin(abort ? Run.Command.ABORT : Run.Command.DEPLOY, decided.attempt().facts());
        var deployment = new Deployment(session, run, decided);
        var back = new WayBack(deployment);
        return session.toItsEnd(run, () -> abort ? back.abort() : goForward(deployment, back), back::ended);
    }

    private int goForward(Deployment deployment, WayBack back) throws InterruptedException {
        deployment.announce();
        deployment.settings();
        deployment.hook("pre-build");
        var built = deployment.build();
        deployment.know(built);
        var kept = Optional.<KeptProbe>empty();
        if (!deployment.hasTraffic()) {
            deployment.migrate(built, migrate);
            deployment.hook("pre-deploy");
            deployment.start(built);
            deployment.requireHealth();
            deployment.bridgeAssets();
            if (deployment.staysHere()) return deployment.stayHere();
            deployment.hook("pre-switch");
            deployment.followFirst();
            kept = deployment.moveTraffic();
        }
        var bake = new Bake(deployment, back);
        bake.watch(kept);
        bake.follow();
        return bake.keep(built);
    }

    /** Where Nginx does not run. */
    private int showStart() {
        boolean first = undone.mode() == Plan.Mode.FORWARD;
        var replaced = adopt ? new Stack(config).replaced().running() : List.<Container>of();
        if (!replaced.isEmpty()) {
            console.line(
                "would build " + candidate.required() + ", start blue on the image that runs, and give it the place of "
                    + Replaced.names(replaced) + ": nobody is answered once, as long as that takes to stop; then "
                    + doing() + " to green");
            console.event("plan", Map.of("first", true, "adopts", Replaced.names(replaced), "to", "green", "version",
                candidate.required()));
            return ExitCode.DONE.code();
        }
        console.line("would start the stack of " + config.composeProject() + ", then " + doing()
            + (first ? " to blue: a first deploy" : ""));
        console.event("plan", first
            ? Map.of("first", true, "to", "blue", "version", candidate.required())
            : Map.of("first", false));
        return ExitCode.DONE.code();
    }

    private int show(Plan.Request asked) {
        var stack = new Stack(config);
        if (!(stack.containers().get(config.nginxService()) instanceof Container nginx && nginx.running()))
            return showStart();
        var observed = Observed.read(stack);
        var serving = observed.serving();
        if (serving.active() == null
            || observed.active().isPresent() && Serving.wrong(observed, serving.active()).isPresent()) {
            console.line(
                "would first repair what status shows, and move the traffic to the colour that answers; then deploy to the other one");
            return ExitCode.DONE.code();
        }
        var decided = Plan.of(asked, config, observed, observed);
        if (asked.mode() == Plan.Mode.ABORT) return showAbort(decided);
        var attempt = decided.attempt();
        decided.before()
            .ifPresent(b -> console.line("would go on with the deploy of " + b.attempt().version()
                + ", which " + b.how() + "; what it has done is not done again:"));
        var to = attempt.to();
        var next = Generation.all(observed.next(), to, !attempt.first(), Version.of(attempt.version()), attempt.via());
        var diff = Nginx.diff(serving, next);
        console.line("would deploy " + config.app() + " " + attempt.version() + " to " + console.of(to) + ":");
        NginxSettings.of(config).differences(config).forEach(d -> console.line("  settings " + d));
        console.line("  build    " + stack.images().plan(attempt.version(), attempt.source()));
        if (!config.migration().command().isEmpty())
            console.line("  migrate  " + String.join(" ", config.migration().command())
                + (Migration.isDone(observed, attempt.version()) && !migrate ? ", done before: not again" : ""));
        console.line("  stop     "
            + (observed.running(to) ? config.service(to) + " (" + observed.version(to) + ")" : "nothing"));
        console.line("  start    " + config.service(to));
        console.line(
            "  health   " + Reach.healthUrl(config, to) + ", up to " + Console.seconds(config.health().timeout()));
        console.line("  switch   " + (attempt.noSwitch() ? "no" : ""));
        if (!attempt.noSwitch()) diff.forEach(l -> console.line("           " + console.diff(l)));
        console.line("  watch    " + (attempt.noSwitch() ? "no" : Console.seconds(attempt.monitor())));
        if (!config.follow().services().isEmpty())
            console.line("  follow   " + String.join(", ", config.follow().services())
                + (config.follow().when() == When.SWITCH
                    ? ", before the switch"
                    : ", after the watch"));
        console.event("plan", Map.of("to", to.toString(), "version", attempt.version(), "diff", diff));
        return ExitCode.DONE.code();
    }

    private int showAbort(Plan decided) {
        decided.undoing().forEach(console::line);
        console.event("plan", Map.of("aborts", decided.attempt().version(), "steps", decided.undoing()));
        return ExitCode.DONE.code();
    }

    @Command(name = "build", description = "Only build the image.", footer = "  deploy build --tag unite-hub:1.0.1")
    static class Build implements Callable<Integer> {
        @Option(names = "--tag", required = true, paramLabel = "IMAGE:VERSION",
            description = "what the image is called")
        String tag;
        @ParentCommand Deploy deploy;

        public Integer call() {
            int colon = tag.lastIndexOf(':');
            if (colon <= 0)
                throw Failure.usage("--tag " + tag + " has no version").next("deploy build --tag " + tag + ":1.0.1");
            Version.required(tag.substring(colon + 1));
            if (!tag.substring(0, colon).matches("[a-z0-9]+([._/:-]+[a-z0-9]+)*"))
                throw Failure.usage("'" + tag.substring(0, colon) + "' is not an image name",
                    "lower-case letters, digits, and . _ - / between them", "deploy build --tag unite-hub:1.0.1");
            var step = deploy.cli.console().step("build");
            var built = new Stack(deploy.cli.config()).images().build(tag, tag.substring(colon + 1), step::progress);
            step.done(tag + "  " + built.shortId());
            return ExitCode.DONE.code();
        }
    }

    public static void main(String... args) { Project.run(new Deploy(), args); }
}
