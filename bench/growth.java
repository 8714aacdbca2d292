///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES board/*.java ../lib/all.java ../load/*.java

import board.Bars;
import board.Board;
import board.Fit;
import board.History;
import board.Table;
import board.Timed;
import board.Warm;
import board.Watched;
import board.Within;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.journal.Journal;
import lib.journal.Retention;
import load.AccessLines;
import load.Clients;
import load.Docker;
import load.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "growth",
    description = "How status, the watch and the report grow: 10,000 deploys, 20,000 requests/s, 5,000 clients, a day.",
    footer = "  bench growth --times 3 --watch 10")
class Growth implements Callable<Integer> {
    @Option(names = "--times", defaultValue = "5", paramLabel = "N",
        description = "each command (${DEFAULT-VALUE})")
    int times;
    @Option(names = "--watch", defaultValue = "16", paramLabel = "SECONDS",
        description = "how long each watch lasts (${DEFAULT-VALUE})")
    int watch;
    @Option(names = "--only", split = ",", paramLabel = "PART",
        description = "some of ${COMPLETION-CANDIDATES} (all)")
    List<Size> only = List.of(Size.values());
    @Mixin Board board;
    @Mixin Cli cli;

    enum Size { DEPLOYS, CLIENTS, REQUESTS, SAMPLES, HOURS }

    /** ms: what status must hold. */
    private static final double LIMIT = 400;
    private static final int ROUTES = 30, FEW_PER_SECOND = 500;

    private final Path home = Path.of(System.getenv("BLUEGREEN_HOME"));
    private final List<Board.Part> parts = new ArrayList<>();
    private Console console;
    private Project project;
    private Config config;

    public Integer call() throws IOException, InterruptedException {
        console = cli.console();
        try (var own = new Project("bluegreen-bench", home)) {
            project = own;
            config = own.config();
            own.run("deploy", "--version", "1", "--monitor", "0s").ended(0);
            own.run("deploy", "--version", "2", "--monitor", "2s").ended(0);
            Warm.await(home, "status", "switch", "monitor", "deploy");
            for (var size : only) measure(size);
        }
        board.show(console, "growth", "What grows with time and traffic, at several sizes. The exponent is that of the "
            + "straight line through the logarithms: 1 is linear, 0 does not grow.", parts);
        return ExitCode.DONE.code();
    }

    private void measure(Size size) throws IOException, InterruptedException {
        switch (size) {
            case DEPLOYS -> deploys(History.of(config));
            case CLIENTS -> clients();
            case REQUESTS -> requests();
            case SAMPLES -> samples();
            case HOURS -> hours();
        }
    }

    private void part(String says, Fit fit, Table table, Bars bars) {
        parts.add(new Board.Part(says + " " + fit.text() + ".", table, bars));
        console.line("measured, by " + table.columns().getFirst() + ": " + fit.text());
    }

