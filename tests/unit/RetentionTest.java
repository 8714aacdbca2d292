package lib.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lib.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    @TempDir Path project;

    private Config config() { return Config.load(project, Map.of()); }
    private Path journal() { return config().folder().resolve("journal.jsonl"); }
    private List<String> runs() { return Journal.runs(config()).stream().map(Journal.Run::name).toList(); }

    private static String line(String run, String why) {
        return "{\"run\":\"" + run + "\",\"step\":\"x\",\"phase\":\"done\",\"why\":\"" + why + "\"}\n";
    }

    private void lines(String... lines) throws IOException {
        Files.createDirectories(config().folder());
        Files.writeString(journal(), String.join("", lines));
    }

    @Test void folders_are_counted_with_what_is_in_them_and_go_whole() throws IOException {
        for (int i = 1; i <= 5; i++) {
            Path bundle = Files.createDirectory(project.resolve("bundle-" + i));
            Files.write(bundle.resolve("app.log"), new byte[i == 3 ? 1_000_000 : 10]);
            assertThat(bundle.toFile().setLastModified(i * 10_000L)).isTrue();
        }
        Retention.newest(project, 4, 10_000_000);
        assertThat(project.resolve("bundle-1")).doesNotExist();
        Retention.newest(project, 4, 500_000);
        assertThat(project.toFile().list()).containsExactlyInAnyOrder("bundle-4", "bundle-5");
        Retention.newest(project.resolve("nothing"), 1, 1);
    }

    @Test void the_oldest_whole_runs_of_a_long_journal_go() throws IOException {
        lines(line("deploy-1", "a".repeat(300)), line("deploy-2", "b".repeat(300)), line("switch-3", "c".repeat(300)),
            line("deploy-2", "late"), "torn {\n", line("deploy-4", "d".repeat(300)));
        Retention.journal(journal(), 1000, 900);
        assertThat(runs()).containsExactly("switch-3", "deploy-4");
        assertThat(Files.readString(journal())).doesNotContain("late", "torn").hasSizeLessThan(900);
        assertThat(older()).contains("deploy-1", "late").doesNotContain("switch-3");
        lines(line("deploy-4", "d".repeat(300)), line("deploy-5", "e".repeat(300)), line("deploy-6", "f".repeat(300)));
        Retention.journal(journal(), 900, 400);
        assertThat(older()).contains("deploy-1", "deploy-4", "deploy-5").doesNotContain("deploy-6");
    }

    @Test void what_served_before_outlasts_any_number_of_smoke_tests() throws IOException {
        var all = new java.util.ArrayList<String>();
        all.add(line("deploy-1", "a"));
        for (int i = 2; i < 30; i++) all.add(line("smoke-" + i, "b".repeat(100)));
        all.add(line("deploy-30", "c"));
        all.add(line("monitor-31", "d"));
        lines(all.toArray(String[]::new));
        Retention.journal(journal(), 1000, 500);
        assertThat(runs()).contains("deploy-1", "deploy-30", "monitor-31").doesNotContain("smoke-2");
    }

    /** A rollback needs no journal, and waits for none. */
    @Test void of_a_journal_that_somebody_has_filled_the_end_is_read() throws IOException {
        lines("x".repeat(5_000_000) + "\n", line("deploy-1", "a"));
        assertThat(runs()).containsExactly("deploy-1");
    }

    private String older() throws IOException {
        return Files.readString(journal().resolveSibling("journal.older.jsonl"));
    }

    @Test void a_run_whose_lines_stand_between_others_stays_whole() throws IOException {
        lines(line("deploy-1", "a".repeat(600)), line("switch-2", "begin"), line("deploy-3", "c"),
            line("switch-2", "end"));
        Retention.journal(journal(), 500, 400);
        assertThat(Journal.runs(config()))
            .extracting(r -> r.name() + r.lines().size())
            .containsExactly("switch-22", "deploy-31");
    }

    @Test void the_newest_run_stays_however_long_it_is_and_a_short_journal_as_it_is() throws IOException {
        lines(line("deploy-1", "a"), line("deploy-2", "b".repeat(3000)));
        Retention.journal(journal(), 1000, 500);
        assertThat(runs()).containsExactly("deploy-2");
        lines("torn {\n", line("deploy-1", "a"));
        Retention.journal(config());
        assertThat(Files.readString(journal())).startsWith("torn");
        Files.delete(journal());
        Retention.journal(config());
        assertThat(journal()).doesNotExist();
    }

    @Test void only_the_newest_50_logs_of_failed_versions_stay() throws IOException {
        for (int i = 0; i < 60; i++) {
            Path log = KeptLogs.write(config(), "green-" + i, "said");
            assertThat(log.toFile().setLastModified(1_000_000_000L + i * 10_000L)).isTrue();
        }
        assertThat(config().folder().resolve("logs").toFile().list())
            .hasSize(50)
            .contains("green-59.log")
            .doesNotContain("green-9.log");
    }
}
