package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.cli.Project;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Compose;
import lib.docker.ComposeEnvironment;
import lib.docker.Container;
import lib.docker.FakeEngine;
import lib.docker.Image;
import lib.docker.Schema;
import lib.core.Threads;
import lib.http.Connection;
import lib.http.Probe;
import lib.nginx.AccessLog;
import lib.nginx.Drain;
import lib.nginx.Generation;
import lib.nginx.Lock;
import lib.process.Command;
import lib.stack.Stack;
import lib.state.State;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What others say, in the worst way they can: answers, labels, configuration, files edited by hand. */
@Tag("quiet")
class HostileInputTest {
    private static HostileServer server;
    @TempDir Path project;

    @BeforeAll static void up() throws IOException { server = new HostileServer(); }
    @AfterAll static void down() throws IOException { server.close(); }

    private static final Duration SECOND = Duration.ofSeconds(1);
    /** What the socket's buffers on both sides take after nobody reads. */
    private static final long BUFFERS = 20 << 20;

    // Answers

    @ParameterizedTest @CsvSource(delimiter = '|', value = {
        "/big|longer than 64 KB", "/chunks|longer than 64 KB", "/to-no-end|longer than 64 KB",
        "/drip|no answer within 1.0 s",
        "/drip-head|no answer within 1.0 s",
        "/headers|not an HTTP answer", "/line|not an HTTP answer", "/continue|not an HTTP answer", "/invalid|not JSON",
        "/deep|not JSON", "/number|not JSON", "/gzip|not JSON",
        "/object|status is null", "/negative|content-length: -5", "/huge|not an HTTP answer",
        "/text|not an HTTP answer", "/chunk-text|not an HTTP answer: chunk size: zz", "/chunk-huge|longer than 64 KB",
        "/status|not an HTTP answer", "/noise|not an HTTP answer"})
    void a_health_answer_that_no_server_should_give_is_told_and_read_no_further(String path, String why) {
        long sent = server.sent.get(), began = System.nanoTime();
        var answer = Probe.once(server.url(path), SECOND);
        assertThat(answer.wrong(Probe.Expected.ofAny(true)).orElse("healthy")).contains(why);
        assertThat(answer.text().length()).isLessThanOrEqualTo(64 << 10);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        assertThat(server.sent.get() - sent).isLessThan(BUFFERS);
    }

    @ParameterizedTest @ValueSource(strings = {"/hints", "/to-the-end", "/query?a=%20b"})
    void an_answer_that_is_only_odd_is_healthy(String path) {
        assertThat(Probe.once(server.url(path), SECOND).wrong(Probe.Expected.ofAny(true))).isEmpty();
    }

