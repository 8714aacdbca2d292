package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.journal.Journal;
import lib.state.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesTest {
    @TempDir Path project;

    private final State state = new State(Colour.GREEN, Optional.of(Colour.BLUE),
        Optional.of(Instant.parse("2025-12-03T10:15:00Z")),
        Version.of("1.0.1"), true, 17, Version.of("1.0.0"));

    @Test void the_state_file_has_the_plan_s_fields() throws IOException {
        state.write(project);
        assertThat(Files.readString(State.file(project)))
            .startsWith(
                "{\"active\":\"green\",\"previous\":\"blue\",\"lastSwitch\":\"2025-12-03T10:15:00Z\",\"version\":\"1.0.1\",\"healthy\":true");
    }

    @Test void a_state_is_read_as_it_was_written() {
        state.write(project);
        assertThat(State.read(project)).isEqualTo(new State.Read.Known(state));
    }

    @Test void the_plan_s_own_example_is_read() throws IOException {
        Files.writeString(State.file(project),
            "{\"active\":\"blue\",\"previous\":\"green\",\"lastSwitch\":\"2025-12-03T10:15:00Z\",\"version\":\"1.0.0\",\"healthy\":true}");
        assertThat(State.read(project)).isInstanceOf(State.Read.Known.class);
    }

    @Test void no_file_is_missing_not_corrupt() {
        assertThat(State.read(project)).isEqualTo(new State.Read.Missing());
    }

    @ParameterizedTest @ValueSource(strings = {"", "{\"active\":\"bl", "[]", "{\"active\":\"purple\"}", "\u0000\u0000",
        "{\"active\":\"blue\",\"lastSwitch\":\"yesterday\"}"})
    void an_unreadable_file_says_why(String text) throws IOException {
        Files.writeString(State.file(project), text);
        assertThat(State.read(project)).isInstanceOf(State.Read.Corrupt.class);
    }

    @Test void a_file_of_a_newer_bluegreen_is_told_apart() throws IOException {
        Files.writeString(State.file(project), "{\"format\":2,\"active\":\"blue\"}");
        assertThat(State.read(project)).isEqualTo(new State.Read.Newer("2"));
    }

    @Test void a_write_that_fails_leaves_the_old_state_and_no_rubbish() throws IOException {
        state.write(project);
        Path full = Files.createDirectory(project.resolve("full"));
        Files.createDirectory(State.file(full));       // a rename onto a folder fails
        var failure = catchThrowableOfType(Failure.class, () -> state.write(full));
        assertThat(failure.code).isEqualTo(ExitCode.FAILED);
        assertThat(full.toFile().list()).containsExactly(".deployment-state.json");
        assertThat(State.read(project)).isEqualTo(new State.Read.Known(state));
    }

    @Test void a_torn_line_of_the_journal_is_left_out_and_spoils_no_other() throws IOException {
        var config = Config.load(project, Map.of());
        var journal = Journal.of(config, "deploy");
        journal.write("start", "begin", Map.of("colour", "green"));
        journal.write("start", "done", Map.of("colour", "green"));
        Files.writeString(config.folder().resolve("journal.jsonl"), "{\"at\":\"2025",
            java.nio.file.StandardOpenOption.APPEND);
        journal.write("health", "begin", Map.of());
        assertThat(Journal.runs(config)).singleElement().satisfies(run -> {
            assertThat(run.did("start")).isTrue();
            assertThat(run.lines()).hasSize(3);
        });
    }
}
