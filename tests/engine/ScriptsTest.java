import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import lib.core.Resource;
import lib.process.Command;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The launcher compiles all scripts as one; each must also stand on its own, as JBang runs it. */
@Order(9)
class ScriptsTest {
    static Stream<String> scripts() throws IOException {
        try (var all = Files.list(Bluegreen.HOME)) {
            return all.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".java")).sorted().toList().stream();
        }
    }

    /** As the launcher runs them: half of the compiler's time. */
    private static final Map<String, String> QUICK = Map.of("JAVA_TOOL_OPTIONS",
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");

    private static Command.Result jbang(Path in, Map<String, String> variables, String... arguments) {
        var all = new HashMap<>(QUICK);
        all.putAll(variables);
        // Nobody called the launcher.
        return Command.of(Duration.ofMinutes(5), "env", "-u", "BLUEGREEN_CALLED", System.getenv("BLUEGREEN_JBANG"),
            "--quiet")
            .and(arguments)
            .in(in)
            .with(all)
            .run();
    }

    /**
     * Of the checkout only what is asked for is seen, by HTTP; its port is another one each time, so JBang has kept
     * nothing.
     */
    @Test void with_nothing_cloned_the_tool_runs_from_a_URL_with_the_files_of_Nginx_in_its_jar(@TempDir Path elsewhere)
        throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", SimpleFileServer.createFileHandler(Bluegreen.HOME));
        server.start();
        try {
            String tool = "http://127.0.0.1:" + server.getAddress().getPort() + "/bluegreen.java";
            var data = Map.of("XDG_DATA_HOME", elsewhere.resolve("data").toString(), "BLUEGREEN_APP", "bgtest-url");
            var project = Files.createDirectory(elsewhere.resolve("project"));
            var help = jbang(project, data, tool, "switch", "--help");
            assertThat(help.code()).as(help.err()).isZero();
            assertThat(help.out()).contains("Usage: bluegreen switch", "--rollback");

            var plan = jbang(project, data, tool, "deploy", "--plan", "--version", "1");
            assertThat(plan.code()).as(plan.err()).isZero();
            assertThat(plan.out()).contains("would start the stack of bgtest-url");

            var status = jbang(project, data, tool, "status");
            assertThat(status.code()).isEqualTo(3);
            assertThat(status.out())
                .contains("Nginx is not running")
                .contains("next:  bluegreen deploy --version VERSION");
            jbang(project, data, tool, "validate");
            Path made = elsewhere.resolve("data/bluegreen/nginx").resolve(Resource.edition("nginx"));
            assertThat(made.resolve("start.sh")).hasSameTextualContentAs(Bluegreen.HOME.resolve("nginx/start.sh"));
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest @MethodSource("scripts")
    void each_runs_by_itself_from_any_folder(String name, @TempDir Path elsewhere) {
        Path script = Bluegreen.HOME.resolve(name);
        assertThat(Files.isExecutable(script)).isTrue();
        var said = Command.of(Duration.ofMinutes(3), System.getenv("BLUEGREEN_JBANG"), "--quiet", script.toString(),
            "--help").in(elsewhere).with(QUICK).run();
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out())
            .contains("Usage: " + name.replace(".java", ""))
            .contains("Example:")
            .contains("Exit codes:");
    }
}
