///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/**/*.java

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import lib.cli.Cli;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.deploy.OldImages;
import lib.docker.Docker;
import lib.docker.Image;
import lib.docker.Schema;
import lib.journal.Journal;
import lib.nginx.Assets;
import lib.nginx.Drain;
import lib.nginx.Generation;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.nginx.Reach;
import lib.session.Aftermath;
import lib.stack.Stack;
import lib.state.Attempt;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Gate;
import lib.traffic.Hooks;
import lib.traffic.Reconciler;
import lib.traffic.Rollback;
import lib.traffic.Run;
import lib.traffic.Serving;
import lib.traffic.Standby;
import lib.traffic.TrafficSwitch;
import lib.watch.KeptProbe;
import lib.watch.Watch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "deploy", description = "Build, start in the standby colour, wait until healthy, switch, watch, keep or roll back.",
    footer = {"  deploy --version 1.0.1", "  deploy --version 1.0.1 --no-switch   then: switch green"}, subcommands = Deploy.Build.class)
class Deploy implements Callable<Integer> {
    @Option(names = "--version", paramLabel = "VERSION", description = "tag of the image, and what /api/health must say")
    String version;
    @Option(names = "--target", paramLabel = "COLOUR", converter = Cli.ColourName.class, description = "default: the standby")
    Colour target;
    @Option(names = "--image", paramLabel = "IMAGE", description = "an image that exists; nothing is built")
    String image;
    @Option(names = "--no-build", description = "use the existing image with the version's tag")
    boolean noBuild;
    @Option(names = "--no-switch", description = "stop when the standby is healthy")
    boolean noSwitch;
    @Option(names = "--via", paramLabel = "WAY", converter = Cli.WayName.class, description = "instant or reload; default: switching: in the configuration")
    Way via;
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
    private TrafficSwitch switchover;   // knows what serves now
    private Standby standby;         // the colour that gets the new version, while it has no traffic
    private Hooks hooks;
    private Observed truth;             // as it was before this run changed anything
    private Attempt attempt;
    private Attempt.Interrupted before;      // the deploy that is resumed; null: none
    private Colour to;                // the colour that gets the new version
    private Image built;
    private Instant switchedAt;
    private Optional<String> bad = Optional.empty();     // what the watch has found, until the rollback
    private boolean isPutBack;       // by this run, after a signal
    private KeptProbe kept;          // a connection that was open before the switch
    private boolean changedBefore;   // something was started, or put in order, before the run began
    private boolean oneWay;          // --force across an unsafe schema: the old version must not come back by itself

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        stack = new Stack(config);
        if (resume && abort) throw Failure.usage("--resume and --abort", "one goes on, the other goes back", null);
        if (!resume && !abort) Image.requireVersion(version);
        if (plan) return plan();

