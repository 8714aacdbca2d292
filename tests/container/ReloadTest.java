package container;

import static container.Edge.HTTP;
import static lib.core.Colour.BLUE;
import static lib.core.Colour.GREEN;
import static lib.config.Way.INSTANT;
import static lib.config.Way.RELOAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import lib.core.Version;
import lib.nginx.Generation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** New workers: by the reload way, and a configuration that they would not start with. */
class ReloadTest {
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }

    @Test void by_reload_new_workers_serve_it_and_the_instant_way_back_is_taken_too() throws IOException {
        edge.serve(BLUE, true);
        var before = edge.workers();
        edge.serve(GREEN, true, RELOAD);
        assertThat(edge.workers()).doesNotContainAnyElementsOf(before);
        assertThat(edge.get("/").body()).isEqualTo("green");
        edge.serve(BLUE, true, INSTANT);
        assertThat(edge.get("/").body()).isEqualTo("blue");
        edge.serve(GREEN, true, INSTANT);
        assertThat(edge.get("/").body()).isEqualTo("green");
    }

    @Test void an_idle_connection_is_answered_once_more_by_its_old_worker() throws IOException {
        edge.serve(BLUE, true);
        try (var client = edge.nginx.connect(HTTP)) {
            assertThat(client.get("/").body()).isEqualTo("blue");
            edge.serve(GREEN, true, RELOAD);
            var answer = client.get("/");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.closes()).isTrue();
        }
    }

    @Test void a_reload_knows_no_weights() {
        edge.serve(BLUE, true);
        var refused = edge.install(new Generation(edge.next(), BLUE, 25, true, Version.of("1"), RELOAD));
        assertThat(refused.code()).isEqualTo(Edge.REFUSED);
        assertThat(refused.err()).contains("reload knows no weights");
    }

    @Test void a_refused_configuration_leaves_the_old_workers_and_the_generation() throws IOException {
        edge.serve(BLUE, true);
        var before = edge.serving();
        var workers = edge.workers();
        edge.edit("server.conf", "http2 on;", "http2 maybe;");
        try {
            var next = Generation.all(edge.next(), GREEN, true, Version.of("1"), RELOAD);
            var refused = edge.install(next);
            assertThat(refused.code()).isEqualTo(Edge.REFUSED);
            assertThat(refused.err()).contains("http2");
            assertThat(edge.reload().getExitCode()).isEqualTo(Edge.REFUSED);
            assertThat(edge.serving()).isEqualTo(before);
            assertThat(edge.get("/").body()).isEqualTo("blue");
            assertThat(edge.workers()).isEqualTo(workers);
            assertThat(edge.nginx.sh("ls /etc/nginx/active")).doesNotContain("gen-" + next.number());
        } finally {
            edge.edit("server.conf", "http2 maybe;", "http2 on;");
        }
    }

    @Test void a_configuration_that_is_refused_does_not_hold_up_an_instant_switch() throws IOException {
        edge.serve(BLUE, true);
        edge.edit("server.conf", "http2 on;", "http2 maybe;");
        try {
            edge.serve(GREEN, true);
            assertThat(edge.get("/").body()).isEqualTo("green");
        } finally {
            edge.edit("server.conf", "http2 maybe;", "http2 on;");
        }
    }
}
