package lib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.cli.Project;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Schema;
import lib.nginx.AccessLog;
import lib.nginx.Drain;
import lib.nginx.Generation;
import lib.nginx.Lock;
import lib.process.Command;
import lib.state.State;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What others say, in the worst way they can: arguments, labels, files edited by hand, commands. */
@Tag("quiet")
class HostileInputTest {
    @TempDir Path project;
    private static final Duration SECOND = Duration.ofSeconds(1);

    // The command line

    @CommandLine.Command(name = "tell")
    static final class Tell implements Callable<Integer> {
        @CommandLine.Option(names = "--version")
        String version;
        @CommandLine.Mixin
        Cli cli;
        static String seen;
        public Integer call() { seen = version; return 0; }
    }

    @Test void a_value_that_begins_with_an_at_is_not_read_as_a_file() throws IOException {
        Path secret = Files.writeString(project.resolve("secret"), "--version hunter2");
        assertThat(Cli.execute(new Tell(), "--version", "@" + secret)).isZero();
        assertThat(Tell.seen).isEqualTo("@" + secret);
    }

    @Test void the_next_command_can_be_pasted_whatever_the_folder_is_called() {
        var cli = new Project();
        cli.project = Path.of("/tmp/50%s off; rm -rf $HOME 'x'");
        cli.environment = Optional.of("pro duction");
        assertThat(cli.console().command("switch --rollback"))
            .endsWith("switch -C '/tmp/50%s off; rm -rf $HOME '\\''x'\\''' --env 'pro duction' --rollback");
    }

    private static String printed(java.util.function.Consumer<Console> work) {
        var bytes = new ByteArrayOutputStream();
        work.accept(new Console(false, false, "%s", new PrintStream(bytes, true, StandardCharsets.UTF_8)));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test void the_terminal_gets_no_control_sequence_of_others() {
        String hostile = "\u001b[2J\u001b[8m\u001b]0;title\u0007\u009b1m\b\r\u202e✗ tab\tend";
        String text = printed(c -> {
            c.line("line " + hostile);
            c.step("health").fail("one\n  ✓ switch   two\r\n" + hostile);
            c.warning(hostile);
            c.failure(Failure.preflight("what\n" + hostile, "why " + hostile + "\nmore", "status " + hostile), true);
        });
        assertThat(text.chars()
            .filter(c -> c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e))
            .count()).isZero();
        assertThat(text).contains("line [2J[8m]0;title1m✗ tab end").contains("✗ health   one   ✓ switch   two");
    }

    // Labels and files

    private static Container container(Map<String, String> labels) {
        return new Container("id", "x-app-blue-1", "app-blue", "sha256:" + "0".repeat(64), "running", 0,
            java.time.Instant.EPOCH, java.time.Instant.EPOCH, 0, List.of(), Map.of(), labels, Map.of(), Map.of(), 10,
            "no");
    }

