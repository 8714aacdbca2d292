///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.checks.Preflight;
import lib.cli.Candidate;
import lib.cli.Locking;
import lib.cli.Planning;
import lib.cli.Project;
import lib.config.Config;
import lib.config.SmokeRequest;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.deploy.OldImages;
import lib.deploy.Trial;
import lib.docker.Image;
import lib.docker.References;
import lib.docker.Schema;
import lib.http.SmokeProbe;
import lib.nginx.Lock;
import lib.nginx.Reach;
import lib.session.Session;
import lib.stack.Stack;
import lib.state.Observed;
import lib.traffic.Gate;
import lib.traffic.Run;
import lib.traffic.TrafficSwitch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "smoke",
    description = "A trial run: a version starts in the standby colour, answers requests, and makes room again. No traffic moves.",
    footer = {"  smoke --version 1.0.1", "  smoke                          the image that was built last"})
class Smoke implements Callable<Integer> {
    @Mixin Candidate candidate;
    @Mixin Planning planning;
    @Option(names = "--timeout", defaultValue = "10s", paramLabel = "DURATION",
        description = "of each pre-flight check (${DEFAULT-VALUE})")
    Duration timeout;
    @Mixin Locking locking;
    @Mixin Project cli;

    private Config config;
    private Console console;
    private String version;
    private Stack stack;

    public Integer call() throws InterruptedException {
        config = cli.config();
        console = cli.console();
        stack = new Stack(config);
        version = candidate.requiredOr(() -> OldImages.newest(config, stack.engine()));
        if (planning.only) return plan();
        stack.images().require(version, candidate.source(), "smoke");
        References.read(config);
        validate();
        var request = new Session.Request(config, console, "smoke " + version, Lock.Patience.of(locking.wait), true);
        return Session.hold(request, session -> {
            var observed = session.observed(Optional.empty());
            var to = observed.serving().active().other();
            return session.run(Run.Command.SMOKE, Map.of("version", version, "to", to.toString()),
                run -> tryOut(session, run, observed));
        });
    }

    private int tryOut(Session session, Run run, Observed observed) throws InterruptedException {
        var trial = new Trial(observed, run, new TrafficSwitch(config, run, session.nginx, observed.serving()));
        var other = trial.colour.other();
        String serves = observed.active().isEmpty()
            ? " is empty"
            : " serves " + observed.version(other) + ", and goes on";
        console.line(console.bold(config.app()) + " " + version + " on trial in " + console.of(trial.colour)
            + console.dim("   " + other + serves));
        var image = build(run);
        requireSchema(observed, other, image);
        session.stack.requireFree(trial.colour);
        int wrong = tryOut(session, run, trial, image);
        if (wrong > 0)
            throw new Failure(ExitCode.UNHEALTHY,
                version + ": " + wrong + (wrong == 1 ? " request was" : " requests were")
                    + " not answered as " + (wrong == 1 ? "it" : "they") + " should be",
                "no traffic was moved");
        console.line("\n" + console.bold(version) + " passed; no traffic was moved.   next:  "
            + console.command("deploy --version " + version
                + (candidate.image.isEmpty() ? " --no-build" : candidate.source().options())));
        return ExitCode.DONE.code();
    }

    private int plan() {
        var observed = Observed.read(stack);
        var to = Optional.ofNullable(observed.serving().active()).orElse(Colour.BLUE).other();
        console.line("would try " + config.app() + " " + version + " in " + console.of(to) + ", and move no traffic:");
        console.line("  build    " + stack.images().plan(version, candidate.source()));
        console.line("  stop     " + (observed.running(to)
            ? config.service(to) + " (" + observed.version(to) + ")"
                + (observed.serving().backed() ? ", no failover meanwhile" : "")
            : "nothing"));
        console.line("  start    " + config.service(to));
        console.line("  smoke    " + String.join(", ", requests().stream().map(SmokeRequest::toString).toList()));
        console.line("  restore  " + observed.container(to)
            .map(c -> c.service() + " (" + c.version() + ")" + (c.running() ? "" : ", stopped as it is"))
            .orElse(to + " is empty"));
        console.event("plan", Map.of("to", to.toString(), "version", version));
        return ExitCode.DONE.code();
    }

    private void validate() throws InterruptedException {
        var found = Preflight.of(cli.facts(timeout), cli.console());
        found.print(console, false);
        if (found.failed() > 0)
            throw Failure.preflight(found.failed() + (found.failed() == 1 ? " check" : " checks") + " failed")
                .next("validate");
    }

    /**
     * Whatever becomes of the candidate, the standby is put back; the first error is the one that is told. Returns
     * wrong answers.
     */
    private int tryOut(Session session, Run run, Trial trial, Image image) {
        int wrong = 0;
        Optional<Failure> first = Optional.empty();
        try {
            trial.makeRoom();
            trial.start(image, version);
            run.patient("health", step -> new Gate(session.stack, trial.colour, Version.of(version))
                .require(step, "No request of a user went to it."));
            wrong = run.patient("requests", _ -> ask(trial.colour), _ -> "asked");
        } catch (Failure f) {
            first = Optional.of(f);
        }
        try {
            restore(run, trial);
        } catch (Failure f) {
            if (f.code.isInterruption()) restore(run, trial);          // a signal is heard once: this time it is done
            if (first.isPresent()) console.warning(f.getMessage());
            else first = Optional.of(f);
        }
        if (first.isPresent()) throw first.get();
        return wrong;
    }

    private void restore(Run run, Trial trial) {
        run.step("restore", trial::putBack);
        trial.arm();
    }

    private Image build(Run run) {
        return run.patient("build", step -> {
            var built = stack.images().of(version, candidate.source(), "smoke", step::progress);
            step.fact("image", built.reference()).fact("id", built.id());
            built.digest().ifPresent(digest -> step.fact("digest", digest));
            return built;
        }, built -> built.reference() + console.dim("  " + built.shortest()));
    }

    /** A candidate may migrate the database at its start, under the version that serves. */
    private void requireSchema(Observed observed, Colour serves, Image image) {
        observed.container(serves)
            .flatMap(c -> Schema.conflict(version, image.labels(), c.version().toString(), c.labels()))
            .ifPresent(conflict -> {
                throw Failure.preflight("the database cannot serve both versions", conflict,
                    "try it where nobody is served");
            });
    }

    /** On the candidate's own port, in the order of the configuration. */
    private int ask(Colour colour) {
        int wrong = 0;
        if (config.smoke().isEmpty())
            console.line(console.dim("  · smoke: in bluegreen.yaml has no requests: the health path and / are asked"));
        for (var request : requests()) {
            var step = console.step("smoke");
            var answer = SmokeProbe.of(request, "127.0.0.1", Reach.of(config).of(colour));
            if (answer.wrong().isEmpty())
                step.done(request + "  " + answer.status() + " (" + answer.took().toMillis() + " ms)");
            else
                step.fail(request + "  " + answer.wrong().get());
            console.event("smoke",
                Map.of("request", request.toString(), "status", answer.status(), "ms", answer.took().toMillis(), "good",
                    answer.wrong().isEmpty(),
                    "wrong", answer.wrong().orElse("")));
            if (answer.wrong().isPresent()) wrong++;
        }
        return wrong;
    }

    private List<SmokeRequest> requests() {
        return config.smoke().isEmpty()
            ? List.of(SmokeRequest.get(config.health().path()), SmokeRequest.get("/"))
            : config.smoke();
    }

    public static void main(String... args) { Project.run(new Smoke(), args); }
}