        if (resume || abort) requireUndone();
        else Image.require(config, version, image, noBuild, "deploy");
        Hooks.require(config);
        changedBefore = stack.startShared(console.step("stack"));
        try {
            return underLock(stack.nginx());
        } catch (Failure f) {
            throw f.after(changedBefore);
        }
    }

    /** Where Nginx does not run, before all is started for nothing: this checkout's journal knows of one. */
    private void requireUndone() {
        if (stack.nginxDown(stack.containers()).isEmpty() || Attempt.lastUndone(Journal.runs(config)).isPresent()) return;
        throw Failure.usage("no deploy was cut off or failed", "and Nginx does not run", "status");
    }

    private int underLock(Docker.Container container) throws InterruptedException {
        String doing = resume ? "deploy --resume" : abort ? "deploy --abort" : "deploy " + version;
        try (var lock = Lock.take(container, doing, Lock.Patience.of(locking.wait), console);
             var repair = new Reconciler(config, console, nginx = new Nginx(config, container, lock), () -> changedBefore = true)) {
            truth = abort ? repair.truth() : repair.truthWithTrafficOnTheLiving(lock);
            if (resume || abort) before = undone(repair.asFound());
            else lookBack(repair.asFound());
            if (via == null) via = config.switching();
            if (monitor == null) monitor = config.monitor();
            attempt = before == null ? fresh() : before.attempt().from(truth.serving());
            version = attempt.version();
            to = attempt.to();
            run = Run.begin(config, console, Optional.of(lock), abort ? "abort" : "deploy", attempt.facts());
            run.changedBefore(changedBefore);
            switchover = new TrafficSwitch(config, run, nginx, truth.serving());
            standby = new Standby(config, run, switchover, to);
            hooks = Hooks.of(config, run, before == null ? Set.of() : before.hooks()).with("VERSION", version).with("TARGET", to)
                .with("ACTIVE", attempt.first() ? null : to.other()).with("ACTIVE_VERSION", attempt.fromVersion());
            return toItsEnd();
        }
    }

    private int toItsEnd() throws InterruptedException {
        try {
            int code = abort ? goBack() : goForward();
            run.end(null);
            Aftermath.of(config, console, run, null);
            return code;
        } catch (Failure f) {
            var told = run.told(f.code.isInterruption() ? afterSignal(f.code) : f);
            if (!f.code.isInterruption() && f.code != ExitCode.LOCKED) told("on-failure", f.getMessage());
            run.end(told);
            Aftermath.of(config, console, run, told);
            throw told;
        }
    }

    /** What a person is told of a stop, also when what safety asks for goes wrong. */
    private Failure afterSignal(ExitCode code) throws InterruptedException {
        try {
            return interrupted(code);
        } catch (Failure f) {
            return f;
        }
    }

    /** A hook behind a decision that stands: a signal only ends the hook. */
    private void told(String hook, String reason) {
        try {
            hooks.with("REASON", reason).after(hook);
        } catch (Failure signalled) {
            console.warning("the hook " + hook + " was ended before its time");
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
                stack.requireFree(to);
                if (!attempt.first()) standby.free(truth.state());
                standby.start(built.id(), version);
            } else run.skip("start", Map.of("colour", to.toString(), "id", built.id()), "done before: " + to + " runs " + version);
            run.patient("health", step -> new Gate(config, to, version).require(stack, step, meanwhile()));
            bridgeAssets();
            if (noSwitch) return stayHere();
            hooks.before("pre-switch");
            if (!attempt.first()) kept = new KeptProbe(config);
            switchOver();
        } else run.skip("switch", Map.of(), "done before: generation " + serving().number());
        return watch();
    }

    /** The deploy that --resume and --abort are about. */
    private Attempt.Interrupted undone(Observed found) {
        var undone = Attempt.undone(found).orElseThrow(() -> Failure.usage("no deploy was cut off or failed", past(found), "status"));
        var cut = undone.attempt();
        if (version != null && !version.equals(cut.version()) || target != null && target != cut.to())
            throw Failure.usage("the deploy that was cut off is of " + cut.version() + " to " + cut.to(), null, "deploy --resume   or   deploy --abort");
        noSwitch |= cut.noSwitch();
        if (via == null) via = cut.via();
        if (monitor == null) monitor = cut.monitor();
        force |= resume && cut.force();
        return undone;
    }

    /** What came after the deploy that somebody may have in mind. */
    private static String past(Observed found) {
        var last = found.runs().stream().filter(r -> r.asked("to") != null).reduce((_, l) -> l);
        return last.map(r -> "the last run is " + r.name() + " by " + Optional.ofNullable(r.asked("by")).orElse("?") + ", of "
            + Optional.ofNullable(r.asked("version")).orElse("?") + " to " + r.asked("to") + ": what was cut off before it is past").orElse("no deploy is known");
    }

    /** A plain deploy after one that was cut off: the same version goes on with it, another one takes its place. */
    private void lookBack(Observed found) throws InterruptedException {
        var undone = Attempt.interrupted(found).orElse(null);
        if (undone == null) return;
        var cut = undone.attempt();
        var serving = truth.serving();
        console.warning("the deploy of " + cut.version() + " to " + cut.to() + " " + undone.how());
        if (version.equals(cut.version()) && (target == null || target == cut.to())) {
            console.line("    going on with it");
            before = undone;
        } else console.line("    " + serving.active() + " serves" + (serving.version() == null ? "" : " " + serving.version()) + "; " + version + " takes its place");
    }

    private boolean isHealthy(Colour colour, String itsVersion) { return new Gate(config, colour, itsVersion).now().isEmpty(); }

    private Generation serving() { return switchover.serving(); }

    /** To the standby: never to a colour that Nginx sends traffic to. */
    private Attempt fresh() {
        var serving = truth.serving();
        var active = serving.active();
        boolean first = truth.active().isEmpty();
        if (!first && target == active)
            throw Failure.usage(target + " serves the traffic", "deploying to it would stop what your users see; the standby is " + active.other(),
                "deploy --version " + version + "   (without --target)");
        var to = !first ? active.other() : target == null ? active : target;
        if (!first && version.equals(truth.version(active))) console.warning(version + " serves already" + (Rollback.of(truth) instanceof Rollback.Warm w
            ? ": deploying it again replaces the warm way back, " + w.version() + "; a rollback then starts it from its image" : ""));
        var replaced = truth.container(to);
        return new Attempt(version, to, image, noBuild, noSwitch, via, monitor, force, first ? null : String.valueOf(truth.version(active)),
            replaced.map(Docker.Container::image).orElse(null), replaced.map(Docker.Container::version).orElse(null),
            replaced.filter(Docker.Container::running).isPresent(), serving.backed(), serving.number());
    }

    /** Resumed, and moved already. */
    private boolean hasTraffic() { return before != null && serving().active() == to && version.equals(serving().version()); }

    /** Resumed, and started already. */
    private boolean runsIt() {
        return before != null && before.run().did("start") && truth.running(to)
            && truth.container(to).filter(c -> c.image().equals(built.id()) && version.equals(c.version())).isPresent();
    }

    private String meanwhile() {
        return attempt.first() ? "Nothing served before, and nothing does." : serving().active() + " still serves " + serving().version() + "; no request went to " + to + ".";
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
        if (!force) throw Failure.preflight("the database cannot serve both versions", conflict.get(),
            "deploy a version between them first, or accept that there is no way back: --force");
        oneWay = true;
        console.warning("--force: " + conflict.get() + "; there is no safe rollback from this deploy");
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

    /** From the rename on, the colour that is left is Nginx's backup, if it is good: a new version that dies costs no request. */
    private void switchOver() {
        var left = to.other();
        // Since its gate, hooks may have taken minutes.
        switchover.requireLive();
        new Gate(config, to, version).now().ifPresent(wrong -> {
            throw new Failure(ExitCode.FAILED, to + " is not healthy any more: " + wrong, meanwhile(), "docker logs " + name(to));
        });
        boolean backed = !attempt.first() && !oneWay && Serving.canBackUp(config, left);
        var next = switchover.next(to, backed, version, via);
        switchover.move("switch", next, after(next, stack.container(left).filter(Docker.Container::running).isPresent() ? left : null), null);
    }

    /**
     * From the rename on, only the watch decides: worse means back at once. Drain and hook go on beside it. Good means that
     * the old colour stays Nginx's backup, or is stopped, as the configuration says.
     */
    private int watch() throws InterruptedException {
        var left = to.other();
        var old = running(left);
        boolean canGoBack = old.isPresent() && !oneWay;
        var beside = new ArrayList<Run.Beside>();
        var drain = old.map(o -> run.beside("drain", Map.of(), step -> Drain.watch(nginx, o, config.drain(), step)));
        drain.ifPresent(beside::add);
        hooks.beside("post-switch").ifPresent(beside::add);
        try {
            if (!monitor.isZero()) run.patient("watch", step -> {
                try (var probe = kept == null ? new KeptProbe(config) : kept) {
                    return new Watch(config, console, serving(), since(), probe, run.name()).require(monitor, step);
                }
            });
            for (var b : beside) b.await();
        } catch (Failure worse) {
            if (worse.code.isInterruption() || worse.code == ExitCode.LOCKED) throw worse;
            if (canGoBack) {
                bad = Optional.of(worse.getMessage());
                throw rollBack(worse.getMessage(), drain, beside);
            }
            throw new Failure(ExitCode.UNHEALTHY, version + " is not well, and serves: " + worse.getMessage(),
                oneWay ? "the database does not fit the old version any more" : "there is no other colour to go back to", "docker logs " + name(to));
        } finally {
            for (var b : beside) b.cancel();
        }
        nginx.requireActive(to);
        if (canGoBack) run.settle("the old colour", () -> keepOrStop(left));
        run.settle("images", () -> run.quiet("images", Map.of(), _ -> OldImages.prune(config, stack.imagesInUse(), usedNewestFirst()) + " old ones removed"));
        console.event("deployed", Map.of("active", to.toString(), "version", version));
        console.line("\n" + console.of(to) + " serves " + console.bold(version) + "." + wayBack());
        return ExitCode.DONE.code();
    }

    /** As status says it: what is warm need not be what was good. */
    private String wayBack() {
        if (attempt.first()) return "";
        try {
            return switch (Rollback.of(Observed.read(config))) {
                case Rollback.Warm _ -> "  Back at once:  " + console.command("switch --rollback");
                case Rollback.Impossible(String reason) -> "  No rollback: " + reason;
                case Rollback back -> "  Back " + back.text() + ":  " + console.command("switch --rollback");
            };
        } catch (Failure f) {
            return "";          // an engine that does not answer now: what was done stands
        }
    }

    private List<String> usedNewestFirst() {
        return Stream.concat(Stream.of(built.id()), OldImages.usedNewestFirst(truth.runs()).stream()).distinct().toList();
    }

    /** A colour that runs; as it was at the beginning when the engine does not say: the watch goes on. */
    private Optional<Docker.Container> running(Colour colour) {
        try {
            return stack.running(colour);
        } catch (Failure f) {
            console.warning("the old colour cannot be seen: " + f.getMessage());
            return truth.container(colour).filter(Docker.Container::running);
        }
    }

    private boolean keepsStandby() { return !config.standby().equals(Optional.of(Duration.ZERO)); }

    private void keepOrStop(Colour left) {
        var now = new Standby(config, run, switchover, left);
        if (keepsStandby()) now.arm(after(serving(), left));
        else now.free(after(serving(), left));
    }

    /** For an engine that restarts meanwhile. */
    private static final Duration GIVE_UP = Duration.ofSeconds(60);

    /** @param drain of the colour that gets the traffic again: it ends with the rollback */
    private Failure rollBack(String reason, Optional<Run.Beside> drain, List<Run.Beside> beside) throws InterruptedException {
        var left = to.other();
        if (serving().active() != left && running(left).isEmpty())
            return new Failure(ExitCode.UNHEALTHY, version + " is not well: " + reason, left + " does not run, so " + to + " keeps the traffic", "status");
        if (serving().active() != left && new Gate(config, left, attempt.fromVersion()).now().isPresent() && isHealthy(to, version))
            return new Failure(ExitCode.UNHEALTHY, version + " is not well: " + reason, left + " does not answer, so " + to + " keeps the traffic", "status");
        for (long end = System.nanoTime() + GIVE_UP.toNanos(); serving().active() != left; ) try {
            var back = switchover.next(left, false, attempt.fromVersion(), via);
            switchover.move("rollback", back, after(back, null), reason);
        } catch (Failure f) {
            if (f.code == ExitCode.LOCKED || f.code.isInterruption()) throw f;
            if (System.nanoTime() > end)
                throw new Failure(ExitCode.UNCONFIRMED, version + " is bad and could not be rolled back: " + reason, f.getMessage(), "switch --rollback", f);
            console.warning(f.getMessage() + ": again");
            Thread.sleep(1000);
        }
        // The traffic is back: what still runs beside may come to its own end, unless a signal ends it.
        drain.ifPresent(Run.Beside::cancel);
        run.settle("what ran beside", () -> beside.forEach(Run.Beside::awaitOrCancel));
        told("post-rollback", reason);
        return new Failure(ExitCode.ROLLED_BACK, version + " was rolled back: " + reason, left + " serves " + attempt.fromVersion() + " as before", "docker logs " + name(to));
    }

    /** Undoes a deploy: the traffic first, then the containers, then Nginx's backup. */
    private int goBack() throws InterruptedException {
        var old = to.other();
        console.line(console.bold(config.app()) + " back to how it was before " + version + console.dim("   it " + before.how()));
        if (attempt.first() ? version.equals(serving().version()) : serving().active() == to) {
            if (attempt.first()) throw Failure.preflight("nothing served before " + version, "there is no picture to go back to", "deploy --resume");
            var conflict = truth.schemaConflict();
            if (conflict.isPresent() && !force)
                throw Failure.preflight("the database may not fit " + old, conflict.get(), "deploy --resume, or know that the database still fits: deploy --abort --force");
            if (!truth.running(old)) run.step("start", step -> stack.revive(old, step::progress).service() + " was stopped");
            run.patient("health", step -> new Gate(config, old, attempt.fromVersion()).require(stack, step, to + " goes on serving " + version + "."));
            var back = rollBack("undone", Optional.empty(), List.of());
            if (serving().active() == to) throw back;
        }
        if (attempt.first()) standby.stop("stopped"); else restore();
        console.event("aborted", Map.of("active", String.valueOf(serving().active()), "version", String.valueOf(serving().version())));
        console.line("\n" + (attempt.first() ? "Nothing serves, as before." : console.of(old) + " serves " + serving().version() + ", as before " + version + "."));
        return ExitCode.DONE.code();
    }

    /** The standby as it was before this deploy, and Nginx's backup again if it was. */
    private void restore() throws InterruptedException {
        var candidate = stack.container(to);
        if (candidate.filter(c -> c.running() && c.image().equals(attempt.standbyImage())).isEmpty()) {
            standby.free(asItIs());
            if (attempt.standbyImage() != null && Image.find(attempt.standbyImage()).isPresent()) refill();
        }
        if (attempt.backed()) standby.arm(asItIs());
    }

    /** Stopped as it was, the colour is a way back all the same: its container is there. */
    private void refill() {
        String image = attempt.standbyImage(), its = attempt.standbyVersion();
        if (!attempt.standbyRan()) {
            run.step("create", Map.of("colour", to.toString(), "id", image), _ -> {
                stack.create(to, image, its);
                return config.service(to) + " is on " + its + " again, stopped as before";
            });
            return;
        }
        standby.start(image, its);
        run.patient("health", step -> new Gate(config, to, its).require(stack, step, to.other() + " serves " + serving().version() + "."));
    }

    /** The picture from the beginning holds while the traffic is where it was. */
    private State asItIs() { return serving().active() == truth.serving().active() ? truth.state() : after(serving(), null); }

    /** Ended by a signal: the traffic stays on a healthy colour, and a standby that was touched is put back. */
    private Failure interrupted(ExitCode code) throws InterruptedException {
        boolean moved = serving().active() == to && version.equals(serving().version());
        if (moved && !attempt.first() && !oneWay && (bad.isPresent() || !isHealthy(to, version)))
            return rollBack(bad.orElse("stopped before it was watched, and it is not healthy"), Optional.empty(), List.of());
        boolean touched = !moved && run.hasChanged();
        if (touched && !attempt.first()) run.settle("the standby could not be put back", this::putBack);
        return new Failure(code, "stopped", moved ? to + " serves " + version + (isHealthy(to, version) ? ", healthy but not watched to the end" : ", and is not healthy")
            : attempt.first() ? "nothing serves yet"
            : to.other() + " serves " + attempt.fromVersion() + (before == null && switchedAt == null ? "; no request went to " + version : ""),
            touched && isPutBack ? "deploy --resume   (goes on)" : "deploy --resume   (goes on)   or   deploy --abort   (undoes it)");
    }

    private void putBack() {
        run.quiet("restore", Map.of(), _ -> {
            restore();
            isPutBack = true;
            return to + " is as it was before";
        });
    }

    /** The state file for a generation; {@code previous}: what a rollback would go to. */
    private State after(Generation next, Colour previous) {
        if (next.active() != serving().active()) switchedAt = Instant.now();
        return new State(next.active(), previous, since(), next.version(), true, next.number(), previous == null ? null : attempt.fromVersion());
    }

    private Instant since() {
        if (switchedAt == null) switchedAt = truth.file().state().map(State::lastSwitch).orElseGet(Instant::now);
        return switchedAt;
    }

    private String name(Colour colour) { return config.container(config.service(colour)); }

    private int plan() {
        if (!(stack.containers().get(config.nginxService()) instanceof Docker.Container container && container.running())) {
            console.line("would start the stack of " + config.composeProject() + ", then deploy " + version + " to blue: a first deploy");
            console.event("plan", Map.of("first", true, "to", "blue", "version", version));
            return ExitCode.DONE.code();
        }
        truth = Observed.read(config);
        var serving = truth.serving();
        if (serving.active() == null || truth.active().isPresent() && Serving.wrong(truth, serving.active()).isPresent()) {
            console.line("would first repair what status shows, and move the traffic to the colour that answers; then deploy to the other one");
            return ExitCode.DONE.code();
        }
        if (resume || abort) before = undone(truth);
        else before = Attempt.interrupted(truth).filter(i -> version.equals(i.attempt().version())).orElse(null);
        if (via == null) via = config.switching();
        if (monitor == null) monitor = config.monitor();
        attempt = before == null ? fresh() : before.attempt();
        version = attempt.version();
        to = attempt.to();
        nginx = new Nginx(config, container);
        var diff = nginx.diff(serving, Generation.all(nginx.next(), to, !attempt.first(), version, via));
        console.line("would deploy " + config.app() + " " + version + " to " + console.of(to) + ":");
        console.line("  build    " + Image.plan(config, version, image, noBuild));
        console.line("  stop     " + (truth.running(to) ? config.service(to) + " (" + truth.version(to) + ")" : "nothing"));
        console.line("  start    " + config.service(to));
        console.line("  health   " + Reach.healthUrl(config, to) + ", up to " + Console.seconds(config.health().timeout()));
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