    @ParameterizedTest @ValueSource(strings = {"../../x", "9; rm", "\u001b[2J", "", "a\nb", "--x"})
    void a_label_that_is_no_version_is_none(String version) {
        assertThat(container(Map.of("version", version)).version()).isEqualTo(Version.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({"HUP,HUP", "SIGHUP,HUP", "USR2,USR2", "9; rm,", "KILL,", "9,", "STOP,", "--help,", "'',"})
    void only_a_signal_that_an_app_means_for_itself_is_sent(String label, String signal) {
        assertThat(Drain.hangup(Map.of("bluegreen.hangup", label))).isEqualTo(signal);
    }

    @Test void a_schema_that_is_no_number_is_a_conflict_that_can_be_forced() {
        assertThat(Schema.conflict("a", Map.of("bluegreen.schema", "7\u001b[2J; drop"), "b", Map.of()))
            .contains("a: label bluegreen.schema says '7[2J; drop', where a whole number is expected");
        assertThat(Schema.conflict("a", Map.of(), "b", Map.of("bluegreen.schema", "7", "bluegreen.schema.lowest", "-1"))
            .orElseThrow()).startsWith("b: ");
    }

    @ParameterizedTest @ValueSource(strings = {
        "{\"active\":\"purple\",\"generation\":3,\"weights\":{\"green\":0}}",
        "{\"active\":{},\"generation\":3,\"weights\":{\"green\":0}}",
        "{\"active\":\"BLUE\",\"generation\":3,\"weights\":{\"green\":0}}",
        "{\"active\":\"blue\",\"generation\":3,\"weights\":{\"green\":1000}}",
        "{\"active\":\"blue\",\"generation\":3,\"weights\":{\"green\":-1}}",
        "{\"active\":\"blue\",\"generation\":3,\"weights\":\"x\"}",
        "{\"active\":\"blue\",\"generation\":-3,\"weights\":{\"green\":0}}",
        "{\"active\":\"blue\",\"generation\":99999999999999999999999,\"weights\":{\"green\":0}}",
        "{\"active\":\"blue\",\"generation\":1e3,\"weights\":{\"green\":0}}",
        "{\"active\":\"blue\",\"generation\":\"3\",\"weights\":{\"green\":0}}", "[]", "3", "null", "\"x\""})
    void a_generation_that_cannot_be_is_none(String text) { assertThat(Generation.read(text)).isEmpty(); }

    @Test void a_generation_s_version_is_a_version_or_unknown() {
        assertThat(
            Generation.read("{\"active\":\"blue\",\"generation\":3,\"weights\":{\"green\":0},\"version\":\"../../x\"}")
                .orElseThrow()
                .version())
            .isEqualTo(Version.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "{}", "true", "1.5", "null", "4294967296", "99999999999999999999999"})
    void a_state_of_an_odd_format_is_not_taken_for_ours(String format) throws IOException {
        Files.writeString(State.file(project), "{\"format\":" + format + ",\"active\":\"blue\"}");
        assertThat(State.read(project)).isNotInstanceOf(State.Read.Known.class);
    }

    @Test void a_state_file_without_end_is_not_read() throws IOException {
        Files.writeString(State.file(project), " ".repeat(100_000) + "{\"active\":\"blue\"}");
        assertThat(State.read(project)).isEqualTo(new State.Read.Corrupt("it has 100017 bytes"));
    }

    @Test void the_longest_time_there_is_can_be_told() {
        assertThat(Console.seconds(Duration.between(java.time.Instant.MIN, java.time.Instant.MAX))).endsWith(" s");
    }

    @ParameterizedTest @ValueSource(strings = {"", "[1]", "null", "{\"who\":{},\"pid\":[1],\"doing\":1e999}", "{{{"})
    void a_lock_s_note_by_somebody_else_is_told_as_far_as_it_goes(String note) {
        assertThat(Lock.describe(note)).isNotBlank();
    }

    @Test void a_log_line_whose_upstream_is_only_separators_has_an_answer_by_nobody() {
        String line = "{\"at\":1e999,\"deployment\":\"any\",\"generation\":0,\"method\":\"\",\"uri\":\"\",\"status\":400,\"seconds\":0,\"upstream\":\", \"}";
        assertThat(AccessLog.read(line).orElseThrow().answeredBy()).isEmpty();
        assertThat(AccessLog.read(line.replace(":0,\"method", ":99999999999999999999,\"method"))).isEmpty();
    }

    // Commands

    @Test void a_command_that_never_ends_its_line_neither_fills_the_memory_nor_takes_forever() {
        long began = System.nanoTime();
        var result = Command.of(Duration.ofSeconds(30), "sh", "-c",
            "head -c 60000000 /dev/zero | tr '\\0' x; echo; echo the end").run();
        assertThat(result.last()).isEqualTo("the end");
        assertThat(result.out().length()).isLessThanOrEqualTo(16 << 20);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
    }

    @Test void a_variable_that_no_process_can_have_is_a_failed_command() {
        assertThat(Command.of(SECOND, "true").with(Map.of("A", "x\0y")).run().code()).isEqualTo(127);
    }
}