    @Test void an_answer_without_a_body_is_one_at_once() {
        var answer = Probe.once(server.url("/no-content"), Duration.ofSeconds(10));
        assertThat(answer.code()).isEqualTo(204);
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(5));
    }

    /** As far as to this server, which speaks no TLS. */
    @Test void https_is_spoken() throws IOException {
        try (var plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Threads.start(() -> {
                try (var client = plain.accept()) {
                    client.getOutputStream()
                        .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    client.getInputStream().read();
                } catch (IOException e) {
                    return;       // the probe has seen enough
                }
            });
            var url = URI.create("https://127.0.0.1:" + plain.getLocalPort() + "/healthy");
            assertThat(Probe.once(url, Duration.ofSeconds(5)).error()).startsWith("TLS: ");
        }
    }

    @Test void an_interrupt_ends_a_probe() throws InterruptedException {
        var seen = new CompletableFuture<Probe.Answer>();
        var prober = Thread.ofPlatform()
            .start(() -> seen.complete(Probe.once(server.url("/drip"), Duration.ofSeconds(20))));
        Thread.sleep(200);
        prober.interrupt();
        assertThat(seen.orTimeout(2, TimeUnit.SECONDS).join().error()).isEqualTo("interrupted");
    }

    @Test void after_its_time_limit_a_probe_reads_no_more() throws InterruptedException {
        Probe.once(server.url("/drip"), Duration.ofMillis(300));
        // The server notices at its next bytes; on a loaded machine a while later.
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        for (long seen = -1; server.sent.get() != seen; Thread.sleep(500)) {
            seen = server.sent.get();
            assertThat(System.nanoTime()).as("it still reads").isLessThan(deadline);
        }
    }

    @Test void a_redirect_is_told_and_not_followed() {
        var answer = Probe.once(server.url("/redirect"), SECOND);
        assertThat(answer.wrong(Probe.Expected.ofAny(false)))
            .contains("HTTP 302 to " + server.url("/healthy") + ", not followed");
        assertThat(server.followed.get()).isZero();
    }

    @Test void what_an_answer_says_is_one_short_line_of_plain_text() {
        var why = Probe.once(server.url("/escapes"), SECOND).wrong(Probe.Expected.ofAny(true)).orElseThrow();
        assertThat(why).startsWith("HTTP 200, but status is [2J]0;owned31mgood   ✓ switch").hasSizeLessThan(300);
        assertThat(why.chars().allMatch(c -> c >= ' ')).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://user:secret@127.0.0.1:1/"})
    void an_odd_url_is_an_answer_and_no_crash(String url) {
        assertThat(Probe.once(URI.create(url), Duration.ZERO).error()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/big", "/chunks", "/headers", "/line", "/negative", "/huge", "/text", "/chunk-text",
        "/chunk-negative", "/chunk-huge", "/status", "/noise", "/drip", "/drip-head"})
    void a_connection_ends_a_hostile_answer_with_an_io_exception(String path) throws IOException {
        long sent = server.sent.get(), began = System.nanoTime();
        try (var connection = new Connection("127.0.0.1", server.port(), SECOND)) {
            assertThat(catchThrowable(() -> connection.get(path))).isInstanceOf(IOException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        assertThat(server.sent.get() - sent).isLessThan(BUFFERS);
    }

    // Configuration

    private Failure refused(byte[] yaml) throws IOException {
        Files.write(project.resolve("bluegreen.yaml"), yaml);
        long began = System.nanoTime();
        var failure = catchThrowableOfType(Failure.class, () -> Config.load(project, Map.of()));
        assertThat(failure).as("refused").isNotNull();
        assertThat(failure.code).isEqualTo(ExitCode.USAGE);
        assertThat(failure.getMessage()).hasSizeLessThan(600);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
        return failure;
    }

    static List<org.junit.jupiter.params.provider.Arguments> yaml() {
        var laughs = new StringBuilder("app: shop\na0: &a0 [lol]\n");
        for (int i = 1; i < 10; i++)
            laughs.append("a" + i + ": &a" + i + " [" + "*a".concat(i - 1 + ", ").repeat(10) + "]\n");
        record Case(String what, String text, String says) {}
        return java.util.stream
            .Stream.of(
                new Case("a billion laughs", laughs.toString(), "line 5: more than 20 aliases"),
                new Case("deep lists", "app: shop\nx: " + "[".repeat(100_000), "line 2: nested more than"),
                new Case("deep blocks", deepBlocks(), "line 11: nested more than"),
                new Case("a huge document", "app: shop\n" + "# x\n".repeat(300_000), "more than 1048576 bytes"),
                new Case("a huge value", "app: " + "a".repeat(100_000), "line 1: app is 'aaa"),
                new Case("a huge key", "app: shop\n? " + "k".repeat(100_000) + "\n: 1", "line 2: unknown key 'kkk"),
                new Case("many spaces", "health: {require: \"" + "a,".repeat(1) + " ".repeat(100_000) + "\"}",
                    "line 1: health.require is 'a,"),
                new Case("a merge key", "app: shop\nx: &x {http: 80}\nports:\n  <<: *x\n", "line 2: unknown key 'x'"),
                new Case("a merge key alone", "app: shop\nports:\n  <<: {http: 80}\n",
                    "line 3: unknown key 'ports.<<'"),
                new Case("a class's tag", "app: shop\nmonitor: !!javax.script.ScriptEngineManager 5s\n",
                    "line 2: Global tag is not allowed"),
                new Case("a class's tag with arguments",
                    "app: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1\"]]]]\n",
                    "line 1:"),
                new Case("a local tag", "app: !env HOME\n", "line 1: a plain value is expected here, not !env"),
                new Case("binary", "app: !!binary c2hvcA==\n", "line 1: a plain value"),
                new Case("a list as a key", "app: shop\n? [a, b]\n: 1\n", "line 2: a key is a plain word"),
                new Case("a map as a key", "app: shop\n{a: b}: 1\n", "line 2:"),
                new Case("a list as an environment's name", "environments:\n  ? [a]\n  : {}\n",
                    "line 2: a key is a plain word"),
                new Case("an environment twice", "environments:\n  a: {}\n  a: {}\n",
                    "line 3: 'environments.a' is given twice"),
                new Case("itself", "&r {environments: *r}", "line 1: unknown key 'environments'"),
                new Case("itself as a list", "hooks: {pre-build: &a [*a]}", "line 1: a list of plain values"),
                new Case("an unknown alias", "app: *nobody\n", "line 1:"),
                new Case("two documents", "app: a\n---\napp: b\n", "line 2:"),
                new Case("a list", "- app\n", "line 1:"),
                new Case("a NUL", "app: shop\nx: \u0000\n", "line 2: a character"),
                new Case("an escape sequence", "app: shop\nx: \u001b[2J\n", "line 2: a character"),
                new Case("an escaped NUL in a path", "app: shop\nnginx: \"a\\0b\"\n", "line 2: nginx is 'ab'"),
                new Case("an escaped NUL in a list", "compose: {files: [\"a\\0b\"]}\n",
                    "line 1: compose.files is 'ab'"),
                new Case("an escaped NUL in a variable", "variables: {A: \"a\\0b\"}\n",
                    "line 1: variables.A has a control character"),
                new Case("a variable that is none", "variables: {\"A=B\": 1}\n",
                    "line 1: 'variables.A=B' is not a variable's name"),
                new Case("only a tab", "\t", "line 1:"), new Case("a lone percent", "%", "line"),
                new Case("a quote", "app: \"", "line"))
            .map(c -> org.junit.jupiter.params.provider.Arguments.of(c.what, c.text, c.says))
            .toList();
    }
    private static String deepBlocks() {
        var deep = new StringBuilder("");
        for (int i = 0; i < 300; i++) deep.append(" ".repeat(i)).append("k:\n");
        return deep.toString();
    }

    @ParameterizedTest(name = "{0}")
    @org.junit.jupiter.params.provider.MethodSource("yaml")
    void yaml_that_is_no_configuration_is_refused_with_its_line_at_once(String what, String text, String says)
        throws IOException {
        assertThat(refused(text.getBytes(StandardCharsets.UTF_8)))
            .hasMessageContaining("bluegreen.yaml")
            .hasMessageContaining(says);
    }

    @Test void bytes_that_are_no_text_are_refused_with_their_line() throws IOException {
        assertThat(refused(new byte[] {'a', 'p', 'p', ':', ' ', 'x', '\n', (byte) 0xff, (byte) 0xfe}))
            .hasMessage("bluegreen.yaml line 2: it is not text in UTF-8");
        assertThat(refused(Files.readAllBytes(Path.of(ProcessHandle.current().info().command().orElseThrow()))))
            .hasMessageStartingWith("bluegreen.yaml line 1:");
    }

    @ParameterizedTest @CsvSource(delimiter = '§', value = {
        "health.path§/x|e id§", "health.path§/x;return 200§", "health.path§/x{}§", "health.path§/x$uri§",
        "health.path§/x\\§", "health.path§/a&b§", "health.path§/?%zz§", "health.path§/%0a§",
        "assets.path§/../../§", "assets.path§/a/../§", "assets.path§/./§", "assets.path§/§", "assets.path§/a&b/§",
        "assets.path§/a;/§", "assets.path§/static§", "assets.path§//§",
        "ports.app§3008;§", "ports.http§0.0.0.0:80;§", "image§--privileged§", "app§-x§", "services.blue§--help§",
        "compose.project§../x§", "build.context§§", "drain§99999999999999999999h§"})
    void a_value_that_would_mean_something_elsewhere_is_refused(String key, String value) {
        for (String hostile : new String[] {value == null ? "" : value, (value == null ? "" : value) + "\n",
            "\n" + value})
            assertThat(
                catchThrowableOfType(Failure.class, () -> Config.load(project, Map.of(key, hostile))).code)
                .isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest @ValueSource(strings = {"/", "/up", "/api/health?probe=1&full=true", "/h?a=%20b", "/a-b_c.d~e/"})
    void a_health_path_may_have_a_query(String path) {
        assertThat(Config.load(project, Map.of("health.path", path)).health().path()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--privileged", "-x", "", "a\nb", "a b", "$(id)", "x;y", "{{.}}", "\u001b[2J"})
    void an_image_that_looks_like_an_option_or_two_lines_never_reaches_docker(String image) {
        assertThat(catchThrowableOfType(Failure.class, () -> Image.find(new FakeEngine(), image)).code)
            .isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest @ValueSource(strings = {"../x", "--help", "a\nb", "$(id)", ""})
    void an_environment_is_a_name_in_the_file_and_never_a_path(String name) {
        assertThat(catchThrowableOfType(Failure.class,
            () -> Config.load(project, Optional.empty(), Optional.of(name), Map.of())).code)
            .isEqualTo(ExitCode.USAGE);
    }

    @Test void a_variable_is_written_so_that_compose_reads_it_back() {
        assertThat(ComposeEnvironment.quoted("$HOME `id` \"x\"")).isEqualTo("'$HOME `id` \"x\"'");
        assertThat(ComposeEnvironment.quoted("it's")).isEqualTo("\"it's\"");
        assertThat(ComposeEnvironment.quoted("end\\")).isEqualTo("\"end\\\\\"");
        assertThat(ComposeEnvironment.quoted("'\"$x\\\n")).isEqualTo("\"'\\\"\\$x\\\\\\n\"");
    }

    @Test void a_variable_of_two_lines_cannot_pin_a_colour_s_image() throws IOException {
        String id = "sha256:" + "a".repeat(64);
        var config = Config.load(project, Map.of("variables.KEY", "x'\nAPP_BLUE_IMAGE='" + id,
            "variables.APP_GREEN_IMAGE", "evil", "compose.files", ""));
        new Stack(config, new FakeEngine(), Compose.of(config)).composing("ps");
        String first = Files.readString(project.resolve(".deployment/compose.env"));
        assertThat(first.lines())
            .noneMatch(l -> l.startsWith("APP_BLUE_IMAGE"))
            .anyMatch(l -> l.startsWith("KEY=\"x'\\nAPP_BLUE"));
        new Stack(config, new FakeEngine(), Compose.of(config)).composing("ps");
        assertThat(Files.readString(project.resolve(".deployment/compose.env"))).isEqualTo(first);
    }

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
