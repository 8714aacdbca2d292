package lib.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.journal.Journal;
import lib.journal.KeptLogs;
import lib.state.State;
import lib.watch.Metrics;
import lib.watch.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who can read what a run leaves behind. Two real users: PrivacyTest. */
class AtomicTest {
    @TempDir Path project;

    /** As git makes a checkout, whatever the folder of the test is like. */
    @BeforeEach void ordinary() throws IOException { Files.setAttribute(project, "unix:mode", 0755); }

    private static String mode(Path file) throws IOException {
        return Integer.toOctalString((int) Files.getAttribute(file, "unix:mode") & 07777);
    }

    private Config written() throws IOException {
        var config = Config.load(project, Map.of());
        Journal.of(config, "deploy").write("run", "begin", Map.of());
        new Metrics(config, "deploy-1", new Console(false, "%s")).end(Verdict.fail("x"));
        KeptLogs.write(config, "green-1", "said");
        Atomic.writeSecret(config.folder().resolve("compose.env"), "A=b\n");
        new State(Colour.BLUE, Optional.empty(), Optional.of(Instant.EPOCH), Version.of("1"), true, 1, Version.UNKNOWN)
            .write(project);
        return config;
    }

    @Test void what_a_run_leaves_behind_is_its_owner_s() throws IOException {
        Path folder = written().folder();
        for (String made : new String[] {"", "metrics", "logs"})
            assertThat(mode(folder.resolve(made))).as(made).isEqualTo("700");
        for (String made : new String[] {"journal.jsonl", "metrics/deploy-1.jsonl", "logs/green-1.log", "compose.env"})
            assertThat(mode(folder.resolve(made))).as(made).isEqualTo("600");
        assertThat(mode(State.file(project))).as("the state is for other tools as well").matches("6[04][04]");
    }

    @Test void in_a_folder_that_a_team_shares_it_is_the_team_s_and_secrets_are_not() throws IOException {
        Files.setAttribute(project, "unix:mode", 02770);
        Path folder = written().folder();
        for (String made : new String[] {"", "metrics", "logs"})
            assertThat(mode(folder.resolve(made))).as(made).isEqualTo("2770");
        for (String made : new String[] {"journal.jsonl", "metrics/deploy-1.jsonl", "logs/green-1.log"})
            assertThat(mode(folder.resolve(made))).as(made).isEqualTo("660");
        assertThat(mode(folder.resolve("compose.env"))).isEqualTo("600");
        assertThat(mode(State.file(project))).matches("66[04]");
    }
}
