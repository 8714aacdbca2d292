import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Clients that behave oddly: what they do to themselves is not the version's fault, what it does to them is. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag(All.QUIET)
class WatchedTrafficTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("watched")
            .configure("drain: 1s\nvariables: {SHUTDOWN_SETTLE: 0}\nverdict: {min-requests: 30}")
            .variable("BLUEGREEN_BUILD_DOCKERFILE",
                Bluegreen.HOME.resolve("tests/fixtures/faulty/Dockerfile").toString());
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        Bluegreen.image(project, "2", "FROM " + project.name + ":1\nENV APP_VERSION=2 HANG_SHARE=0.04");
    }

    @AfterAll static void down() throws IOException { project.close(); }

    private interface Request { void send(Socket to) throws Exception; }

    private static void write(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        to.getOutputStream().flush();
    }

    /** So many clients, a connection for each request, while a version is watched. */
    private static Project.Said watched(int clients, Request request, int code, String... arguments) throws Exception {
        var over = new AtomicBoolean();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < clients; i++) threads.add(Thread.ofVirtual().start(() -> {
            while (!over.get()) {
                try (var socket = new Socket("127.0.0.1", project.http)) {
                    request.send(socket);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }));
        try {
            return Bluegreen.code(code, project, "monitor", arguments);
        } finally {
            over.set(true);
            for (var t : threads) t.join();
        }
    }

    /** Reads the answer; gives up after a time. True: it came. */
    private static boolean answered(Socket socket, int patience) throws IOException {
        socket.setSoTimeout(patience);
        try {
            return socket.getInputStream().read(new byte[2000]) > 0;
        } catch (java.net.SocketTimeoutException gaveUp) {
            return false;
        }
    }

    private static void get(Socket socket, String path) throws IOException {
        write(socket, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    @Test @Order(1)
    void a_post_that_drips_over_a_second_is_not_slow() throws Exception {
        var said = watched(40, socket -> {          // enough for a verdict on latency
            write(socket, "POST /drip HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
            for (String letter : List.of("d", "r", "i", "p")) {
                Thread.sleep(250);
                write(socket, letter);
            }
            assertThat(answered(socket, 10_000)).isTrue();
        }, 0, "--duration", "14", "--threshold-latency", "600");
        assertThat(said.event("verdict").path("verdict").asText()).as(said.text()).isEqualTo("pass");
    }

    @Test @Order(2)
    void who_clicks_away_is_no_failed_request() throws Exception {
        var said = watched(6, socket -> {
            boolean away = ThreadLocalRandom.current().nextInt(4) == 0;
            get(socket, away ? "/odd/hang" : "/shop");
            answered(socket, away ? 50 : 10_000);
            Thread.sleep(50);
        }, 0, "--duration", "8", "--set", "thresholds.latency=1s");
        assertThat(said.event("verdict").path("verdict").asText()).as(said.text()).isEqualTo("pass");
    }

    @Test @Order(3)
    void four_percent_that_hang_until_the_client_gives_up_fail() throws Exception {
        Bluegreen.ok(project, "deploy", "--version", "2", "--no-build", "--monitor", "0s");
        var said = watched(20, socket -> {
            get(socket, "/shop");
            answered(socket, 3300);
            Thread.sleep(50);
        }, 1, "--duration", "15", "--set", "thresholds.latency=1s");
        assertThat(said.text()).contains("gave up waiting");
    }
}
