package container;

import static lib.core.Colour.BLUE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import lib.http.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.wait.strategy.Wait;

/** What a client sees when the network between Nginx and the colour that serves goes wrong. */
class NetworkFaultsTest {
    private static final int TOXICS = 8474;
    /** Instead of a minute. */
    private static final Duration READ = Duration.ofSeconds(2), ONCE = READ.multipliedBy(2);
    private static Edge edge;
    private static Unit proxy;

    @BeforeAll static void up() throws IOException {
        edge = new Edge("behind-the-proxy");
        proxy = new Unit("node:24", TOXICS)
            .withNetwork(edge.network)
            .withNetworkAliases("app-blue")
            .withEnv("UPSTREAM", "behind-the-proxy:3008")
            .copy("tests/fixtures/stub/toxics.mjs", "/toxics.mjs")
            .withCommand("node", "/toxics.mjs")
            .waitingFor(Wait.forLogMessage(".* listens\\n", 1));
        proxy.start();
        edge.edit("settings-http.conf", "proxy_read_timeout 60s;", "proxy_read_timeout " + READ.toSeconds() + "s;");
        assertThat(edge.reload().getExitCode()).isZero();
        edge.awaitOldWorkers();
    }

    @AfterAll static void down() {
        if (proxy != null) proxy.stop();
        edge.close();
    }

    @BeforeEach void well() throws IOException { toxic("none"); }

    private static void toxic(String name) throws IOException {
        assertThat(proxy.ask(TOXICS, "POST", "/" + name).body()).isEqualTo(name);
    }

    private record Seen(Connection.Answer answer, Duration took) {
        int status() { return answer.status(); }
        String body() { return answer.body(); }
    }

    private static Seen see(String method) throws IOException {
        long began = System.nanoTime();
        var answer = edge.nginx.ask(Edge.HTTP, method, "/");
        return new Seen(answer, Duration.ofNanos(System.nanoTime() - began));
    }

    @Test void latency_makes_answers_late_and_moves_nobody() throws IOException {
        edge.serve(BLUE, true);
        toxic("latency");
        for (int i = 0; i < 3; i++) {
            var seen = see("POST");
            assertThat(seen.body()).isEqualTo("blue");
            assertThat(seen.took()).isBetween(Duration.ofMillis(500), READ);
        }
    }

    @Test void a_reset_peer_costs_no_request_that_may_be_repeated_while_the_other_is_warm() throws IOException {
        edge.serve(BLUE, true);
        toxic("reset_peer");
        for (int i = 0; i < 20; i++) {
            var seen = see("GET");
            assertThat(seen.body()).isEqualTo("green");
            assertThat(seen.took()).isLessThan(READ);
        }
    }

    @Test void a_reset_peer_is_a_502_at_once_for_a_post_that_was_sent() throws IOException {
        edge.serve(BLUE, true);
        toxic("reset_peer");
        failsAtOnce("POST");
    }

    @Test void a_reset_peer_is_a_502_at_once_without_a_backup() throws IOException {
        edge.serve(BLUE, false);
        toxic("reset_peer");
        failsAtOnce("GET");
    }

    private static void failsAtOnce(String method) throws IOException {
        var seen = see(method);
        assertThat(seen.status()).isEqualTo(502);
        assertThat(seen.took()).isLessThan(READ);
    }

    @Test void a_half_open_connection_is_left_at_the_timeout_while_the_other_is_warm() throws IOException {
        edge.serve(BLUE, true);
        toxic("timeout");
        for (int i = 0; i < 2; i++) {
            var seen = see("GET");
            assertThat(seen.body()).isEqualTo("green");
            assertThat(seen.took()).isBetween(READ, ONCE);
        }
    }

    /** It reached the app, for all that Nginx knows: nothing is tried twice, so it takes the timeout once. */
    @Test void a_half_open_connection_is_a_502_at_the_timeout_without_a_backup() throws IOException {
        edge.serve(BLUE, false);
        toxic("timeout");
        var seen = see("GET");
        assertThat(seen.status()).isEqualTo(502);
        assertThat(seen.took()).isBetween(READ, ONCE);
    }

    @Test void when_the_network_is_well_again_so_is_the_colour_at_once() throws IOException {
        edge.serve(BLUE, true);
        toxic("reset_peer");
        assertThat(see("GET").body()).isEqualTo("green");
        toxic("none");
        assertThat(see("POST").body()).isEqualTo("blue");
    }
}
