import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promise: 0 failed requests, counted at clients that never retry; and the proof that they would see a failure. */
@Isolated
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ZeroFailureTest {

    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("zero");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "0s");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    private record Run(long requests, long failed, long connections, Clients.Window all, String failures) {}

    /** Five switches under 200 clients, from green. */
    private static Run underLoad(String via) throws InterruptedException {
        Bluegreen.ok(project, "switch", "green", "--no-drain", "--via", via);
        try (var load = Clients.start(200, "127.0.0.1", project.http, Duration.ofMillis(20))) {
            Thread.sleep(2000);
            for (String to : new String[] {"blue", "green", "blue", "green", "blue"})
                Bluegreen.ok(project, "switch", to, "--no-drain", "--via", via);
            Thread.sleep(2000);
            load.close();
            return new Run(load.requests(), load.failed(), load.connections(), load.all(), load.failures().toString());
        }
    }

    @Order(1)
    @ParameterizedTest @ValueSource(strings = {"instant", "reload"})
    void five_switches_under_load_fail_no_request(String via) throws InterruptedException {
        var run = underLoad(via);
        assertThat(run.failed).as(run.failures).isZero();
        assertThat(run.requests).isGreaterThan(5000);
        assertThat(run.all.blue()).isGreaterThan(100);
        assertThat(run.all.green()).isGreaterThan(100);
        if (via.equals("instant")) assertThat(run.connections).as("no client had to connect again").isEqualTo(200);
    }

    @Order(2)
    @Test void without_keepalive_min_timeout_a_reload_loses_requests_and_these_clients_see_it() throws Exception {
        project.withoutKeepaliveMinTimeout();
        assertThat(Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh").code()).isZero();
        var run = underLoad("reload");
        assertThat(run.failed).as(run.failures).isPositive();
    }

    @Order(3)
    @Test void an_instant_switch_leaves_an_open_websocket_alone() throws Exception {
        try (var project = Bluegreen.project("ws")) {
            String build = "build.dockerfile=" + Bluegreen.HOME.resolve("tests/fixtures/websocket/Dockerfile");
            Bluegreen.ok(project, "deploy", "--set", build, "--version", "1", "--monitor", "0s");
            Bluegreen.ok(project, "deploy", "--set", build, "--version", "2", "--no-switch");
            var socket = new EchoSocket(project);
            assertThat(socket.echo("one")).isEqualTo("blue one");

            // Nginx drops idle ones after 1.5 s
            var switched = Bluegreen.ok(project, "switch", "green", "--set", "drain=6s");
            assertThat(socket.echo("two")).as("the open one stays where it was").isEqualTo("blue two");
            assertThat(switched.text()).as("and is told as not drained").contains("1 connection to app-blue");
            assertThat(new EchoSocket(project).echo("three")).isEqualTo("green three");
        }
    }
}
