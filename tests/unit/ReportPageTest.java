package lib.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Failure;
import lib.journal.Journal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
    private static final String HOSTILE = "</pre></style><script>alert(1)</script><img src=x onerror='alert(2)'>\"&\u202E\033[31mred\033[0m\u0007";

    @TempDir Path project;

    private Config config() { return Config.load(project, Map.of()); }
    private Recorded run(String command) { return new Recorded(config(), command, Recorded.NIGHT); }
    private static String read(Recorded run) throws IOException { return Files.readString(run.report()); }

    @Test void what_comes_from_outside_is_text_never_markup() throws IOException {
        var run = run("deploy")
            .begin("blue", HOSTILE, "green", HOSTILE)
            .step(HOSTILE, 1, Map.of("answer", HOSTILE))
            .step("start", 1, Map.of("colour", "green", "id", HOSTILE))
            .line("hook", "failed", Map.of("hook", HOSTILE, "code", 9, "output", HOSTILE))
            .ticks(Recorded.NIGHT, 5, null, null, 1, 0)
            .verdict(HOSTILE, HOSTILE)
            .end(5, HOSTILE);
        assertThat(read(run))
            .doesNotContain("<script", "<img", "\u202E", "\033", "\u0007")
            .contains("&lt;script&gt;alert(1)", "onerror=&#39;alert(2)&#39;&gt;&quot;&amp;")
            .satisfies(page -> assertThat(page.split("</pre>")).hasSize(2))
            .satisfies(page -> assertThat(page.split("</style>")).hasSize(2));
    }

    @Test void without_metrics_there_is_a_sentence_in_place_of_the_charts() throws IOException {
        assertThat(read(run("switch").begin("blue", "1", "green", "2").move("switch", "blue", "green", 3).end(0, null)))
            .contains("No metrics were kept")
            .contains("57 ms")
            .doesNotContain("<figure", "NaN", "null");
    }

    @Test void it_says_who_ran_it_of_which_commit_and_what_hooks_and_migrations_said() throws IOException {
        var run = run("deploy")
            .line("run", "begin", Map.of("version", "2", "to", "green", "by", "ann@build-7", "actor", "bob", "commit",
                "3f2a9c1d04be-dirty", "job", "https://ci.example/jobs/7"))
            .line("hook", "done", Map.of("hook", "pre-build", "code", 0, "output", "linted"))
            .line("migrate", "failed", Map.of("code", 3, "output", "no such column"))
            .end(5, "migrate failed");
        assertThat(read(run))
            .contains("by ann@build-7 for bob", "commit 3f2a9c1d04be-dirty",
                "href=\"https://ci.example/jobs/7\"", "Hooks and migrations", "linted", "no such column",
                "exit code 3");
    }

    @Test void it_says_what_the_terminal_said() throws IOException {
        var run = run("deploy")
            .begin("blue", "1", "green", "2")
            .line("run", "end", Map.of("code", 5, "why", "too slow",
                "detail", "the last lines of its log:\nno queue\nblue serves 1", "next",
                "bg deploy -C /srv/shop --abort"));
        assertThat(read(run))
            .contains("too slow", "no queue\nblue serves 1", "<code>bg deploy -C /srv/shop --abort</code>");
    }

    @Test void a_job_that_is_no_link_is_none() throws IOException {
        var run = run("deploy").line("run", "begin", Map.of("version", "2", "job", "javascript:alert(1)")).end(0, null);
        assertThat(read(run)).doesNotContain("javascript:");
    }

    @Test void each_report_is_a_line_of_the_page_of_all_and_links_to_it() throws IOException {
        var first = run("deploy").begin("blue", "1", "green", HOSTILE).end(6, "bad");
        assertThat(read(first)).contains("href=\"index.html\"");
        var second = run("switch").begin("green", "2", "blue", "1").end(0, null);
        second.report();
        String all = Files.readString(config().folder().resolve("reports/index.html"));
        assertThat(all)
            .contains("href=\"" + first.run + ".html\"", "href=\"" + second.run + ".html\"", "rolled back", "✓ done")
            .doesNotContain("<script", "<img");
        assertThat(all.indexOf(second.run)).isLessThan(all.indexOf(first.run));
        assertThat(Report.last(config())).isPresent().get().asString().doesNotContain("index.html");
        assertThat(Past.of(Journal.runs(config()))).extracting(Past::command).containsExactly("switch", "deploy");
    }

    @Test void ticks_without_a_request_are_no_traffic_not_a_crash() throws IOException {
        var run = run("monitor").begin("green", "2", "green", "2");
        for (int i = 0; i < 3; i++)
            metric(run, "{\"at\":\"2026-11-24T02:00:0" + i
                + "Z\",\"seconds\":1,\"probe\":{\"ok\":0,\"failed\":1,\"error\":\"HTTP 502\"}}");
        assertThat(read(run.end(0, null)))
            .contains("No requests came in")
            .contains("Failed probes: 3 of 3")
            .doesNotContain("NaN", "Infinity");
    }

    @Test void a_monitor_run_names_the_colour_it_saw_and_the_version_an_earlier_run_put_there() throws IOException {
        run("deploy")
            .begin("blue", "1", "green", "2.0.0")
            .step("start", 1, Map.of("colour", "green", "id", Recorded.GREEN_ID))
            .end(0, null);
        var run = run("monitor")
            .line("run", "begin", Map.of())
            .ticks(Recorded.NIGHT, 5, Recorded.NIGHT, null, 1, 0)
            .verdict("inconclusive", "too few requests")
            .end(0, null);
        assertThat(read(run))
            .contains("<title>app: green 2.0.0</title>")
            .contains("0 failed, verdict inconclusive.")
            .contains("<span class=\"pill warn\">inconclusive</span>");
    }

    @Test void torn_and_foreign_lines_of_the_metrics_are_left_out() throws IOException {
        var run = run("monitor").begin("green", "2", "green", "2");
        for (String line : List.of("{\"at\":\"2026-11", "[]", "7", "{\"at\":\"yesterday\",\"seconds\":2}",
            "{\"at\":\"2026-11-24T02:00:00Z\",\"seconds\":0}",
            "{\"at\":\"2026-11-24T02:00:02Z\",\"seconds\":2,\"green\":{\"requests\":40,\"errors5xx\":1}}"))
            metric(run, line);
        assertThat(read(run.end(0, null))).contains("data-points=\"1\"").contains("1 of 40").doesNotContain("NaN");
    }

    private void metric(Recorded run, String line) throws IOException {
        Path file = Files.createDirectories(config().folder().resolve("metrics")).resolve(run.run + ".jsonl");
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test void two_hours_with_all_that_is_long_stay_below_300_KB() throws IOException {
        Recorded.first(config());
        Files.createDirectories(project.resolve("nginx"));
        Files.writeString(project.resolve("bluegreen.yaml"), "nginx: nginx\n");
        for (int i = 0; i < 9; i++)
            Files.writeString(project.resolve("nginx/" + i + ".conf"),
                ("set $quote \"&<>'" + "\"".repeat(300) + "\";\n").repeat(400));
        var run = run("deploy")
            .begin("blue", "1".repeat(128), "green", "2".repeat(128))
            .step("start", 1, Map.of("colour", "green", "id", Recorded.GREEN_ID));
        for (int i = 0; i < 200; i++)
            run.line("hook", "failed",
                Map.of("hook", "pre-" + i, "code", 1, "output", "\"&€".repeat(2000) + "the end"));
        run.ticks(Recorded.NIGHT, 3600, Recorded.NIGHT.plusSeconds(600), Recorded.NIGHT.plusSeconds(6000), 2, 0.5);
        Path report = run.verdict("fail", "<".repeat(9000), "why").end(5, "&".repeat(50_000)).report();
        assertThat(Files.size(report)).isBetween(100_000L, 300_000L);
        assertThat(Files.readString(report))
            .contains("data-points=\"157\"")
            .contains("Each point covers 46 s")
            .contains("the end</pre>");
    }

    @Test void thinned_ticks_have_all_the_requests_and_the_highest_latencies() throws IOException {
        var run = run("deploy")
            .begin("blue", "1", "green", "2")
            .ticks(Recorded.NIGHT, 1000, Recorded.NIGHT.plusSeconds(901), null, 3, 0.1)
            .end(0, null);
        run.report();
        var series = Tick.read(config().folder().resolve("metrics").resolve(run.run + ".jsonl"));
        var thin = new Tick.Series(Tick.thinned(series.ticks(), 160), Optional.empty());
        assertThat(thin.ticks()).hasSizeLessThanOrEqualTo(160).hasSizeGreaterThan(100);
        for (Colour c : Colour.values()) assertThat(thin.requests(c)).isEqualTo(series.requests(c)).isPositive();
        assertThat(thin.sum(Tick.Side::errors5xx)).isEqualTo(series.sum(Tick.Side::errors5xx)).isPositive();
        assertThat(max(thin)).isEqualTo(max(series));
        assertThat(thin.ticks().getFirst().from()).isEqualTo(series.ticks().getFirst().from());
    }
    private static double max(Tick.Series s) {
        return s.ticks().stream()
            .flatMap(t -> t.sides().values().stream())
            .mapToDouble(Tick.Side::p99)
            .max()
            .orElseThrow();
    }

    @Test void a_killed_run_says_where_it_was_killed() throws IOException {
        assertThat(read(run("deploy")
            .begin("blue", "1", "green", "2")
            .step("build", 3, Map.of())
            .line("start", "begin", Map.of("colour", "green"))))
            .contains("The journal has no end of this run")
            .contains("Its last line is the begin of <b>start</b>")
            .contains("class=\"open\" data-step=\"start\"");
        assertThat(read(run("switch").step("health", 1, Map.of()))).contains("killed between two steps");
    }

    @Test void steps_have_their_times_also_where_the_begin_is_missing() throws IOException {
        assertThat(read(run("deploy")
            .begin("blue", "1", "green", "2")
            .after(4)
            .line("build", "done", Map.of("image", "shop:2"))
            .step("stop", 1.5, Map.of())
            .end(0, null)))
            .contains("data-step=\"build\" data-ms=\"4000\"")
            .contains("data-step=\"stop\" data-ms=\"1500\"")
            .contains("standby is ready");
    }

    @Test void a_first_deploy_has_no_colour_to_come_from() throws IOException {
        assertThat(read(run("deploy")
            .begin("green", null, "blue", "1.0.0")
            .step("start", 1, Map.of("colour", "blue", "id", Recorded.BLUE_ID))
            .move("switch", "blue", "blue", 2)
            .end(0, null)))
            .contains("<title>app: blue 1.0.0</title>")
            .contains("blue, the first version")
            .satisfies(page -> assertThat(page.substring(page.indexOf("<main>"))).doesNotContain("green<", " green"));
    }

    @Test void a_configuration_is_compared_with_the_run_before_and_secrets_are_not_told() throws IOException {
        Files.createDirectories(project.resolve("nginx"));
        Files.writeString(project.resolve("nginx/server.conf"), "a;\nb;\nc;\n");
        Files.writeString(project.resolve("nginx/server.key"), "private-key");
        Files.writeString(project.resolve("bluegreen.yaml"), "nginx: nginx\nvariables: {PASSWORD: hunter2}\n");
        assertThat(read(run("deploy").begin("blue", "1", "green", "2").end(0, null)))
            .contains("nothing to compare it with");
        Files.writeString(project.resolve("nginx/server.conf"), "a;\nb2;\nc;\n");
        Files.writeString(project.resolve("bluegreen.yaml"),
            "nginx: nginx\nvariables: {PASSWORD: hunter3}\nbuild: {args: {TOKEN: geheim}}\nmonitor: 9s\nhooks: {pre-build: [curl, geheim]}\n");
        var second = run("switch").begin("blue", "1", "green", "2").end(0, null);
        assertThat(read(second))
            .contains("monitor</code></td><td>2 m 0 s</td><td>9.0 s")
            .contains("variables.PASSWORD")
            .contains("changed, not shown")
            .contains("set, not shown")
            .contains("<span class=\"del\">-b;</span>", "<span class=\"add\">+b2;</span>")
            .doesNotContain("hunter", "geheim", "private-key");
        Path kept = Snapshot.folder(config()).resolve(second.run + ".json");
        assertThat(Files.readString(kept)).doesNotContain("hunter", "geheim", "private-key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept))).isEqualTo("rw-------");
    }

    @Test void every_value_of_the_configuration_is_in_the_snapshot() throws IOException {
        assertThat(Snapshot.of(config()).values())
            .containsKeys("app", "build.context", "health.path", "health.require", "health.timeout", "ports.http",
                "ports.green", "services.nginx",
                "compose.files", "nginx", "switching", "monitor", "drain", "thresholds.latency", "thresholds.errors",
                "assets.keep", "hooks.timeout");
    }

    @Test void only_the_newest_50_are_kept_and_the_last_is_the_newest_run_s() throws IOException {
        Path folder = Files.createDirectories(config().folder().resolve("reports"));
        for (int day = 10; day < 70; day++)
            Files.writeString(
                folder.resolve((day % 2 == 0 ? "deploy" : "switch") + "-20250101T0000" + day + "Z-1.html"), "");
        assertThat(Report.last(config()).orElseThrow().getFileName()).hasToString("switch-20250101T000069Z-1.html");
        Path newest = run("abort").begin("blue", "1", "green", "2").end(0, null).report();
        assertThat(Report.last(config())).contains(newest);
        try (var all = Files.list(folder)) {
            assertThat(all.map(f -> f.getFileName().toString()))
                .hasSize(51)                   // and the page of all
                .doesNotContain("switch-20250101T000019Z-1.html")
                .contains("deploy-20250101T000022Z-1.html");
        }
    }

    @Test void a_line_of_the_journal_without_a_time_is_left_out() throws IOException {
        var run = run("deploy").begin("blue", "1", "green", "2");
        for (String at : List.of("\"yesterday\"", "7", "null"))
            Files.writeString(config().folder().resolve("journal.jsonl"),
                "{\"at\":" + at + ",\"run\":\"" + run.run + "\",\"step\":\"odd\",\"phase\":\"done\"}\n",
                StandardOpenOption.APPEND);
        assertThat(read(run.end(0, null))).contains("The traffic was not moved.").doesNotContain("odd<");
    }

    @Test void no_report_of_a_run_that_the_journal_does_not_know() {
        assertThat(catchThrowableOfType(Failure.class, () -> Report.write(config(), "../deploy-1")))
            .hasMessageContaining("the journal has no run");
        assertThat(Report.last(config())).isEmpty();
    }

    @Test void a_diff_shows_what_changed_and_a_little_around_it() {
        String before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n", after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n";
        assertThat(Diff.lines(before, after))
            .containsExactly("@@ line 3", " 3", " 4", "-5", "+five", " 6", " 7", " 8", " 9", "+10");
        assertThat(Diff.lines(before, before)).isEmpty();
        assertThat(Diff.lines("", "a\n")).containsExactly("@@ line 1", "+a");
    }

    @Test void one_line_of_a_long_text_is_shown_alone_and_texts_without_a_common_line_as_replaced() {
        assertThat(Diff.lines("a\n".repeat(5000), "a\n".repeat(5000) + "b\n"))
            .containsExactly("@@ line 4999", " a", " a", "+b");
        assertThat(Diff.lines("a\n".repeat(5000), "b\n".repeat(5000)))
            .hasSize(10_001)
            .startsWith("@@ line 1", "-a")
            .endsWith("+b");
    }
}
