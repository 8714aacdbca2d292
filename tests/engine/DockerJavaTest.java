import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.core.Failure;
import lib.docker.DockerJava;
import lib.docker.Endpoint;
import lib.docker.Engine;
import lib.docker.EngineContract;
import lib.process.Command;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real engine keeps the contract; and what only a real one can do: not be there, or not answer. */
class DockerJavaTest extends EngineContract {
    private static Engine engine;
    private final List<String> containers = new ArrayList<>();
    @TempDir static Path folder;

    @BeforeAll static void up() throws IOException {
        engine = new DockerJava(Endpoint.find());
        // for Project.sweep
        Files.writeString(folder.resolve(".owner"), String.valueOf(ProcessHandle.current().pid()));
    }
    @AfterAll static void down() { engine.close(); }
    @AfterEach void remove() { containers.forEach(engine::remove); }

    @Override protected Engine engine() { return engine; }
    @Override protected String image() { return "redis:8"; }
    @Override protected String running(String service) {
        var run = Command.of(Duration.ofSeconds(30), "docker", "run", "--detach", "--pull", "never", "--entrypoint",
            "sh");
        for (String label : List.of("project=" + PROJECT, "service=" + service, "oneoff=False",
            "project.environment_file=" + folder.resolve("a/b")))
            run = run.and("--label", "com.docker.compose." + label);
        return started(run.and(image(), "-c", APP).run());
    }

    private String started(Command.Result run) {
        assertThat(run.ok()).as(run.err()).isTrue();
        String id = run.out().strip();
        containers.add(id);
        until(() -> engine.exec(id, "test", "-e", "/tmp/said").ok());
        return id;
    }

    private static Failure failing(String host) {
        try (var there = new DockerJava(Endpoint.find(Map.of("DOCKER_HOST", host), folder))) {
            return catchThrowableOfType(Failure.class,
                () -> there.exec("any", Duration.ofMillis(800), Map.of(), "true"));
        }
    }

    @ParameterizedTest @CsvSource({
        "unix:///nonexistent.sock,    Docker is not running,                            systemctl start docker",
        "tcp://127.0.0.1:1,           the engine does not answer,                       DOCKER_HOST",
        "tcp://nohost.invalid:2375,   the engine's machine is not known: nohost.invalid, DOCKER_HOST"})
    void no_engine(String host, String message, String next) {
        assertThat(failing(host)).hasMessage(message);
        assertThat(failing(host).next().orElseThrow()).startsWith(next);
    }

    @Test void an_engine_by_ssh_that_is_not_reached() {
        var failure = catchThrowableOfType(Failure.class, () -> {
            try (var there = new DockerJava(new Endpoint.Ssh("ssh://nobody@127.0.0.1:1"))) {
                there.info();
            }
        });
        assertThat(failure).hasMessage("the engine is not reached by ssh");
        assertThat(failure.next().orElseThrow()).startsWith("ssh ").contains("127.0.0.1 true");
    }

    @Test void an_engine_that_hangs_on_a_socket() throws IOException {
        var socket = folder.resolve("hangs.sock");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertThat(failing("unix://" + socket)).hasMessage("Docker does not answer");
        }
    }

    @Test void an_engine_that_hangs_on_a_port() throws IOException {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var failure = failing("tcp://127.0.0.1:" + server.getLocalPort());
            assertThat(failure.whatAndWhy())
                .isEqualTo("Docker does not answer: docker exec: no answer within 0.80 s");
        }
    }

    /** Each would hold up the end of a script by 0.3 s. */
    @Test void no_thread_is_left() throws Exception {
        String id = running("app");
        var own = new DockerJava(Endpoint.find());
        own.follow(_ -> {});
        var held = own.hold(id, Duration.ofDays(1), "cat");
        own.close();
        assertThat(held.isAlive()).isFalse();
        until(() -> Thread.getAllStackTraces().entrySet().stream()
            .noneMatch(t -> t.getKey().getName().startsWith("docker-") && isReading(t.getValue())));
    }
    private static boolean isReading(StackTraceElement[] stack) {
        return stack.length > 0 && stack[0].isNativeMethod() && stack[0].getClassName().startsWith("sun.nio");
    }

    @Test void what_is_refused_tells_no_secret() {
        String id = running("app");
        var failure = catchThrowableOfType(Failure.class, () -> engine.kill(id, "PASSWORD=hunter2"));
        assertThat(failure.why().orElseThrow()).startsWith("Error response from daemon").doesNotContain("hunter2");
    }
}
