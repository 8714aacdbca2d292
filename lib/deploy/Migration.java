package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.LogLine;
import lib.journal.Journal;
import lib.secrets.Redaction;
import lib.stack.Stack;
import lib.state.Observed;
import lib.traffic.Run;

/**
 * What brings the database to a version: a command in its image, once. Its container has a name, and outlives us: who
 * comes after a kill waits for the one that runs, and believes the one that has ended.
 */
public final class Migration {
    private static final String VERSION = "bluegreen.migrates";
    private static final int LAST_LINES = 40;
    /** To end by itself, at its limit. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Stack stack;
    private final Config config;
    private final Engine engine;
    private final Run run;

    Migration(Stack stack, Run run) {
        this.stack = stack;
        this.config = stack.config();
        this.engine = stack.engine();
        this.run = run;
    }

    /** @param again also when it was done for this version @throws Failure it went wrong; what serves is as it was */
    void run(Observed observed, Colour colour, String image, Version version, boolean again, String meanwhile) {
        if (config.migration().command().isEmpty()) return;
        var done = doneBefore(observed, version);
        if (done.isPresent() && !again) {
            run.skip("migrate", Map.of("version", version.toString()),
                "done before, in the run " + done.get() + " (--migrate: again)");
            return;
        }
        requireNoOther(version, image);
        run.step("migrate", Map.of("version", version.toString(), "id", image), step -> {
            var container = left(version, image).orElseGet(() -> start(colour, image, version, step));
            var redaction = redaction(container);
            var state = end(container, redaction, step);
            String said = said(container, redaction);
            step.fact("version", version.toString()).fact("output", said).fact("code", state.path("ExitCode").asInt());
            if (state.path("ExitCode").asInt() != 0) {
                engine.remove(container);
                throw new Failure(ExitCode.FAILED, "the migration to " + version + " failed with exit code "
                    + state.path("ExitCode").asInt(), said + "\n" + meanwhile);
            }
            return String.join(" ", config.migration().command());
        });
        // Behind its line in the journal: until then the container is all that tells what was done.
        engine.container(name()).ifPresent(c -> engine.remove(c.id()));
    }

    /** Of a version, by what the journals tell. */
    public static boolean isDone(Observed observed, String version) {
        return doneBefore(observed, Version.of(version)).isPresent();
    }

    /** The run that did it. */
    private static Optional<String> doneBefore(Observed observed, Version version) {
        return observed.runs()
            .reversed()
            .stream()
            .filter(r -> r.line("migrate", "done").filter(l -> version.is(l.path("version").asText())).isPresent())
            .map(Journal.Run::name)
            .findFirst();
    }

    private String name() { return name(config); }
    private static String name(Config config) { return config.composeProject() + "-migrate"; }

    /** One of a deploy that was killed, running or ended well. One that failed is no answer. */
    private Optional<String> left(Version version, String image) {
        var found = engine.container(name()).filter(c -> isOf(c, version, image));
        var answer = found.filter(c -> c.running() || c.status().equals("exited") && c.exitCode() == 0);
        if (answer.isEmpty()) engine.container(name()).ifPresent(c -> engine.remove(c.id()));
        return answer.map(Container::id);
    }

    private static boolean isOf(Container c, Version version, String image) {
        return version.is(c.labels().getOrDefault(VERSION, "")) && c.image().equals(image);
    }

    private void requireNoOther(Version version, String image) {
        engine.container(name()).filter(c -> c.running() && !isOf(c, version, image)).ifPresent(c -> {
            throw Failure.preflight(stillRuns(c), "two at once could spoil the database",
                "docker logs --follow " + name());
        });
    }

    /** One that a deploy has left: nobody else ends it. */
    static void tellIfRunning(Stack stack, Console console) {
        stack.engine()
            .container(name(stack.config()))
            .filter(Container::running)
            .ifPresent(c -> console.warning(stillRuns(c) + ": docker logs --follow " + c.name()));
    }

    private static String stillRuns(Container c) {
        return "the migration to " + c.labels().get(VERSION) + " still runs";
    }

    private String start(Colour colour, String image, Version version, Console.Step step) {
        awaitServices(step);
        stack.runOnce(name(), Map.of(VERSION, version.toString()), colour, image, version,
            config.migration().command(), step::progress);
        return engine.container(name())
            .map(Container::id)
            .orElseThrow(
                () -> new Failure(ExitCode.FAILED, "the migration's container is gone").next("docker ps --all"));
    }

    /** A database that was just started is not there yet. */
    private void awaitServices(Console.Step step) {
        long end = System.nanoTime() + config.health().timeout().toNanos();
        for (var c : stack.containers().values()) {
            boolean others = c.running() && !config.services().contains(c.service());
            while (others && engine.health(c.id()).equals("starting") && System.nanoTime() < end) {
                step.progress("waiting for " + c.service());
                Interruption.pause(250);
            }
        }
    }

    /** Its state when it has ended. */
    private JsonNode end(String container, Redaction redaction, Console.Step step) {
        long limit = System.nanoTime() + config.migration().limit().toNanos();
        while (true) {
            var state = engine.inspect(container)
                .map(n -> n.path("State"))
                .orElseThrow(() -> new Failure(ExitCode.FAILED, "the migration's container was removed",
                    "whether it has done its work is not known", "deploy --migrate   (runs it again)"));
            if (state.path("Status").asText().equals("exited")) return state;
            if (System.nanoTime() > limit) {
                engine.stop(container, GRACE);
                String said = said(container, redaction);
                engine.remove(container);
                throw new Failure(ExitCode.FAILED, "the migration did not end within "
                    + Console.seconds(config.migration().limit()) + " and was stopped", said,
                    "migrate-timeout: in bluegreen.yaml");
            }
            var last = engine.logs(container, 1);
            step.progress(last.isEmpty() ? "runs" : redaction.apply(last.getFirst().text()));
            Interruption.pause(250);
        }
    }

    private String said(String container, Redaction redaction) {
        String all = engine.logs(container, LAST_LINES).stream().map(LogLine::text).collect(Collectors.joining("\n"));
        return redaction.apply(all);
    }

    /** Of what its container was given, too: the compose file may have secrets that the configuration has not. */
    private Redaction redaction(String container) {
        var given = engine.container(container).map(Container::environment).orElse(Map.of());
        return Redaction.of(config, List.copyOf(given.entrySet()));
    }
}
