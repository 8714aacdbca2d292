package lib.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Json;
import lib.journal.Retention;
import lib.nginx.AccessLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    @TempDir Path project;
    private final Console console = new Console(false, "%s");

    private Config config() { return Config.load(project, Map.of()); }

    /** Two samples must not tell of the same moment: a chart would go back in time, and a rate be too low. */
    @Test void the_first_and_the_last_sample_of_a_log_end_where_what_was_asked_for_does() {
        var t = Instant.parse("2026-11-24T02:00:00Z");
        var slots = new TreeMap<Instant, Map<Colour, Routes>>(
            Map.of(t.plusSeconds(2), Map.of(), t.plusSeconds(4), Map.of(), t.plusSeconds(6), Map.of()));
        var samples = Traffic.samples(slots, t.plusMillis(500), t.plusMillis(4300), 17);
        assertThat(samples).extracting(Sample::seconds).containsExactly(1.5, 2.0, 0.3);
        assertThat(samples)
            .extracting(Sample::at)
            .containsExactly(t.plusSeconds(2), t.plusSeconds(4), t.plusMillis(4300));
    }

    @Test void a_line_a_sample_and_the_verdict_at_the_end() throws IOException {
        var green = new Routes();
        for (int i = 0; i < 20; i++)
            green.add(new AccessLog(Instant.EPOCH, "green", 17, "GET", "/a", i == 0 ? 500 : i == 1 ? 404 : 200, 12,
                true, List.of("x")));
        var metrics = new Metrics(config(), "deploy-1", console);
        metrics.add(List.of(new Sample(Instant.parse("2026-11-24T02:00:02Z"), 2, 17, Map.of(Colour.GREEN, green),
            new Sample.Probes(2, 0, 8.14, null))));
        metrics.end(Verdict.fail("too slow"));
        var lines = Files.readAllLines(Metrics.file(config(), "deploy-1"));
        assertThat(lines.getFirst())
            .isEqualTo("{\"at\":\"2026-11-24T02:00:02Z\",\"run\":\"deploy-1\",\"seconds\":2.0,\"generation\":17,"
                + "\"green\":{\"requests\":20,\"errors4xx\":1,\"errors5xx\":1,\"p50\":12.0,\"p95\":12.0,\"p99\":12.0,\"max\":12.0},\"probe\":{\"ok\":2,\"failed\":0,\"ms\":8.1,\"error\":null}}");
        assertThat(Json.read(lines.getLast()).orElseThrow().path("verdict").asText()).isEqualTo("fail");
        assertThat(lines.getLast()).contains("\"reasons\":[\"too slow\"]");
    }

    private void file(String name, int bytes, long written) throws IOException {
        Files.write(project.resolve(name), new byte[bytes]);
        assertThat(project.resolve(name).toFile().setLastModified(written)).isTrue();
    }
    private List<String> left() throws IOException {
        try (Stream<Path> all = Files.list(project)) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Test void the_newest_files_stay() throws IOException {
        for (int i = 1; i <= 5; i++) file(i + ".jsonl", 10, i * 10_000L);
        Retention.newest(project, 3, 1000);
        assertThat(left()).containsExactly("3.jsonl", "4.jsonl", "5.jsonl");
        Retention.newest(project, 3, 25);
        assertThat(left()).containsExactly("4.jsonl", "5.jsonl");
    }

    @Test void a_folder_that_cannot_be_written_does_not_end_the_watch() throws IOException {
        Files.createDirectories(config().folder());
        Files.writeString(config().folder().resolve("metrics"), "a file where the folder should be");
        assertThatCode(() -> {
            var metrics = new Metrics(config(), "deploy-1", console);
            metrics.add(List.of(new Sample(Instant.EPOCH, 2, 1, Map.of(), Sample.Probes.NONE)));
            metrics.end(Verdict.fail("x"));
        }).doesNotThrowAnyException();
        assertThat(config().folder().resolve("metrics")).isRegularFile();
    }
}
