package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Compose;
import lib.docker.ComposeEnvironment;
import lib.docker.FakeEngine;
import lib.docker.Image;
import lib.stack.Stack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configuration that was written to be misread, or by mistake. */
@Tag("quiet")
class HostileConfigTest {
    @TempDir Path project;

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
}
