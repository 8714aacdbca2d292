package lib.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import lib.process.Command;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way of ssh://, but for ssh itself: the same command carries the bytes to this machine's own engine. */
@Tag("engine")
@Timeout(60)
class BridgeTest {
    private final Command command = Command.of(Duration.ofMinutes(1), "docker", "system", "dial-stdio");

    @Test void calls_and_pipes_go_through_it_and_nothing_is_left() throws Exception {
        final Path socket;
        try (var bridge = Bridge.over(command); var engine = new DockerJava(new Endpoint.Unix(bridge.path()))) {
            socket = Path.of(bridge.path());
            assertThat(Files.getPosixFilePermissions(socket.getParent())).as("private").hasSize(3);
            assertThat(engine.run("redis:8", "none", Duration.ofSeconds(20), "echo", "grün").out()).isEqualTo("grün\n");
            String id = started();
            try (var held = engine.hold(id, Duration.ofMinutes(1), "cat")) {
                held.stdin().write("hin\n".getBytes(StandardCharsets.UTF_8));
                assertThat(held.out().readNBytes(4)).asString().isEqualTo("hin\n");
                assertThat(carriers()).isPositive();
            } finally {
                engine.remove(id);
            }
            assertThat(bridge.said()).isEmpty();
        }
        assertThat(socket.getParent()).doesNotExist();
        for (int i = 0; i < 50 && carriers() > 0; i++) Thread.sleep(100);
        assertThat(carriers()).isZero();
    }

    private static long carriers() {
        return ProcessHandle.current().descendants()
            .filter(p -> p.info().commandLine().orElse("").contains("dial-stdio"))
            .count();
    }

    private static String started() {
        return Command.of(Duration.ofSeconds(20), "docker", "run", "--detach", "--rm", "--pull", "never", "redis:8",
            "sleep", "60").run().out().strip();
    }
}
