///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/all.java ../load/*.java board/*.java

import board.Bars;
import board.Board;
import board.Table;
import board.Timed;
import board.Warm;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import lib.cli.Cli;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Interruption;
import lib.http.Probe;
import load.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "deploy",
    description = "Where the time of a deploy goes, step by step, from the command to verified traffic.",
    footer = "  bench deploy --times 5")
class Deploy implements Callable<Integer> {
    @Option(names = "--times", defaultValue = "10", paramLabel = "N", description = "deploys (${DEFAULT-VALUE})")
    int times;
    @Mixin Board board;
    @Mixin Cli cli;

    private static final List<String> STEPS = List.of("stack", "build", "failover", "stop", "start", "health",
        "switch");
    private static final String BETWEEN = "between, and the script's start",
        TOTAL = "to verified traffic",
        APP = "of it: the app's own start", GATE = "of health: since the app is well";
    private static final Duration READY = Duration.ofMinutes(1);

    public Integer call() throws IOException, InterruptedException {
        var measured = new LinkedHashMap<String, List<Double>>();
        for (String row : STEPS) measured.put(row, new ArrayList<>());
        for (String row : List.of(BETWEEN, TOTAL, APP, GATE)) measured.put(row, new ArrayList<>());
        try (var project = new Project("bluegreen-bench", Path.of(System.getenv("BLUEGREEN_HOME")))) {
            for (int version = 1; version <= 2; version++)
                project.run("deploy", "--version", String.valueOf(version), "--monitor", "0s").ended(0);
            Warm.await(Path.of(System.getenv("BLUEGREEN_HOME")), "deploy", "status", "switch");
            project.run("deploy", "--version", "1", "--no-build", "--monitor", "0s").ended(0);       // does not count
            for (int i = 0; i < times; i++) measure(project, i % 2 == 0 ? Colour.GREEN : Colour.BLUE, measured);
        }
        show(measured);
        return ExitCode.DONE.code();
    }

    /** A version that was built before, to the colour that is the standby now. */
    private void measure(Project project, Colour to, Map<String, List<Double>> measured) throws InterruptedException {
        var ready = new FutureTask<>(() -> ready(project, to));
        var began = Instant.now();
        Thread.ofVirtual().start(ready);
        var said = project.run("deploy", "--version", to == Colour.GREEN ? "2" : "1", "--no-build", "--monitor", "0s")
            .ended(0);
        double steps = 0;
        for (String step : STEPS) {
            double took = ms(at(said, step, "begin"), at(said, step, "done"));
            measured.get(step).add(took);
            steps += took;
        }
        try {
            var answered = ready.get();
            double total = ms(began, at(said, "switch", "done"));
            measured.get(BETWEEN).add(total - steps);
            measured.get(TOTAL).add(total);
            measured.get(APP).add(ms(at(said, "start", "begin"), answered));
            measured.get(GATE).add(ms(answered, at(said, "health", "done")));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** When the colour's new process gave its first good answer on its own port, after the old one had gone. */
    private static Instant ready(Project project, Colour to) {
        var health = URI.create(
            "http://127.0.0.1:" + (to == Colour.BLUE ? project.blue : project.green) + "/api/health");
        boolean gone = false;
        for (long end = System.nanoTime() + READY.toNanos(); System.nanoTime() < end; Interruption.pause(10)) {
            boolean good = Probe.once(health, Duration.ofSeconds(1)).good();
            if (good && gone) return Instant.now();
            gone |= !good;
        }
        throw new IllegalStateException(to + " was not ready within " + READY);
    }

    private static Instant at(Project.Said said, String step, String phase) {
        return said.events("step")
            .stream()
            .filter(e -> e.path("name").asText().equals(step) && e.path("phase").asText().equals(phase))
            .map((JsonNode e) -> Instant.parse(e.path("at").asText()))
            .reduce((_, last) -> last)
            .orElseThrow(() -> new AssertionError("no " + phase + " of " + step + ":\n" + said.text()));
    }

    private static double ms(Instant from, Instant to) { return Duration.between(from, to).toNanos() / 1e6; }

    private void show(Map<String, List<Double>> measured) throws IOException, InterruptedException {
        var table = Table.of("step", "median ms", "worst ms", "of all");
        var bars = Bars.of("A deploy to verified traffic, median of " + times + ", ms");
        double total = Timed.middle(measured.get(TOTAL));
        measured.forEach((row, all) -> {
            double median = Timed.middle(all);
            table.add(row, "%,.0f".formatted(median),
                "%,.0f".formatted(all.stream().max(Double::compare).orElseThrow()),
                "%.0f %%".formatted(100 * median / total));
            bars.add(row, median, "%,.0f ms".formatted(median), row.equals(TOTAL));
        });
        board.show(cli.console(), "deploy",
            "A version that was built before goes to the standby, which stops its old one"
                + " first: from the command that a person types to the confirmed switch, watch and drain excluded; "
                + times
                + " deploys.",
            List.of(new Board.Part("Each step's own median.", table, bars)));
    }

    public static void main(String... args) { Cli.run(new Deploy(), args); }
}
