///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/*.java lib/**/*.java

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import lib.*;
import lib.aftermath.Aftermath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "deploy", description = "Build, start in the standby colour, wait until healthy, switch, watch, keep or roll back.",
    footer = {"  deploy --version 1.0.1", "  deploy --version 1.0.1 --no-switch   then: switch green"}, subcommands = Deploy.Build.class)
class Deploy implements Callable<Integer> {
    @Option(names = "--version", paramLabel = "VERSION", description = "tag of the image, and what /api/health must say")
    String version;
    @Option(names = "--target", paramLabel = "COLOUR", converter = Cli.ColorName.class, description = "default: the standby")
    Color target;
    @Option(names = "--image", paramLabel = "IMAGE", description = "an image that exists; nothing is built")
    String image;
    @Option(names = "--no-build", description = "use the existing image with the version's tag")
    boolean noBuild;
    @Option(names = "--no-switch", description = "stop when the standby is healthy")
    boolean noSwitch;
    @Option(names = "--via", paramLabel = "WAY", converter = Cli.WayName.class, description = "instant or reload; default: switching: in the configuration")
    Generation.Way via;
    @Option(names = "--monitor", paramLabel = "DURATION", converter = Cli.Span.class, description = "watch after the switch (default: monitor: in the configuration, 120s)")
    Duration monitor;
    @Option(names = "--force", description = "deploy although the database's schema does not allow to go back")
    boolean force;
    @Option(names = "--plan", description = "show what would be done; change nothing")
    boolean plan;
    @Option(names = "--resume", description = "go on with a deploy that was cut off, from the first step not done")
    boolean resume;
    @Option(names = "--abort", description = "undo a deploy that was cut off or failed: traffic first, then containers")
    boolean abort;
    @Mixin Cli.Locking locking;
    @Mixin Cli.Project cli;

    private Config config;
    private Console console;
    private Stack stack;
    private Nginx nginx;
    private Run run;
    private Switchover switchover;
    private Hooks hooks;
    private Truth truth;             // as it was before this run changed anything
    private Generation serving;      // as it is now
    private Attempt attempt;
    private Attempt.Interrupted before;      // the deploy that is resumed; null: none
    private Color to;                // the colour that gets the new version
    private Image built;
    private Instant switchedAt;
    private KeptProbe kept;          // a connection that was open before the switch
    private boolean oneWay;          // --force across an unsafe schema: the old version must not come back by itself

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        stack = new Stack(config);
        if (resume && abort) throw Failure.usage("--resume and --abort", "one goes on, the other goes back", null);
        if (resume || abort) before = undone();
        else Image.requireVersion(version);
        if (via == null) via = config.switching();
        if (monitor == null) monitor = config.monitor();
        if (plan) return plan();

