package container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Version;
import lib.nginx.Generation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.testcontainers.containers.wait.strategy.Wait;

/** A generation whose folder's name does not say yet where the requests go is served as it was. */
class EarlierGenerationTest {
    private static final Generation ALL_GREEN = Generation.all(7, Colour.GREEN, true, Version.of("1"), Way.INSTANT);
    private static final Generation A_QUARTER = new Generation(7, Colour.BLUE, 25, false, Version.of("1"), Way.INSTANT);
    private static final Generation RELOADED = Generation.all(7, Colour.GREEN, false, Version.of("1"), Way.RELOAD);

    static final List<Arguments> CASES = List.of(
        Arguments.of(ALL_GREEN, "seq -w 0 99", "touch gen-7/backed", "green"),
        Arguments.of(A_QUARTER, "seq -w 0 24", "true", ""),
        Arguments.of(RELOADED, "seq -w 0 99",
            "echo 'set $generation /etc/nginx/active/gen-7; set $active_upstream app-green;' >gen-7/active-upstream.conf",
            "green"));

    @ParameterizedTest @FieldSource("CASES")
    void is_served_after_a_start_and_after_a_reload(Generation written, String buckets, String more, String colour)
        throws IOException {
        String earlier = "mkdir -p /etc/nginx/active && cd /etc/nginx/active && rm -rf gen-7* && mkdir -p gen-7/green"
            + " && for n in $(" + buckets + "); do touch gen-7/green/$n; done && " + more
            + " && echo '" + written.json() + "' >gen-7/deployment.json && ln -sfn gen-7 current";
        try (var edge = new Edge();
            var nginx = Edge.nginx(edge.network, earlier + " && exec sh " + Edge.SCRIPTS + "start.sh")
                .waitingFor(Wait.forHttp("/").forPort(Edge.HTTP))) {      // 502 until the colours' names are resolved
            nginx.start();
            serves(nginx, written, colour);
            nginx.sh(earlier);
            nginx.sh("sh " + Edge.SCRIPTS + "reload.sh; sleep 0.3");
            serves(nginx, written, colour);
        }
    }

    /** Old workers answer once more after a reload, and an earlier folder may be mounted again. */
    @Test void the_configuration_from_before_finds_in_a_new_one_what_it_looks_for() throws IOException {
        String looked = "cd /etc/nginx/active/current && ls green | wc -l && ls | grep -c backed; true";
        try (var edge = new Edge()) {
            edge.serve(ALL_GREEN.renumbered(edge.next()));
            assertThat(edge.nginx.sh(looked).lines()).containsExactly("100", "1");
            edge.serve(A_QUARTER.renumbered(edge.next()));
            assertThat(edge.nginx.sh(looked).lines()).containsExactly("25", "0");
            edge.serve(Generation.all(edge.next(), Colour.BLUE, true, Version.of("1"), Way.INSTANT));
            assertThat(edge.nginx.sh(looked).lines()).containsExactly("0", "1");
        }
    }

    /** By hand, say: gen-N is a link to the folder. */
    @Test void a_link_to_the_number_is_left_as_it_is() throws IOException {
        try (var edge = new Edge()) {
            edge.serve(Generation.all(edge.next(), Colour.GREEN, true, Version.of("1"), Way.INSTANT));
            var live = edge.serving();
            edge.nginx.sh("cd /etc/nginx/active && ln -sfn gen-" + live.number() + " current");
            assertThat(edge.reload().getExitCode()).isZero();
            edge.awaitOldWorkers();
            assertThat(edge.serving()).isEqualTo(live);
            assertThat(edge.get("/").body()).isEqualTo("green");
        }
    }

    private static void serves(Unit nginx, Generation written, String colour) throws IOException {
        assertThat(Generation.read(nginx.ask(Edge.CONTROL, "GET", "/deployment").body())).contains(written);
        assertThat(nginx.ask(Edge.HTTP, "GET", "/health/deployment").body()).contains("\"generation\":7");
        if (colour.isEmpty()) return;
        for (int i = 0; i < 20; i++) assertThat(nginx.ask(Edge.HTTP, "GET", "/").body()).isEqualTo(colour);
    }
}
