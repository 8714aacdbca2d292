package lib.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.journal.Journal;

/**
 * One self-contained HTML file a run, .deployment/reports/RUN.html: what happened, when, what the clients saw of it,
 * and what had changed. From the journal and, where there are some, the run's metrics. To be written when the journal
 * has the run's end.
 */
public final class Report {
    /** Reports and configurations that are kept. */
    private static final int KEEP = 50;
    /** Points of a chart: more than one to four pixels each tells nothing more. */
    private static final int POINTS = 160;

    private Report() {}

    private static Path folder(Config config) { return config.folder().resolve("reports"); }

    /** @throws Failure the journal has no such run; a file cannot be read or written */
    public static Path write(Config config, String run) {
        var runs = Journal.runs(config);
        int at = runs.stream().map(Journal.Run::name).toList().indexOf(run);
        if (at < 0 || !run.matches("[\\w.-]+"))
            throw new Failure(ExitCode.FAILED, "no report: the journal has no run " + run);
        Path file = folder(config).resolve(run + ".html");
        try {
            var story = Story.of(runs.get(at), runs.subList(0, at));
            var series = Tick.read(config.folder().resolve("metrics").resolve(run + ".jsonl"));
            var now = Snapshot.kept(config, run);
            var earlier = Earlier.of(config, runs.subList(0, at));
            var heading = new Heading(config.app(), story, series);
            var requests = new Requests(config, story, series, Tick.thinned(series.ticks(), POINTS));
            var sections = new Sections(heading, story, requests, new Changes(story, now, earlier));
            Atomic.writePrivate(file, Page.of(config.app() + ": " + heading.title(), sections.all()));
            prune(folder(config), ".html");
            Contents.write(folder(config), config.app(), runs);
            prune(Snapshot.folder(config), ".json");
            return file;
        } catch (IOException | UncheckedIOException e) {
            throw new Failure(ExitCode.FAILED, "cannot write the report " + file, e.toString(),
                "make room or set permissions").causedBy(e);
        }
    }

    /** The newest run's. */
    public static Optional<Path> last(Config config) {
        try {
            return byAge(folder(config), ".html").stream().reduce((_, newer) -> newer);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot read " + folder(config), e.toString()).causedBy(e);
        }
    }

    /** The page of all reports; empty before the first. */
    public static Optional<Path> all(Config config) {
        return Optional.of(folder(config).resolve(Contents.FILE)).filter(Files::exists);
    }

    private static void prune(Path folder, String ending) throws IOException {
        var all = byAge(folder, ending);
        for (Path old : all.subList(0, Math.max(0, all.size() - KEEP))) Files.deleteIfExists(old);
    }

    /** Oldest first, by the time in a run's name, COMMAND-TIME-PID; two of the same second, as they were written. */
    private static List<Path> byAge(Path folder, String ending) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(ending))
                .filter(f -> !f.endsWith(Contents.FILE))
                .sorted(Comparator.comparing(Report::began).thenComparing(f -> f.toFile().lastModified()))
                .toList();
        }
    }

    private static String began(Path file) {
        String[] name = file.getFileName().toString().split("-", 3);
        return name[Math.min(1, name.length - 1)];
    }
}
