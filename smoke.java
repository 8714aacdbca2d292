///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/**/*.java

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.checks.Preflight;
import lib.cli.Cli;
import lib.config.Config;
import lib.config.SmokeRequest;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.deploy.Trial;
import lib.docker.Docker;
import lib.docker.Image;
import lib.docker.Schema;
import lib.http.SmokeProbe;
import lib.nginx.Lock;
import lib.nginx.Nginx;
import lib.nginx.Reach;
import lib.session.Aftermath;
import lib.stack.Stack;
import lib.state.Observed;
import lib.traffic.Gate;
import lib.traffic.Reconciler;
import lib.traffic.Run;
import lib.traffic.TrafficSwitch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "smoke", description = "A trial run: a version starts in the standby colour, answers requests, and makes room again. No traffic moves.",
    footer = {"  smoke --version 1.0.1", "  smoke --version 1.0.1 --no-build"})
class Smoke implements Callable<Integer> {
    @Option(names = "--version", paramLabel = "VERSION", description = "tag of the image, and what /api/health must say")
    String version;
    @Option(names = "--image", paramLabel = "IMAGE", description = "an image that exists; nothing is built")
    String image;
    @Option(names = "--no-build", description = "use the existing image with the version's tag")
    boolean noBuild;
    @Option(names = "--plan", description = "show what would be done; change nothing")
    boolean plan;
    @Option(names = "--timeout", defaultValue = "10s", converter = Cli.Span.class, paramLabel = "DURATION", description = "of each pre-flight check (${DEFAULT-VALUE})")
    Duration timeout;
    @Mixin Cli.Locking locking;
    @Mixin Cli.Project cli;

