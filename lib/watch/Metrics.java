package lib.watch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Console;
import lib.core.Json;
import lib.journal.Retention;

/** .deployment/metrics/RUN.jsonl: a line a sample while a run watches, and its verdict at the end. */
public final class Metrics {
    static final int FILES = 50;
    static final long BYTES = 20_000_000;

    private final Path file;
    private final String run;
    private final Console console;
    private boolean told;

    /**
     * Makes room first: the newest {@value #FILES} files stay, and 20 MB of them.
     * @param run e.g. "deploy-20251203T101500Z-4711"
     */
    public Metrics(Config config, String run, Console console) {
        this.file = file(config, run);
        this.run = run;
        this.console = console;
        writing(() -> Retention.newest(file.getParent(), FILES - 1, BYTES));
    }

    public static Path file(Config config, String run) {
        return config.folder().resolve("metrics").resolve(run + ".jsonl");
    }

    void add(List<Sample> samples) {
        if (!samples.isEmpty())
            writing(
                () -> Atomic.append(file, samples.stream().map(s -> s.json(run)).collect(Collectors.joining("\n"))));
    }

    public void end(Verdict verdict) {
        var n = Json.object().put("at", Instant.now().toString()).put("run", run).put("verdict", verdict.name());
        verdict.reasons().forEach(n.putArray("reasons")::add);
        writing(() -> Atomic.append(file, n.toString()));
    }

    private interface Writing { void run() throws IOException; }

    /** A full disk must not end the watch over a live version. */
    private void writing(Writing what) {
        try {
            what.run();
        } catch (IOException e) {
            if (!told) console.warning("the metrics are not written: " + e);
            told = true;
        }
    }
}
