package lib.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lib.config.Config;
import lib.core.Json;
import lib.journal.Journal;

/**
 * A run as the scripts leave it behind: lines in the journal (through the real one) and metrics, with times of its own.
 */
public final class Recorded {
    public static final Instant NIGHT = Instant.parse("2026-11-24T02:00:00Z");
    public static final String BLUE_ID = "sha256:9c41d0c8a57bd7a3f1a8f9b0f5b2c7de6a0b3f4e4d1c2b3a4958677685940312";
    public static final String GREEN_ID = "sha256:2be8f1d47f6a9e0c3b5d7f9a1c3e5072940617283940516273849506f7e8d9ca";

    public final Config config;
    public final String run;
    private final Journal journal;
    private final Random random = new Random(7);
    private final List<String> metrics = new ArrayList<>();
    private Instant clock;

    public Recorded(Config config, String command, Instant from) {
        this.config = config;
        this.journal = Journal.of(config, command);
        this.run = journal.run();
        this.clock = from;
    }

    public Recorded line(String step, String phase, Map<String, ?> fields) {
        var all = new LinkedHashMap<String, Object>(fields);
        all.put("at", clock.toString());
        journal.write(step, phase, all);
        return this;
    }
    public Recorded after(double seconds) { clock = clock.plusMillis(Math.round(seconds * 1000)); return this; }
    public Recorded step(String step, double seconds, Map<String, ?> fields) {
        return line(step, "begin", fields).after(seconds).line(step, "done", fields);
    }
    public Recorded begin(String from, String fromVersion, String to, String version) {
        var all = new LinkedHashMap<String, Object>(Map.of("from", from, "to", to, "version", version));
        if (fromVersion != null) all.put("fromVersion", fromVersion);
        return line("run", "begin", all);
    }
    public Recorded end(int code, String why) {
        return line("run", "end", why == null ? Map.of("code", code) : Map.of("code", code, "why", why));
    }
    public Recorded move(String step, String from, String to, long generation) {
        return line(step, "begin", Map.of("from", from, "to", to, "generation", generation, "backed", false))
            .after(0.31)
            .line(step, "done", Map.of("from", from, "to", to, "generation", generation, "ms", 57));
    }
    public Instant now() { return clock; }

    /**
     * Ticks of 2 s from a moment; {@code slow} multiplies green's latencies, {@code broken} of its requests are 5xx.
     */
    public Recorded ticks(Instant from, int count, Instant toGreen, Instant toBlue, double slow, double broken) {
        for (int i = 0; i < count; i++) {
            var start = from.plusSeconds(2L * i);
            double green = share(start, toGreen) - share(start, toBlue);
            double rate = 1480 + 120 * Math.sin(i / 6.0) + random.nextGaussian() * 45;
            var n = Json.object();
            n.put("at", start.plusSeconds(2).toString()).put("run", run).put("seconds", 2.0).put("generation", 17);
            side(n, "blue", rate * 2 * (1 - green), 1, 0);
            side(n, "green", rate * 2 * green,
                slow * (green > 0.99 && share(start.minusSeconds(6), toGreen) < 1 ? 1.5 : 1), broken);
            n.putObject("probe").put("ok", 2).put("failed", 0).put("ms", 8.1).putNull("error");
            metrics.add(n.toString());
        }
        return this;
    }
    private static double share(Instant start, Instant at) {
        return at == null ? 0 : Math.clamp(1 - java.time.Duration.between(start, at).toMillis() / 2000.0, 0, 1);
    }
    private void side(com.fasterxml.jackson.databind.node.ObjectNode n, String colour, double requests, double slow,
        double broken) {
        if (requests < 1) return;
        double p50 = slow * (9 + random.nextDouble() * 1.5), p95 = p50 * 2.6 + random.nextDouble() * 5,
            p99 = p95 * 1.5 + random.nextDouble() * 9;
        n.putObject(colour)
            .put("requests", Math.round(requests))
            .put("errors4xx", random.nextInt(9) == 0 ? 1 : 0)
            .put("errors5xx", Math.round(requests * broken))
            .put("p50", round(p50))
            .put("p95", round(p95))
            .put("p99", round(p99))
            .put("max", round(p99 * 1.4));
    }
    private static double round(double v) { return Math.round(v * 10) / 10.0; }