    private List<String> command(String script, String... arguments) {
        var command = new ArrayList<>(
            List.of(home.resolve("bluegreen").toString(), script, "-C", project.folder.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String held(double ms) { return "%,.0f %s".formatted(LIMIT, ms <= LIMIT ? "held" : "missed"); }

    private void deploys(History history) throws IOException, InterruptedException {
        var table = Table.of("deploys in the journal", "MB", "status ms", "limit ms", "status --json ms",
            "rollback's plan ms", "CPU ms of status", "ms a deploy", "never cut: MB", "status ms", "ms a deploy");
        Fit fit = Fit.none(), whole = Fit.none();
        var bars = Bars.of("status, by deploys in the journal, ms");
        for (int deploys : new int[] {100, 1000, 10_000}) {
            long bytes = history.write(deploys, Retention.JOURNAL);
            var status = status();
            double ms = status.median();
            fit.add(deploys, ms);
            bars.add("%,d deploys".formatted(deploys), ms, "%,.0f ms".formatted(ms), true);
            double json = Timed.Series.of(times, command("status", "--json")).median(),
                plan = Timed.Series.of(times, command("switch", "--rollback", "--plan")).median();
            long never = history.write(deploys, Long.MAX_VALUE);
            double uncut = never == bytes ? ms : status().median();
            whole.add(deploys, uncut);
            table.add("%,d".formatted(deploys), "%.1f".formatted(bytes / 1e6), "%,.0f".formatted(ms), held(ms),
                "%,.0f".formatted(json), "%,.0f".formatted(plan), "%,.0f".formatted(status.cpu() * 1000),
                "%.2f".formatted(ms / deploys), "%.1f".formatted(never / 1e6), "%,.0f".formatted(uncut),
                "%.2f".formatted(uncut / deploys));
        }
        history.write(0, Retention.JOURNAL);       // as it was: what follows is not about it
        part(
            "Deploys in the journal, as long as bluegreen lets it get: it cuts this checkout's at "
                + Retention.JOURNAL / 1_000_000
                + " MB, the one beside the generations at 500 KB. On the right, if this checkout's had never been cut: "
                + "there status " + whole.text() + ". Whole processes, median of " + times + ". status",
            fit, table, bars);
    }

    private Timed.Series status() throws IOException, InterruptedException {
        return Timed.Series.of(times, command("status"));
    }

    /** Kept alive, and real ones: only their number differs. */
    private void clients() throws IOException, InterruptedException {
        var table = Table.of("clients", "requests/s seen", "failed", "status ms", "limit ms", "monitor: CPU s per s",
            "longest gap s");
        var fit = Fit.none();
        var bars = Bars.of("status, by clients that keep their connection, ms");
        for (int clients : new int[] {50, 500, 5000}) {
            try (var load = Clients.start(clients, "127.0.0.1", project.http,
                Duration.ofMillis(1000L * clients / FEW_PER_SECOND))) {
                Thread.sleep(4000);
                double ms = status().median();
                var watched = Watched.run(project, watch);
                fit.add(clients, ms);
                table.add("%,d".formatted(clients), "%,.0f".formatted(watched.rate()), String.valueOf(load.failed()),
                    "%,.0f".formatted(ms), held(ms), "%.2f".formatted(watched.cpu()),
                    "%.1f".formatted(watched.longest()));
                bars.add("%,d clients".formatted(clients), ms, "%,.0f ms".formatted(ms), true);
            }
        }
        part("Clients that keep their connection alive, real ones, together " + FEW_PER_SECOND
            + " requests/s. status", fit, table, bars);
    }

    private void requests() throws IOException, InterruptedException {
        String line = line();
        var table = Table.of("requests/s", "written/s", "seen/s", "monitor: CPU s per s", "µs a request",
            "longest gap s", "CPU s to begin", "status ms", "limit ms");
        var fit = Fit.none();
        var bars = Bars.of("monitor, CPU seconds per second, by requests/s");
        for (int rate : new int[] {1000, 5000, 20_000}) {
            long began = System.nanoTime();
            var lines = AccessLines.start(config, line, rate, 5000, ROUTES);
            Thread.sleep(2000);
            var watched = Watched.run(project, watch);
            double ms = status().median();
            double written = lines.end() / ((System.nanoTime() - began) / 1e9);
            fit.add(rate, watched.cpu());
            table.add("%,d".formatted(rate), "%,.0f".formatted(written), "%,.0f".formatted(watched.rate()),
                "%.2f".formatted(watched.cpu()), "%.1f".formatted(watched.cpu() * 1e6 / rate),
                "%.1f".formatted(watched.longest()), "%.1f".formatted(watched.start()), "%,.0f".formatted(ms),
                held(ms));
            bars.add("%,d requests/s".formatted(rate), watched.cpu(), "%.2f".formatted(watched.cpu()), true);
        }
        part("Requests that the watch reads and judges: lines written into Nginx's access log at that rate, as clients "
            + "for it would need more than this machine; of 5,000 addresses, on " + ROUTES
            + " routes. What the monitor's process needs", fit, table, bars);
    }

    /** As Nginx writes it, of a request to the colour that serves. */
    private String line() throws InterruptedException {
        try (var client = Clients.start(1, "127.0.0.1", project.http, Duration.ofMillis(100))) {
            Thread.sleep(2500);
        }
        return Docker.call("exec", config.composeProject() + "-" + config.nginxService(), "cat",
            "/var/log/bluegreen/access.jsonl")
            .out()
            .lines()
            .filter(l -> l.contains("\"uri\":\"/api/echo\""))
            .reduce((_, last) -> last)
            .orElseThrow(() -> new Failure(ExitCode.FAILED, "no request in the access log"));
    }

    private void samples() throws IOException {
        var table = Table.of("watched", "samples", "a look ms", "µs a sample");
        var fit = Fit.none();
        var bars = Bars.of("One look of the judge, by length of the watch, ms");
        var samples = Within.samples(600, ROUTES);
        for (int count : new int[] {60, 300, 600}) {
            double ms = Within.judging(config, samples.subList(0, count));
            fit.add(count, ms);
            table.add(count / 30 + " min", String.valueOf(count), "%.1f".formatted(ms),
                "%.1f".formatted(ms * 1000 / count));
            bars.add(count / 30 + " min", ms, "%.1f ms".formatted(ms), true);
        }
        part("A look of the judge at the samples so far, each two seconds, " + ROUTES
            + " routes; there are never more than 600 samples. Within one process. A look", fit, table, bars);
    }

    private void hours() throws IOException {
        // The requests of one client are as long a line in the metrics as those of thousands.
        try (var client = Clients.start(1, "127.0.0.1", project.http, Duration.ofMillis(20))) {
            project.run("monitor", "--duration", "10").ended(0);
        }
        String run = Journal.runs(config).getLast().name();
        var seen = Within.seen(config, run);
        var table = Table.of("watched", "metrics KB", "report ms", "report KB", "ms an hour");
        var fit = Fit.none();
        var bars = Bars.of("Writing the report, by length of the watch, ms");
        for (int hours : new int[] {1, 6, 24}) {
            var reported = Within.report(config, run, seen, Duration.ofHours(hours));
            fit.add(hours, reported.ms());
            table.add(hours + " h", "%,d".formatted(reported.metrics() / 1000), "%,.0f".formatted(reported.ms()),
                "%,d".formatted(reported.page() / 1000), "%.1f".formatted(reported.ms() / hours));
            bars.add(hours + " h", reported.ms(), "%,.0f ms".formatted(reported.ms()), true);
        }
        part(
            "The report of a watch, whose metrics have a line each two seconds, whatever the traffic. Within one process. "
                + "Writing it",
            fit, table, bars);
    }

    public static void main(String... args) { Cli.run(new Growth(), args); }
}
