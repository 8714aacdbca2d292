package container;

import static container.Edge.CONTROL;
import static container.Edge.HTTP;
import static lib.core.Colour.BLUE;
import static lib.core.Colour.GREEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Json;
import lib.core.Version;
import lib.http.Connection;
import lib.nginx.Generation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a request goes, by the generation that is installed. */
class RoutingTest {
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }

    /** Of so many requests on one connection, those that green answered. */
    private static int green(Connection client, int requests) throws IOException {
        int green = 0;
        for (int i = 0; i < requests; i++) {
            var answer = client.get("/");
            assertThat(answer.status()).isEqualTo(200);
            if (answer.body().equals("green")) green++;
        }
        return green;
    }

    @Test void the_control_port_answers_this_machine_and_its_own_container_but_no_other_container() throws IOException {
        String nginx = edge.nginx.sh("hostname -i");
        String fromAnother = "node -e \"fetch('http://" + nginx + ":%d%s').then(r => console.log(r.status))\"";
        assertThat(edge.blue.sh(fromAnother.formatted(HTTP, "/"))).as("it gets there").isEqualTo("200");
        for (String path : new String[] {"/deployment", "/health/blue", "/status"}) {
            assertThat(edge.blue.sh(fromAnother.formatted(CONTROL, path))).as(path).isEqualTo("403");
            assertThat(edge.nginx.ask(CONTROL, "GET", path).status()).as(path).isEqualTo(200);
            assertThat(edge.nginx.sh("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9180" + path))
                .as(path)
                .isEqualTo("200");
        }
    }

    @Test void a_connection_that_exists_follows_the_generation_at_its_next_request() throws IOException {
        edge.serve(BLUE, true);
        try (var client = edge.nginx.connect(HTTP)) {
            assertThat(green(client, 20)).isZero();
            edge.serve(GREEN, true);
            assertThat(green(client, 20)).isEqualTo(20);
            edge.serve(BLUE, false);
            assertThat(green(client, 20)).isZero();
        }
    }

    /** Five standard deviations of 2000 draws are 4.8 percent. */
    @Test void of_100_buckets_25_are_a_quarter_of_the_requests() throws IOException {
        edge.serve(new Generation(edge.next(), BLUE, 25, true, Version.of("1"), Way.INSTANT));
        int green = 0;
        for (int i = 0; i < 4; i++)
            try (var client = edge.nginx.connect(HTTP)) {
                green += green(client, 500);
            }
        assertThat(green).isBetween(404, 596);
    }

    @ParameterizedTest @EnumSource(Colour.class)
    void a_colour_that_said_that_it_goes_gets_nothing_while_the_other_is_warm(Colour colour) throws IOException {
        edge.serve(colour, true);
        edge.nginx.sh("touch /etc/nginx/drain/" + colour);
        try {
            assertThat(edge.get("/").body()).isEqualTo(colour.other().toString());
        } finally {
            edge.nginx.sh("rm /etc/nginx/drain/" + colour);
        }
        assertThat(edge.get("/").body()).isEqualTo(colour.toString());
    }

    @Test void alone_it_gets_its_last_requests_all_the_same() throws IOException {
        edge.serve(GREEN, false);
        edge.nginx.sh("touch /etc/nginx/drain/green");
        try {
            assertThat(edge.get("/").body()).isEqualTo("green");
        } finally {
            edge.nginx.sh("rm /etc/nginx/drain/green");
        }
    }

    @Test void what_a_killed_process_of_a_colour_left_behind_is_swept_when_it_gets_the_traffic() throws IOException {
        edge.serve(BLUE, true);
        edge.nginx.sh("touch /etc/nginx/drain/green");
        edge.serve(GREEN, true);
        assertThat(edge.get("/").body()).isEqualTo("green");
    }

    // What is asked of Nginx itself.

    @Test void the_control_port_tells_the_generation_and_nobody_keeps_the_answer() throws IOException {
        edge.serve(GREEN, true);
        var answer = edge.nginx.ask(CONTROL, "GET", "/deployment");
        assertThat(Json.read(answer.body()).orElseThrow().path("active").asText()).isEqualTo("green");
        assertThat(answer.headers()).containsEntry("cache-control", "no-store");
        assertThat(answer.headers()).containsEntry("content-type", "application/json");
    }

    @ParameterizedTest @EnumSource(Colour.class)
    void the_control_port_reaches_each_colour_whoever_serves(Colour colour) throws IOException {
        edge.serve(colour.other(), false);
        var answer = edge.nginx.ask(CONTROL, "GET", "/health/" + colour);
        assertThat(Json.read(answer.body()).orElseThrow().path("deployment").asText()).isEqualTo(colour.toString());
    }

    @Test void the_control_port_counts_connections_and_serves_nothing_else() throws IOException {
        assertThat(edge.nginx.ask(CONTROL, "GET", "/status").body()).contains("Active connections");
        assertThat(edge.nginx.ask(CONTROL, "GET", "/").status()).isEqualTo(404);
        assertThat(edge.nginx.ask(CONTROL, "GET", "/deployment.json").status()).isEqualTo(404);
    }

    @Test void the_public_port_says_which_colour_it_chose_and_passes_the_rest_to_the_app() throws IOException {
        edge.serve(GREEN, true);
        assertThat(edge.get("/health/ready").headers()).containsEntry("x-deployment", "green");
        assertThat(edge.get("/health").body()).as("Nginx's own").isEqualTo("{\"status\": \"ok\"}\n");
        var answer = Json.read(edge.get("/health/deployment").body()).orElseThrow();
        assertThat(answer.path("deployment").asText()).isEqualTo("green");
        assertThat(answer.path("generation").asLong()).isEqualTo(edge.serving().number());
        assertThat(edge.get("/deployment").body()).as("the control port's alone").isEqualTo("green");
    }
}