        stack.startShared(console.step("stack"));
        var container = stack.nginx();
        nginx = new Nginx(config, container);
        try (var lock = Lock.take(container, (resume ? "deploy --resume" : abort ? "deploy --abort" : "deploy " + version), locking.wait, console)) {
            truth = new Repair(config, console, nginx).truthWithTrafficOnTheLiving();
            serving = truth.serving();
            if (before == null) lookBack();
            attempt = before == null ? fresh() : before.attempt();
            version = attempt.version();
            to = attempt.to();
            run = Run.begin(config, console, lock, abort ? "abort" : "deploy", attempt.facts());
            switchover = new Switchover(config, run, nginx);
            hooks = Hooks.of(config, run, before == null ? Set.of() : before.hooks()).with("VERSION", version).with("TARGET", to)
                .with("ACTIVE", attempt.first() ? null : to.other()).with("ACTIVE_VERSION", attempt.fromVersion());
            try {
                int code = abort ? goBack() : goForward();
                run.end(null);
                Aftermath.of(config, console, run, null);
                return code;
            } catch (Failure f) {
                var told = f.code.isInterruption() ? interrupted(f.code) : f;
                if (!f.code.isInterruption()) hooks.with("REASON", f.getMessage()).after("on-failure");
                run.end(told);
                Aftermath.of(config, console, run, told);
                throw told;
            }
        }
    }

    private int goForward() throws InterruptedException {
        var from = attempt.first() ? "   first deploy" : "   " + to.other() + " has " + attempt.fromVersion();
        console.line(console.bold(config.app()) + " " + version + " → " + console.of(to) + console.dim(from));
        hooks.before("pre-build");
        build();
        hooks = hooks.with("IMAGE_ID", built.id());
        requireSchema();
        if (!hasTraffic()) {
            hooks.before("pre-deploy");
            if (!runsIt()) {
                disarmFailover();
                stopStandby();
                start(built.id(), version);
            }
            run.patient("health", step -> new Gate(config, to, version).require(stack, step, meanwhile()));
            bridgeAssets();
            if (noSwitch) return stayHere();
            hooks.before("pre-switch");
            if (!attempt.first()) kept = new KeptProbe(config);
            switchOver();
            hooks.after("post-switch");
        }
        drain();
        return watch();
    }

    /** The deploy that --resume and --abort are about. */
    private Attempt.Interrupted undone() {
        var found = Attempt.undone(config).orElseThrow(() -> Failure.usage("no deploy was cut off or failed", "the journal's last one came to its end", "status"));
        if (version != null && !version.equals(found.attempt().version()) || target != null && target != found.attempt().to())
            throw Failure.usage("the deploy that was cut off is of " + found.attempt().version() + " to " + found.attempt().to(), null, "deploy --resume   or   deploy --abort");
        noSwitch |= found.attempt().noSwitch();
        if (via == null) via = found.attempt().via();
        if (monitor == null) monitor = found.attempt().monitor();
        force |= found.attempt().force();
        return found;
    }

    /** A plain deploy after one that was cut off: the same version goes on with it, another one takes its place. */
    private void lookBack() throws InterruptedException {
        var found = Attempt.interrupted(config).orElse(null);
        if (found == null) return;
        var cut = found.attempt();
        console.warning("the deploy of " + cut.version() + " to " + cut.to() + " was cut off " + found.where());
        if (version.equals(cut.version()) && (target == null || target == cut.to()) && serving.active() != null) {
            console.line("    going on with it");
            before = found;
        } else if (serving.active() == cut.to() && !cut.first() && truth.running(cut.to().other()) && !isHealthy(cut.to(), cut.version())) {
            console.line("    " + cut.to() + " has the traffic and is not healthy: back to " + cut.to().other() + " first");
            nginx.install(Generation.all(nginx.next(), cut.to().other(), false, truth.version(cut.to().other()), via), serving);
            truth = new Repair(config, console, nginx).truth();
            serving = truth.serving();
        } else console.line("    " + serving.active() + " serves" + (serving.version() == null ? "" : " " + serving.version()) + "; " + version + " takes its place");
    }

    private boolean isHealthy(Color color, String itsVersion) {
        return Probe.once(URI.create(config.healthUrl(color)), Duration.ofSeconds(5)).wrong(Probe.Expected.of(config, color, itsVersion)).isEmpty();
    }

    /** To the standby: never to a colour that Nginx sends traffic to. */
    private Attempt fresh() {
        var active = serving.active();
        boolean first = truth.active().isEmpty();
        if (!first && target == active)
            throw Failure.usage(target + " serves the traffic", "deploying to it would stop what your users see; the standby is " + active.other(),
                "deploy --version " + version + "   (without --target)");
        var standby = !first ? active.other() : target == null ? active : target;
        var replaced = truth.container(standby);
        return new Attempt(version, standby, image, noBuild, noSwitch, via, monitor, force, first ? null : String.valueOf(truth.version(active)),
            replaced.map(Docker.Container::image).orElse(null), replaced.map(Docker.Container::version).orElse(null), serving.backed());
    }

    /** Resumed, and moved already. */
    private boolean hasTraffic() { return before != null && serving.active() == to && version.equals(serving.version()); }

    /** Resumed, and started already. */
    private boolean runsIt() {
        return before != null && before.run().did("start") && truth.running(to)
            && truth.container(to).filter(c -> c.image().equals(built.id()) && version.equals(c.version())).isPresent();
    }

    private String meanwhile() {
        return attempt.first() ? "Nothing served before, and nothing does." : serving.active() + " still serves " + serving.version() + "; no request went to " + to + ".";
    }

    private void build() {
        var done = before == null ? Optional.<Image>empty() : before.imageId().flatMap(Image::find);
        if (done.isPresent()) {
            built = done.get();
            run.skip("build", Map.of("image", built.reference(), "id", built.id()), "done before: " + built.shortId());
            return;
        }
        run.patient("build", step -> {
            built = Image.of(config, version, attempt.image(), attempt.noBuild(), "deploy", step::progress);
            step.fact("image", built.reference()).fact("id", built.id());
            return built.reference() + console.dim("  " + built.shortId());
        });
    }

    /** Both versions use the database at the same time, and a rollback must find one it can run on. */
    private void requireSchema() {
        if (attempt.first()) return;
        var conflict = truth.container(to.other()).flatMap(c -> Schema.conflict(version, built.labels(), String.valueOf(c.version()), c.labels()));
        if (conflict.isEmpty()) return;
        if (!force) throw Failure.preflight("the database cannot serve both versions", conflict.get() + "\nNothing was changed.",
            "deploy a version between them first, or accept that there is no way back: --force");
        oneWay = true;
        console.warning("--force: " + conflict.get() + "; there is no safe rollback from this deploy");
    }

    /** Nginx must not fail over to a colour that is about to be replaced. */
    private void disarmFailover() {
        if (serving.backed()) failover(new Generation(nginx.next(), serving.active(), serving.green(), false, serving.version(), serving.via()), to);
    }

    private void stopStandby() {
        if (!truth.running(to)) return;
        if (serving.routesTo(to))
            throw Failure.preflight(to + " gets traffic", "generation " + serving.number() + " routes to it; nothing was changed", "switch " + to.other() + "   first");
        run.step("stop", Map.of("colour", to.toString()), step -> {
            var old = truth.container(to).orElseThrow();
            step.progress("stopping " + old.service());
            stack.stop(to);
            return old.service() + " (" + old.version() + ") stopped";
        });
    }

    private void start(String image, String itsVersion) {
        run.step("start", Map.of("colour", to.toString(), "id", image), step -> {
            stack.requireFree("ports." + to, "127.0.0.1:" + config.ports().of(to));
            var started = stack.start(to, image, itsVersion, step::progress);
            new Image(image, image).keepFor(config, to);
            return started.service() + " runs " + itsVersion;
        });
    }

    private void bridgeAssets() {
        if (config.assets().from().isEmpty()) return;
        var serving = attempt.first() ? Optional.<Docker.Container>empty() : stack.container(to.other());
        run.step("assets", _ -> Assets.bridge(config, stack.container(to).orElseThrow(), serving, stack.nginx(), console::warning));
    }

    private int stayHere() {
        console.event("ready", Map.of("colour", to.toString(), "version", version));
        console.line("\n" + console.of(to) + " runs " + version + " and is healthy; the traffic stays where it is.\n  next:  " + console.command("switch " + to));
        return ExitCode.DONE.code();
    }

    private void switchOver() {
        var next = Generation.all(nginx.next(), to, false, version, via);
        switchover.move("switch", next, serving, after(next, truth.running(to.other()) ? to.other() : null), null);
        serving = next;
    }

    private void drain() {
        if (truth.running(to.other())) run.patient("drain", step -> Drain.watch(nginx, truth.container(to.other()).orElseThrow(), config.drain(), step));
    }

    /** Worse means back at once; good means that the old colour becomes Nginx's backup, or is stopped, as the configuration says. */
    private int watch() throws InterruptedException {
        var left = to.other();
        boolean canGoBack = truth.running(left) && !oneWay;
        try {
            if (!monitor.isZero()) run.patient("watch", step -> {
                try (var probe = kept == null ? new KeptProbe(config) : kept) {
                    return new Watch(config, console, serving, since(), probe, run.name()).require(monitor, step);
                }
            });
        } catch (Failure worse) {
            if (worse.code.isInterruption()) throw worse;
            if (canGoBack) throw rollBack(worse.getMessage());
            throw new Failure(ExitCode.FAILED, version + " is not well: " + worse.getMessage(),
                oneWay ? "the database does not fit the old version any more" : "there is no other colour to go back to", "docker logs " + name(to));
        }
        if (canGoBack) keepOrStop(left);
        run.quiet("images", Map.of(), _ -> Image.prune(config, stack.imagesInUse()) + " old ones removed");
        console.event("deployed", Map.of("active", to.toString(), "version", version));
        console.line("\n" + console.of(to) + " serves " + console.bold(version) + "." + (canGoBack ? (keepsStandby() ? "  Back at once:  " : "  Back:  ") + console.command("switch --rollback") : ""));
        return ExitCode.DONE.code();
    }

    private boolean keepsStandby() { return !config.standby().equals(Optional.of(Duration.ZERO)); }

    private void keepOrStop(Color left) {
        if (keepsStandby()) failover(Generation.all(nginx.next(), to, true, version, via), left);
        else run.step("stop", Map.of("colour", left.toString()), _ -> {
            stack.stop(left);
            return config.service(left) + " stopped, as standby: stopped asks for";
        });
    }

    private Failure rollBack(String reason) {
        var left = to.other();
        var back = Generation.all(nginx.next(), left, false, truth.version(left), via);
        switchover.move("rollback", back, serving, after(back, null), reason);
        serving = back;
        hooks.with("REASON", reason).after("post-rollback");
        return new Failure(ExitCode.ROLLED_BACK, version + " was rolled back: " + reason, left + " serves " + back.version() + " as before", "docker logs " + name(to));
    }

    /** Undoes a deploy: the traffic first, then the containers, then Nginx's backup. */
    private int goBack() throws InterruptedException {
        var old = to.other();
        console.line(console.bold(config.app()) + " back to how it was before " + version + console.dim("   cut off " + before.where()));
        if (serving.active() == to) {
            if (attempt.first()) throw Failure.preflight("nothing served before " + version, "there is no picture to go back to; nothing was changed", "deploy --resume");
            if (!truth.running(old)) run.step("start", step -> stack.revive(old, step::progress).service() + " was stopped");
            run.patient("health", step -> new Gate(config, old, attempt.fromVersion()).require(stack, step, to + " goes on serving " + version + "."));
            rollBack("undone");
        }
        var candidate = truth.container(to);
        boolean asItWas = candidate.filter(c -> c.running() && c.image().equals(attempt.standbyImage())).isPresent();
        if (!asItWas) {
            disarmFailover();
            stopStandby();
            if (attempt.standbyImage() != null && Image.find(attempt.standbyImage()).isPresent()) {
                start(attempt.standbyImage(), attempt.standbyVersion());
                run.patient("health", step -> new Gate(config, to, attempt.standbyVersion()).require(stack, step, old + " serves " + serving.version() + "."));
            }
        }
        truth = Truth.read(config);
        if (attempt.backed() && truth.running(to)) failover(Generation.all(nginx.next(), old, true, serving.version(), serving.via()), to);
        console.event("aborted", Map.of("active", String.valueOf(serving.active()), "version", String.valueOf(serving.version())));
        console.line("\n" + (attempt.first() ? "Nothing serves, as before." : console.of(old) + " serves " + serving.version() + ", as before " + version + "."));
        return ExitCode.DONE.code();
    }

    /** Ended by a signal: the traffic stays on a healthy colour. */
    private Failure interrupted(ExitCode code) {
        boolean moved = serving.active() == to && version.equals(serving.version());
        if (moved && !attempt.first() && !isHealthy(to, version)) return rollBack("stopped before it was watched, and it is not healthy");
        return new Failure(code, "stopped", moved ? to + " serves " + version + ", healthy but not watched to the end"
            : attempt.first() ? "nothing serves yet" : to.other() + " serves " + attempt.fromVersion() + "; no request went to " + version,
            "deploy --resume   (goes on)   or   deploy --abort   (undoes it)");
    }

    /** The state file for a generation; {@code previous}: what a rollback would go to. */
    private State after(Generation next, Color previous) {
        if (next.active() != serving.active()) switchedAt = Instant.now();
        return new State(next.active(), previous, since(), next.version(), true, next.number(), previous == null ? null : truth.version(previous));
    }

    private Instant since() {
        if (switchedAt == null) switchedAt = truth.file().state().map(State::lastSwitch).orElseGet(Instant::now);
        return switchedAt;
    }

    private void failover(Generation next, Color previous) {
        switchover.failover(next, serving, after(next, previous));
        serving = next;
    }

    private String name(Color color) { return config.composeProject() + "-" + config.service(color) + "-1"; }

    private int plan() {
        if (!(stack.containers().get(config.nginxService()) instanceof Docker.Container container && container.running())) {
            console.line("would start the stack of " + config.composeProject() + ", then deploy " + version + " to blue: a first deploy");
            console.event("plan", Map.of("first", true, "to", "blue", "version", version));
            return ExitCode.DONE.code();
        }
        nginx = new Nginx(config, container);
        truth = Truth.read(config);
        serving = truth.serving();
        if (serving.active() == null || truth.active().isPresent() && !truth.running(serving.active())) {
            console.line("would first repair what status shows as drift, then deploy to the colour that has no traffic");
            return ExitCode.DONE.code();
        }
        if (before == null) before = Attempt.interrupted(config).filter(i -> version.equals(i.attempt().version())).orElse(null);
        attempt = before == null ? fresh() : before.attempt();
        version = attempt.version();
        to = attempt.to();
        var diff = nginx.diff(serving, Generation.all(nginx.next(), to, false, version, via));
        console.line("would deploy " + config.app() + " " + version + " to " + console.of(to) + ":");
        console.line("  build    " + Image.plan(config, version, image, noBuild));
        console.line("  stop     " + (truth.running(to) ? config.service(to) + " (" + truth.version(to) + ")" : "nothing"));
        console.line("  start    " + config.service(to));
        console.line("  health   " + config.healthUrl(to) + ", up to " + Console.seconds(config.health().timeout()));
        console.line("  switch   " + (noSwitch ? "no" : ""));
        if (!noSwitch) diff.forEach(l -> console.line("           " + console.diff(l)));
        console.line("  watch    " + (noSwitch ? "no" : Console.seconds(monitor)));
        console.event("plan", Map.of("to", to.toString(), "version", version, "diff", diff));
        return ExitCode.DONE.code();
    }

    @Command(name = "build", description = "Only build the image.", footer = "  deploy build --tag unite-hub:1.0.1")
    static class Build implements Callable<Integer> {
        @Option(names = "--tag", required = true, paramLabel = "IMAGE:VERSION", description = "what the image is called")
        String tag;
        @ParentCommand Deploy deploy;

        public Integer call() {
            int colon = tag.lastIndexOf(':');
            if (colon <= 0) throw Failure.usage("--tag " + tag + " has no version", null, "deploy build --tag " + tag + ":1.0.1");
            Image.requireVersion(tag.substring(colon + 1));
            if (!tag.substring(0, colon).matches("[a-z0-9]+([._/:-]+[a-z0-9]+)*"))
                throw Failure.usage("'" + tag.substring(0, colon) + "' is not an image name", "lower-case letters, digits, and . _ - / between them", "deploy build --tag unite-hub:1.0.1");
            var step = deploy.cli.console().step("build");
            var built = Image.build(deploy.cli.config(), tag, tag.substring(colon + 1), step::progress);
            step.done(tag + "  " + built.shortId());
            return ExitCode.DONE.code();
        }
    }

    public static void main(String... args) { Cli.run(new Deploy(), args); }
}