    private Config config;
    private Console console;
    private Stack stack;
    private Nginx nginx;
    private boolean changedBefore;       // something was started, or put in order, before the run began
    private Run run;
    private Trial trial;
    private Image candidate;
    private int wrong;

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        stack = new Stack(config);
        Image.requireVersion(version);
        if (plan) return plan();
        Image.require(config, version, image, noBuild, "smoke");
        validate();
        changedBefore = stack.startShared(console.step("stack"));
        try {
            return underLock(stack.nginx());
        } catch (Failure f) {
            throw f.after(changedBefore);
        }
    }

    private int underLock(Docker.Container container) throws InterruptedException {
        try (var lock = Lock.take(container, "smoke " + version, Lock.Patience.of(locking.wait), console);
             var repair = new Reconciler(config, console, nginx = new Nginx(config, container, lock), () -> changedBefore = true)) {
            var truth = repair.truth();
            run = Run.begin(config, console, Optional.of(lock), "smoke", Map.of("version", version, "to", truth.serving().active().other().toString()));
            run.changedBefore(changedBefore);
            try {
                trial = new Trial(truth, run, new TrafficSwitch(config, run, nginx, truth.serving()));
                console.line(console.bold(config.app()) + " " + version + " on trial in " + console.of(trial.colour)
                    + console.dim("   " + trial.colour.other() + (truth.active().isEmpty() ? " is empty" : " serves " + truth.version(trial.colour.other()) + ", and goes on")));
                build();
                requireSchema(truth);
                stack.requireFree(trial.colour);
                tryOut();
                end(wrong == 0 ? null : new Failure(ExitCode.UNHEALTHY, wrong + " requests failed", null, null));
                return verdict();
            } catch (Failure f) {
                var told = run.told(f);
                end(told);
                throw told;
            }
        }
    }

    private int plan() {
        var truth = Observed.read(config);
        var to = Optional.ofNullable(truth.serving().active()).orElse(Colour.BLUE).other();
        console.line("would try " + config.app() + " " + version + " in " + console.of(to) + ", and move no traffic:");
        console.line("  build    " + Image.plan(config, version, image, noBuild));
        console.line("  stop     " + (truth.running(to) ? config.service(to) + " (" + truth.version(to) + ")" + (truth.serving().backed() ? ", no failover meanwhile" : "") : "nothing"));
        console.line("  start    " + config.service(to));
        console.line("  smoke    " + String.join(", ", requests().stream().map(SmokeRequest::toString).toList()));
        console.line("  restore  " + truth.container(to).map(c -> c.service() + " (" + c.version() + ")" + (c.running() ? "" : ", stopped as it is")).orElse(to + " is empty"));
        console.event("plan", Map.of("to", to.toString(), "version", version));
        return ExitCode.DONE.code();
    }

    private void end(Failure failure) {
        run.end(failure);
        Aftermath.of(config, console, run, failure);
    }

    private void validate() throws InterruptedException {
        var found = Preflight.of(cli.facts(timeout), cli.console());
        found.print(console, false);
        if (found.failed() > 0) throw Failure.preflight(found.failed() + (found.failed() == 1 ? " check" : " checks") + " failed", null, "validate");
    }

    /** Whatever becomes of the candidate, the standby is put back; the first error is the one that is told. */
    private void tryOut() throws InterruptedException {
        Failure first = null;
        try {
            trial.makeRoom();
            trial.start(candidate, version);
            run.patient("health", step -> new Gate(config, trial.colour, version).require(stack, step, "No request of a user went to it."));
            run.patient("requests", _ -> {
                ask();
                return "asked";
            });
        } catch (Failure f) {
            first = f;
        }
        try {
            restore();
        } catch (Failure f) {
            if (f.code.isInterruption()) restore();          // a signal is heard once: this time it is done
            if (first == null) first = f; else console.warning(f.getMessage());
        }
        if (first != null) throw first;
    }

    private void restore() {
        run.step("restore", trial::putBack);
        trial.arm();
    }

    private void build() {
        run.patient("build", step -> {
            candidate = Image.of(config, version, image, noBuild, "smoke", step::progress);
            step.fact("image", candidate.reference()).fact("id", candidate.id());
            return candidate.reference() + console.dim("  " + candidate.shortId());
        });
    }

    /** A candidate may migrate the database at its start, under the version that serves. */
    private void requireSchema(Observed truth) {
        truth.container(trial.colour.other()).flatMap(c -> Schema.conflict(version, candidate.labels(), String.valueOf(c.version()), c.labels())).ifPresent(conflict -> {
            throw Failure.preflight("the database cannot serve both versions", conflict, "try it where nobody is served");
        });
    }

    /** On the candidate's own port, in the order of the configuration. */
    private void ask() {
        if (config.smoke().isEmpty()) console.line(console.dim("  · smoke: in bluegreen.yaml has no requests: the health path and / are asked"));
        for (var request : requests()) {
            var step = console.step("smoke");
            var answer = SmokeProbe.of(request, "127.0.0.1", Reach.of(config).of(trial.colour));
            if (answer.wrong().isEmpty()) step.done(request + "  " + answer.status() + " (" + answer.took().toMillis() + " ms)"); else step.fail(request + "  " + answer.wrong().get());
            console.event("smoke", Map.of("request", request.toString(), "status", answer.status(), "ms", answer.took().toMillis(), "good", answer.wrong().isEmpty(),
                "wrong", answer.wrong().orElse("")));
            if (answer.wrong().isPresent()) wrong++;
        }
    }

    private List<SmokeRequest> requests() {
        return config.smoke().isEmpty() ? List.of(SmokeRequest.get(config.health().path()), SmokeRequest.get("/")) : config.smoke();
    }

    private int verdict() {
        console.line("");
        if (wrong > 0) {
            console.line(console.bad("✗ " + version + ": " + wrong + (wrong == 1 ? " request was not answered as it should be" : " requests were not answered as they should be")) + "; no traffic was moved");
            return ExitCode.UNHEALTHY.code();
        }
        console.line(console.bold(version) + " passed; no traffic was moved.   next:  " + console.command("deploy --version " + version + (image != null ? " --image " + image : " --no-build")));
        return ExitCode.DONE.code();
    }

    public static void main(String... args) { Cli.run(new Smoke(), args); }
}
