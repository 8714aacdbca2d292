package board;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.nginx.AccessLog;
import lib.report.Report;
import lib.watch.Judgement;
import lib.watch.Metrics;
import lib.watch.Routes;
import lib.watch.Sample;

/** What would take hours from outside, measured in this process: each after a try that does not count. */
public final class Within {
    private static final int TIMES = 5;
    private static final Duration SAMPLE = Duration.ofSeconds(2);

    private Within() {}

    private interface Task { void run() throws IOException; }

    /** Median, in ms. */
    private static double took(Task task) throws IOException {
        task.run();
        var took = new ArrayList<Double>();
        for (int i = 0; i < TIMES; i++) {
            long began = System.nanoTime();
            task.run();
            took.add((System.nanoTime() - began) / 1e6);
        }
        return Timed.middle(took);
    }

    /** Samples of a watch, each with requests of so many routes. */
    public static List<Sample> samples(int count, int routes) {
        var all = new ArrayList<Sample>();
        for (int i = 0; i < count; i++) {
            var sample = new Routes();
            for (int n = 0; n < 20 * routes; n++)
                sample.add(new AccessLog(Instant.EPOCH, "green", 7, "GET", "/api/route" + n % routes, 200, 5 + n % 97,
                    true, List.of("10.0.0.2:3008")));
            all.add(new Sample(Instant.EPOCH.plus(SAMPLE.multipliedBy(i)), SAMPLE.toSeconds(), 7,
                Map.of(Colour.GREEN, sample), new Sample.Probes(1, 0, 5, null)));
        }
        return all;
    }

    /** One look at them. A watch does it with each sample. */
    public static double judging(Config config, List<Sample> samples) throws IOException {
        var judgement = new Judgement(config.thresholds(), config.judging(), false, Colour.GREEN, Instant.MIN,
            samples.getFirst().of(Colour.GREEN), samples);
        return took(() -> {
            var early = judgement.early();
            if (early.isPresent()) throw new Failure(ExitCode.FAILED, "judged as bad", early.get().text());
        });
    }

    public record Reported(double ms, long metrics, long page) {}

    /** Of a run that has been watched, as if that had taken so long: its samples again and again. */
    public static Reported report(Config config, String run, List<JsonNode> seen, Duration length) throws IOException {
        var metrics = Metrics.file(config, run);
        var text = new StringBuilder();
        var from = Instant.now().minus(length);
        long count = length.dividedBy(SAMPLE);
        for (long i = 0; i < count; i++) {
            ObjectNode line = seen.get((int) (i % seen.size())).deepCopy();
            line.put("at", from.plus(SAMPLE.multipliedBy(i)).toString());
            text.append(line).append('\n');
        }
        Files.writeString(metrics, text);
        double ms = took(() -> Report.write(config, run));
        return new Reported(ms, Files.size(metrics), Files.size(Report.write(config, run)));
    }

    /** The samples that a run has noted. */
    public static List<JsonNode> seen(Config config, String run) throws IOException {
        return Files.readAllLines(Metrics.file(config, run))
            .stream()
            .flatMap(l -> Json.read(l).stream())
            .filter(l -> l.path("seconds").isNumber())
            .toList();
    }
}
