import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import lib.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** runtime/java in a process of its own, without Docker. */
@Isolated
class ShutdownOrderTest {
    private int port;
    private Process process;

    @BeforeEach void start() throws Exception {
        try (var free = new ServerSocket(0)) { port = free.getLocalPort(); }
        process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
            "Patient", String.valueOf(port)).redirectErrorStream(true).start();
        assertThat(process.inputReader().readLine()).contains("listens");
    }
    @AfterEach void end() { process.destroyForcibly(); }

    private FutureTask<Connection.Answer> slow(int millis) {
        var task = new FutureTask<>(() -> {
            try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(60))) { return c.get("/slow?" + millis); }
        });
        Thread.ofVirtual().start(task);
        return task;
    }

    private String said() throws IOException, InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.inputReader().lines().collect(java.util.stream.Collectors.joining("\n"));
    }

    @Test void what_is_in_flight_ends_then_stores_close_in_reverse_order_each_with_its_limit_and_its_error() throws Exception {
        var slow = slow(1500);
        Thread.sleep(300);
        process.toHandle().destroy();
        assertThat(slow.get().body()).isEqualTo("slow");
        assertThat(said().lines().toList()).containsSubsequence("shutdown: SIGTERM, 1 in flight", "shutdown: third did not close within 1 s",
            "shutdown: second failed to close: java.io.IOException: no luck", "shutdown: first closed");
        assertThat(process.exitValue()).isZero();
    }

    @Test void a_second_signal_cuts_the_waiting_short_and_names_what_it_cut() throws Exception {
        slow(60_000);
        Thread.sleep(300);
        process.toHandle().destroy();
        Thread.sleep(800);
        long began = System.nanoTime();
        process.toHandle().destroy();
        assertThat(said()).contains("SIGTERM again").containsPattern("cut: GET /slow \\(1\\.\\d s\\)");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @Test void above_its_number_of_requests_it_is_not_ready_but_alive() throws Exception {
        slow(2000);
        slow(2000);
        Thread.sleep(300);
        try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(5))) {
            var answer = c.get("/api/health");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).contains("\"readiness\":false").contains("\"active_connections\":2").contains("\"accepting_requests\":true");
            assertThat(c.get("/api/live").status()).isEqualTo(200);
        }
    }
}
