///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES board/*.java ../lib/all.java ../load/*.java

import board.Bars;
import board.Board;
import board.Table;
import board.Timed;
import board.Warm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.core.ExitCode;
import load.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "startup",
    description = "How long each command takes as a whole process, beside java -version, docker ps and JBang itself.",
    footer = "  bench startup --times 5")
class Startup implements Callable<Integer> {
    @Option(names = "--times", defaultValue = "20", paramLabel = "N", description = "each command (${DEFAULT-VALUE})")
    int times;
    @Mixin Board board;
    @Mixin Cli cli;

    /** What a call of ours cannot be faster than. */
    private enum Floor {
        JAVA("java -version"), DOCKER("docker ps");

        final String command;
        Floor(String command) { this.command = command; }
    }

    /** @param limit in ms; empty: none was promised */
    private record Subject(String name, List<String> command, Optional<Double> limit, Optional<Floor> floor) {}

    private final Path home = Path.of(System.getenv("BLUEGREEN_HOME"));
    private Project project;

    public Integer call() throws IOException, InterruptedException {
        try (var own = new Project("bluegreen-bench", home)) {
            project = own;
            own.run("deploy", "--version", "1", "--monitor", "0s").ended(0);
            own.run("deploy", "--version", "2", "--monitor", "0s").ended(0);
            Warm.await(home, "health", "status", "deploy", "switch", "validate");
            var waiting = own.run("validate")
                .ended(0)
                .events("check")
                .stream()
                .max(Comparator.comparingLong(c -> c.path("ms").asLong()))
                .orElseThrow();
            String says = "Whole processes, as a person types them, one after the other, " + times
                + " rounds after one that does not count; the launcher's AOT cache was there. CPU: of the process and "
                + "of all that it started, but not the engine's. validate waits: its check '%s' took %.1f s of it."
                    .formatted(waiting.path("name").asText(), waiting.path("ms").asLong() / 1000.0);
            show(says, measure(subjects(waiting.path("ms").asLong())));
        }
        return ExitCode.DONE.code();
    }

    /** @param waited ms, by validate's longest check */
    private List<Subject> subjects(long waited) {
        return List.of(
            new Subject("--help", List.of(home.resolve("bluegreen").toString(), "deploy", "--help"), Optional.empty(),
                Optional.of(Floor.JAVA)),
            new Subject("health URL",
                List.of(home.resolve("bluegreen").toString(), "health",
                    "http://127.0.0.1:" + project.http + "/api/health"),
                Optional.of(150.0), Optional.of(Floor.JAVA)),
            ours("status", 400),
            ours("deploy --version 2 --no-build --plan", 400),
            ours("switch --rollback --no-drain", 600),
            ours("validate", waited + 2000),
            new Subject(Floor.JAVA.command, List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-version"), Optional.empty(), Optional.empty()),
            new Subject(Floor.DOCKER.command, List.of("docker", "ps"), Optional.empty(), Optional.empty()),
            new Subject("jbang status.java --help",
                List.of(System.getenv("BLUEGREEN_JBANG"), home.resolve("status.java").toString(), "--help"),
                Optional.empty(), Optional.of(Floor.JAVA)));
    }

    private Subject ours(String line, double limit) {
        var command = new ArrayList<>(List.of(home.resolve("bluegreen").toString()));
        command.addAll(List.of(line.split(" ")));
        command.addAll(2, List.of("-C", project.folder.toString()));
        return new Subject(line, command, Optional.of(limit), Optional.of(Floor.DOCKER));
    }

    /** In turn, so that a slow minute of the machine meets them all. */
    private Map<Subject, Timed.Series> measure(List<Subject> subjects) throws IOException, InterruptedException {
        var measured = new LinkedHashMap<Subject, Timed.Series>();
        for (var subject : subjects) {
            Timed.of(subject.command);
            measured.put(subject, Timed.Series.none());
        }
        for (int i = 0; i < times; i++)
            for (var subject : subjects) measured.get(subject).all().add(Timed.of(subject.command));
        return measured;
    }

    private void show(String says, Map<Subject, Timed.Series> measured) throws IOException, InterruptedException {
        var table = Table.of("command", "median ms", "worst ms", "CPU ms", "limit ms", "", "beside");
        var bars = Bars.of("Whole process, median of " + times + ", ms");
        measured.forEach((subject, series) -> {
            double median = series.median();
            table.add(subject.name, "%,.0f".formatted(median), "%,.0f".formatted(series.worst()),
                "%,.0f".formatted(series.cpu() * 1000),
                subject.limit.map(l -> "%,.0f".formatted(l)).orElse(""),
                subject.limit.map(l -> median <= l ? "held" : "missed").orElse(""),
                subject.floor.map(f -> "%.1f × %s".formatted(median / of(f, measured), f.command)).orElse(""));
            bars.add(subject.name, median, "%,.0f ms".formatted(median), subject.limit.isPresent());
        });
        board.show(cli.console(), "startup", says,
            List.of(new Board.Part("How long each command takes.", table, bars)));
    }

    private static double of(Floor floor, Map<Subject, Timed.Series> measured) {
        return measured.entrySet()
            .stream()
            .filter(e -> e.getKey().name.equals(floor.command))
            .findFirst()
            .orElseThrow()
            .getValue()
            .median();
    }

    public static void main(String... args) { Cli.run(new Startup(), args); }
}
