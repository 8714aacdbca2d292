import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import lib.http.Connection;
import lib.process.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** runtime/java in a process of its own, without Docker. */
@Tag("quiet")
@Execution(ExecutionMode.CONCURRENT)        // it waits most of its time
class ShutdownOrderTest {
    private int port;
    private Process process;

    @TempDir Path folder;

    @BeforeEach void start() throws Exception { start(List.of()); }

    private void start(List<String> arguments) throws Exception {
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), "Patient", String.valueOf(port)));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DRAIN_FILE", folder.resolve("drain").toString());
        process = builder.start();
        assertThat(process.inputReader().readLine()).contains("listens");
    }
    @AfterEach void end() { process.destroyForcibly(); }

    private FutureTask<Connection.Answer> slow(int millis) {
        var task = new FutureTask<>(() -> {
            try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(60))) {
                return c.get("/slow?" + millis);
            }
        });
        Thread.ofVirtual().start(task);
        return task;
    }

    private void awaitInFlight(int requests) throws Exception {
        for (int i = 0; i < 200; i++, Thread.sleep(20)) {
            try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(20))) {
                if (c.get("/api/health").body().contains("\"active_connections\":" + requests)) return;
            }
        }
        throw new AssertionError(requests + " requests never were in flight");
    }

    private void signal(String name) {
        Command.of(Duration.ofSeconds(5), "kill", "-" + name, String.valueOf(process.pid())).run();
    }

    private String said() throws IOException, InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.inputReader().lines().collect(java.util.stream.Collectors.joining("\n"));
    }

    @Test void what_is_in_flight_ends_then_stores_close_in_reverse_order_each_with_its_limit_and_its_error()
        throws Exception {
        var slow = slow(1500);
        awaitInFlight(1);
        process.toHandle().destroy();
        assertThat(slow.get().body()).isEqualTo("slow");
        assertThat(said().lines().toList())
            .containsSubsequence("shutdown: SIGTERM, 1 in flight", "shutdown: third did not close within 1 s",
                "shutdown: second failed to close: java.io.IOException: no luck", "shutdown: first closed");
        assertThat(process.exitValue()).isZero();
    }

    @Test void what_waits_is_answered_though_it_stood_still_and_has_no_time_to_settle() throws Exception {
        Files.writeString(folder.resolve("drain"), "idle");
        signal("STOP");
        var waiting = new ArrayList<Socket>();
        for (int i = 0; i < 20; i++) {
            var client = new Socket("127.0.0.1", port);
            client.getOutputStream().write("GET /slow?100 HTTP/1.0\r\n\r\n".getBytes());
            waiting.add(client);
        }
        signal("TERM");
        signal("CONT");
        for (var client : waiting) try (client) {
            assertThat(new String(client.getInputStream().readAllBytes())).contains(" 200 ").endsWith("slow");
        }
        assertThat(said()).contains("shutdown: first closed").doesNotContain("of its own", "without a look");
        assertThat(process.exitValue()).isZero();
    }

    @Test void it_drains_from_the_signal_on_however_long_its_drain_file_takes() throws Exception {
        Command.of(Duration.ofSeconds(5), "mkfifo", folder.resolve("drain").toString()).run();     // nobody reads it
        process.toHandle().destroy();
        assertThat(process.inputReader().readLine()).contains("SIGTERM, 0 in flight");
        try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(5))) {
            var answer = c.get("/slow?0");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.closes()).isTrue();
        }
    }

    @Test void a_second_signal_cuts_the_waiting_short_and_names_what_it_cut() throws Exception {
        slow(60_000);
        awaitInFlight(1);
        process.toHandle().destroy();
        assertThat(process.inputReader().readLine()).contains("SIGTERM, 1 in flight");
        long began = System.nanoTime();
        process.toHandle().destroy();
        assertThat(said()).contains("SIGTERM again").containsPattern("cut: GET /slow \\(\\d\\.\\d s\\)");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @Test void above_its_number_of_requests_it_is_not_ready_but_alive() throws Exception {
        slow(2000);
        slow(2000);
        awaitInFlight(2);
        try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(5))) {
            var answer = c.get("/api/health");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body())
                .contains("\"readiness\":false")
                .contains("\"active_connections\":2")
                .contains("\"accepting_requests\":true");
            assertThat(c.get("/api/live").status()).isEqualTo(200);
        }
    }

    @Test void whatever_fails_on_the_way_is_told_and_the_shutdown_goes_on_to_its_end() throws Exception {
        process.destroyForcibly().waitFor();
        start(List.of("throwing"));
        var slow = slow(1500);
        awaitInFlight(1);
        process.toHandle().destroy();
        assertThat(slow.get().body()).isEqualTo("slow");
        assertThat(said().lines().toList())
            .containsSubsequence("the last listener was told",
                "shutdown: a drain listener failed: java.lang.IllegalStateException: a broken stream",
                "shutdown: a drain listener failed: java.lang.NoClassDefFoundError: Gone",
                "shutdown: stopping to accept failed: java.lang.IllegalStateException: a broken socket",
                "shutdown: fourth failed to close: java.lang.NoClassDefFoundError: Pool", "shutdown: first closed");
        assertThat(folder.resolve("drain")).exists();
        assertThat(process.exitValue()).as("no request was cut").isZero();
    }
}
