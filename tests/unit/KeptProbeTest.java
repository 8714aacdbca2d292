package lib.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import lib.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The client that keeps its connection, against a server that treats it in one way each. */
@Timeout(20)
@Execution(ExecutionMode.CONCURRENT)        // it waits most of its time
class KeptProbeTest {
    private static final String KEEPS = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        CLOSES = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    /** What it does with a connection, and when it has read a request of it. */
    private interface Treatment { void of(Socket client, BufferedReader requests) throws IOException; }

    @TempDir Path project;
    private final AtomicInteger connections = new AtomicInteger();
    private ServerSocket server;

    @BeforeEach void listens() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Files.writeString(project.resolve("bluegreen.yaml"),
            "app: shop\nports: {http: \"127.0.0.1:" + server.getLocalPort() + "\"}\n");
    }
    @AfterEach void ends() throws IOException { server.close(); }

    private void serve(Treatment treatment) {
        Thread.ofPlatform().daemon().start(() -> {
            while (!server.isClosed()) try (var client = server.accept()) {
                connections.incrementAndGet();
                treatment.of(client, new BufferedReader(new InputStreamReader(client.getInputStream())));
            } catch (IOException e) {
                continue;       // the test's end, or the probe's
            }
        });
    }

    /** Returns false at the connection's end. */
    private static boolean request(BufferedReader from) throws IOException {
        String line = from.readLine();
        while (line != null && !line.isEmpty()) line = from.readLine();
        return line != null;
    }

    private static void answer(Socket client, String with) throws IOException {
        client.getOutputStream().write(with.getBytes(StandardCharsets.US_ASCII));
    }

    private KeptProbe probe() { return new KeptProbe(Config.load(project, Map.of())); }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) Thread.sleep(20);      // until the class's limit
    }

    @Test void a_connection_that_is_cut_while_it_is_kept_is_a_failed_probe_and_is_opened_anew() throws Exception {
        serve((client, requests) -> {
            request(requests);
            answer(client, KEEPS);
            request(requests);
        });
        try (var probe = probe()) {
            await(() -> connections.get() > 1);
            var seen = probe.take();
            assertThat(seen.failed()).isEqualTo(1);
            assertThat(seen.error()).startsWith("on a kept connection: ");
        }
    }

    @Test void one_that_was_told_to_close_is_none() throws Exception {
        serve((client, requests) -> {
            request(requests);
            answer(client, CLOSES);
        });
        try (var probe = probe()) {
            await(() -> connections.get() > 2);
            assertThat(probe.take().failed()).isZero();
        }
    }

    @Test void one_connection_is_kept() throws Exception {
        var asked = new CountDownLatch(3);
        serve((client, requests) -> {
            for (; request(requests); answer(client, KEEPS)) asked.countDown();
        });
        try (var probe = probe()) {
            asked.await();
            assertThat(connections).hasValue(1);
            assertThat(probe.take().failed()).isZero();
        }
    }

    @Test void nobody_listens() throws Exception {
        server.close();
        try (var probe = probe()) {
            var seen = new Sample.Probes[] {probe.take()};
            await(() -> (seen[0] = seen[0].and(probe.take())).failed() > 0);
            assertThat(seen[0].error()).startsWith("cannot connect: ");
        }
    }

    @Test void an_answer_that_hangs_does_not_outlive_it_and_is_no_failed_probe() throws Exception {
        var asked = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        serve((client, requests) -> {
            request(requests);
            asked.countDown();
            if (!request(requests)) gone.countDown();
        });
        var probe = probe();
        asked.await();
        probe.close();
        assertThat(gone.await(2, TimeUnit.SECONDS))
            .as("the connection is closed long before its limit of 5 s")
            .isTrue();
        Thread.sleep(100);
        assertThat(probe.take().failed()).isZero();
    }
}