    public Recorded verdict(String verdict, String... reasons) {
        var n = Json.object().put("at", clock.toString()).put("run", run).put("verdict", verdict);
        for (String r : reasons) n.withArray("reasons").add(r);
        metrics.add(n.toString());
        return this;
    }

    public Path report() throws IOException {
        if (!metrics.isEmpty()) {
            Path file = config.folder().resolve("metrics").resolve(run + ".jsonl");
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.join("\n", metrics) + "\n");
        }
        return Report.write(config, run);
    }

    /**
     * blue 1.0.0 has been deployed; its report is written, so that the next one has a configuration to compare with.
     */
    public static void first(Config config) throws IOException {
        var first = new Recorded(config, "first", NIGHT.minusSeconds(86_400))
            .begin("green", null, "blue", "1.0.0")
            .step("start", 2, Map.of("colour", "blue", "id", BLUE_ID))
            .move("switch", "blue", "blue", 2)
            .end(0, null);
        first.report();
    }

    /** blue 1.0.0 to green 2.0.0 under load, with hooks; good, or rolled back after a while. */
    public static Recorded deploy(Config config, boolean good) {
        var r = new Recorded(config, "deploy", NIGHT).begin("blue", "1.0.0", "green", "2.0.0");
        r.line("hook", "begin", Map.of("hook", "pre-build"))
            .after(0.8)
            .line("hook", "done", Map.of("hook", "pre-build", "code", 0, "output",
                "backup of orders: 48,201 rows, 12 MB\nkept as backups/2026-11-24T02-00.sql.gz"));
        r.step("build", 19.4, Map.of("image", "shop:2.0.0", "id", GREEN_ID))
            .step("failover", 0.3, Map.of("from", "blue", "to", "blue", "generation", 16, "backed", false, "ms", 31));
        r.step("stop", 2.6, Map.of("colour", "green"))
            .step("start", 1.9, Map.of("colour", "green", "id", GREEN_ID))
            .step("health", 6.2, Map.of("answer", "healthy, green 2.0.0, in 9 ms"));
        r.line("hook", "begin", Map.of("hook", "pre-switch"))
            .after(3.4)
            .line("hook", "done", Map.of("hook", "pre-switch", "code", 0, "output",
                "migrate: 20261123_add_discount applied in 2.9 s\nmigrate: nothing left to do"));
        var from = r.now().minusSeconds(24);
        r.move("switch", "blue", "green", 17);
        var at = r.now().minusMillis(57);
        r.step("drain", 4.1, Map.of("colour", "blue"));
        if (good)
            return r.step("watch", 60, Map.of("answer", "60 probes, 0 failed, p95 12 ms"))
                .ticks(from, 44, at, null, 1.12, 0)
                .step("failover", 0.3,
                    Map.of("from", "green", "to", "green", "generation", 18, "backed", true, "ms", 29))
                .verdict("pass", "0 of 94,330 of its requests failed (allowed: 1.0 %)",
                    "p95 of green is 31 ms, of blue it was 28 ms; the threshold is 200 ms")
                .end(0, null);
        String why = "1.9 % of green's requests failed (allowed: 1.0 %), 5xx in 9 ticks in a row";
        r.line("watch", "begin", Map.of())
            .after(22)
            .line("watch", "failed", Map.of("why", why))
            .move("rollback", "green", "blue", 18);
        var back = r.now().minusMillis(57);
        return r.after(12)
            .ticks(from, 34, at, back, 2.4, 0.019)
            .verdict("fail", why, "p95 of green is 78 ms, of blue it was 28 ms")
            .end(6, "2.0.0 was rolled back: " + why);
    }
}
