package lib.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.config.Config;
import lib.config.Reference;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Version;
import lib.core.Colour;
import lib.process.Command;
import lib.secrets.Redaction;
import lib.secrets.Settings;
import lib.stack.Stack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Variables that bluegreen.yaml has by reference: read when a container is made, and written nowhere. */
class ReferenceTest {
    private static final String MARK = "hunter2/and#more";
    @TempDir Path project;

    private Config config(Map<String, String> variables) throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), "app: shop\nvariables: " + Json.of(variables) + "\n"
            + "compose: {files: [bluegreen.yaml]}\n");
        return Config.load(project, Map.of());
    }

    private Map<String, String> read(String reference) throws IOException {
        return References.read(config(Map.of("A", reference)));
    }

    private Failure failing(String reference, Duration limit) throws IOException {
        var config = config(Map.of("A", reference));
        var failure = catchThrowableOfType(Failure.class, () -> References.read(config, limit));
        assertThat(failure.code).isEqualTo(ExitCode.PREFLIGHT);
        assertThat(failure.getMessage()).startsWith("the variable A has no value: ");
        assertThat(failure.whatAndWhy() + failure.next()).doesNotContain("hunter2");
        assertThat(failure.next()).isPresent();
        return failure;
    }

    /** A program that says this, on both streams, and ends with this code. */
    private String program(String name, String script) throws IOException {
        Path file = project.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return "cmd:" + Json.of(List.of("./" + name, "two words", "$HOME;x"));
    }

    @Test void a_file_a_variable_and_a_command_give_their_text_without_the_end_of_its_last_line() throws IOException {
        Files.writeString(project.resolve("db secret"), "two\nlines \n");
        assertThat(read("file:db secret")).containsEntry("A", "two\nlines ");
        assertThat(read("env:PATH")).containsEntry("A", System.getenv("PATH"));
        assertThat(read(program("told", "printf '%s|' \"$@\"; echo; pwd >&2")))
            .as("no shell reads it, and it runs beside bluegreen.yaml")
            .containsEntry("A", "two words|$HOME;x|");
    }

    @Test void each_is_read_once_in_a_process() throws IOException {
        String counted = program("counted", "echo x >>calls; echo value-$(wc -l <calls)");
        assertThat(read(counted)).isEqualTo(read(counted)).containsEntry("A", "value-1");
    }

    @ParameterizedTest @CsvSource(delimiter = '|', value = {
        "sops:secrets.yaml#db.users.0.password|sops --decrypt --extract [\"db\"][\"users\"][0][\"password\"] BASE/secrets.yaml",
        "op://Private/shop db/password|op read --no-newline op://Private/shop db/password",
        "vault:secret/shop/db#password|vault kv get -field=password secret/shop/db"})
    void a_password_manager_is_asked_by_its_own_command(String reference, String command) throws IOException {
        var printed = (Reference.Printed) config(Map.of("A", reference)).references().get("A");
        assertThat(String.join(" ", printed.command())).isEqualTo(command.replace("BASE", project.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "env:NO NAME", "sops:file", "sops:#key", "op://vault/item", "vault:secret/db",
        "vault:-address=x#f", "vault:a b#f", "cmd:pass show db", "cmd:[]", "cmd:[1]", "cmd:{}"})
    void one_that_is_not_whole_is_refused_before_anything_is_done(String reference) {
        var failure = catchThrowableOfType(Failure.class, () -> config(Map.of("A", reference)));
        assertThat(failure.code).isEqualTo(ExitCode.USAGE);
        assertThat(failure).hasMessage("variables.A is not a whole reference");
        assertThat(failure.next().orElseThrow()).contains("literal:");
    }

    @Test void a_value_that_only_begins_like_one_is_written_as_a_literal() throws IOException {
        var config = config(Map.of("A", "literal:file:x", "B", "literal:", "C", "https://x", "D", "option:1"));
        assertThat(config.references()).isEmpty();
        assertThat(config.variables()).isEqualTo(Map.of("A", "file:x", "B", "", "C", "https://x", "D", "option:1"));
    }

    @Test
    void what_cannot_be_read_is_told_with_its_reference_and_its_fix_never_with_what_was_said() throws IOException {
        var soon = Duration.ofSeconds(10);
        assertThat(failing("file:nowhere", soon).next().orElseThrow()).contains("chmod 600");
        assertThat(failing("env:BLUEGREEN_TEST_IS_NOT_SET", soon).next().orElseThrow()).contains("export");
        assertThat(failing("cmd:[\"no-such-program-here\"]", soon).why())
            .contains("there is no program no-such-program-here on PATH");
        Files.writeString(project.resolve("empty"), "\n");
        assertThat(failing("file:empty", soon).why()).contains("it is empty");
        Files.write(project.resolve("binary"), new byte[] {'h', 0, 'x'});
        assertThat(failing("file:binary", soon).why().orElseThrow()).contains("no text");
        var failed = failing(program("failing", "echo " + MARK + "; echo " + MARK + " >&2; exit 3"), soon);
        assertThat(failed.why()).contains("./failing failed with exit code 3");
        assertThat(failed.getMessage()).as("its arguments may be a secret").endsWith(": cmd:[...]");
        assertThat(
            failing(program("late", "echo " + MARK + "; exec sleep 60"), Duration.ofMillis(300)).why().orElseThrow())
            .contains("gave no answer within");
    }

    @Test void it_reaches_compose_by_its_environment_alone_and_only_where_a_container_is_made() throws IOException {
        Files.writeString(project.resolve("db"), MARK + "\n");
        var config = config(Map.of("DB_PASSWORD", "file:db", "PLAIN", "x"));
        var seen = new ArrayList<Map<String, String>>();
        var said = new ArrayList<String>();
        Compose compose = new Compose() {
            @Override public Command.Result run(Duration limit, Map<String, String> variables,
                java.util.function.Consumer<String> progress, String... arguments) {
                seen.add(Map.copyOf(variables));
                said.add(String.join(" ", arguments));
                new ComposeEnvironment(config).write(variables);
                return new Command.Result(0, "", "");
            }
            @Override public Command.Result version(Duration limit) { throw new AssertionError(); }
            @Override public String text(Map<String, String> variables, String... arguments) {
                return new Compose.ByCommand(config).text(variables, arguments);
            }
        };
        var engine = new FakeEngine();
        engine.add("shop", "app-blue", "sha256:" + "a".repeat(64));
        var stack = new Stack(config, engine, compose);
        stack.compose(Duration.ofSeconds(1), "config");
        assertThat(seen.getLast()).containsEntry("DB_PASSWORD", References.UNREAD).containsEntry("PLAIN", "x");
        assertThat(stack.composing("up")).doesNotContain("hunter2");

        stack.create(Colour.BLUE, "sha256:" + "a".repeat(64), Version.of("1"));
        assertThat(said.getLast()).startsWith("up --no-start");
        assertThat(seen.getLast())
            .containsEntry("DB_PASSWORD", MARK)
            .containsEntry("DB_PASSWORD_URL", "hunter2%2Fand%23more");
        assertThat(Files.readString(project.resolve(".deployment/compose.env")))
            .contains("# Not in here, because bluegreen.yaml has them by reference: DB_PASSWORD. By hand: export",
                "PLAIN='x'")
            .doesNotContain("hunter2", "DB_PASSWORD=", "DB_PASSWORD_URL=");
        assertThat(Settings.of(config).toString()).doesNotContain("hunter2");
        assertThat(Redaction.plain().apply("with " + MARK + " or hunter2%2Fand%23more at x"))
            .as("whatever its name, once it was read")
            .isEqualTo("with [redacted] or [redacted] at x");
    }
}
