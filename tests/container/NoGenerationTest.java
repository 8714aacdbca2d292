package container;

import static lib.core.Colour.BLUE;
import static lib.core.Colour.GREEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import lib.config.Way;
import lib.core.Version;
import lib.nginx.Generation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.containers.Network;

/** A link to a generation that is missing or dangling is told, and never quietly means blue. */
class NoGenerationTest {
    private static final String ACTIVE = "/etc/nginx/active";
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }

    private static void unknown(Unit nginx) throws IOException {
        assertThat(nginx.ask(Edge.CONTROL, "GET", "/deployment").body())
            .isEqualToIgnoringWhitespace("{\"active\":\"unknown\",\"generation\":0}");
    }

    /** Of ten requests. */
    private static Set<String> answers() throws IOException {
        var answers = new HashSet<String>();
        for (int i = 0; i < 10; i++) answers.add(edge.get("/").body());
        return answers;
    }

    @Test void while_it_runs_whatever_lives_serves_and_the_next_order_repairs_it() throws IOException {
        for (String damage : List.of("rm current", "ln -sfn gen-999999 current", "rm current/deployment.json")) {
            edge.nginx.sh("cd " + ACTIVE + " && " + damage);
            unknown(edge.nginx);
            assertThat(answers()).as(damage).contains("green");
            edge.serve(GREEN, false);
            assertThat(answers()).as(damage).containsExactly("green");
        }
    }

    private static Unit nginx(Network network, String damage) {
        String folder = "mkdir -p " + ACTIVE + " && cd " + ACTIVE;
        return Edge.nginx(network, folder + " && " + damage + " && exec sh " + Edge.SCRIPTS + "start.sh");
    }

    @Test void an_empty_folder_begins_with_all_on_blue() throws IOException {
        try (var nginx = nginx(edge.network, "true")) {
            nginx.start();
            var first = Generation.read(nginx.ask(Edge.CONTROL, "GET", "/deployment").body()).orElseThrow();
            assertThat(first).isEqualTo(Generation.all(1, BLUE, false, Version.UNKNOWN, Way.INSTANT));
        }
    }

    @ParameterizedTest @ValueSource(strings = {"mkdir gen-7", "mkdir gen-7 && ln -s gen-8 current"})
    void at_a_start_with_a_damaged_folder_no_generation_is_made_up(String damage) throws IOException {
        try (var nginx = nginx(edge.network, damage)) {
            nginx.start();
            unknown(nginx);
            assertThat(nginx.sh("ls " + ACTIVE)).doesNotContain("gen-1");
        }
    }
}
