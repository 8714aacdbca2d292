package container;

import static lib.core.Colour.BLUE;
import static lib.core.Colour.GREEN;
import static lib.config.Way.INSTANT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import lib.core.Version;
import lib.nginx.Generation;
import lib.process.Command;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What comes late, or from somebody else, changes nothing. */
class FenceTest {
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }
    @BeforeEach void blue() { edge.serve(BLUE, true); }

    private static Generation green() { return Generation.all(edge.next(), GREEN, true, Version.of("1"), INSTANT); }

    private static void refused(int code, String why, Command.Result said, Generation before) {
        assertThat(said.code()).as(said.err()).isEqualTo(code);
        assertThat(said.err()).contains(why);
        assertThat(edge.serving()).isEqualTo(before);
    }

    @Test void an_order_from_another_generation_than_the_live_one_is_too_late() {
        var live = edge.serving();
        String why = "serve generation " + live.number();
        refused(Edge.LATE, why, edge.install(green(), live.number() - 1, Edge.DEPLOYER), live);
        refused(Edge.LATE, why, edge.install(green(), live.number() + 1, Edge.DEPLOYER), live);
    }

    @Test void an_order_of_who_does_not_hold_the_lock_is_too_late() {
        var live = edge.serving();
        var said = edge.install(green(), live.number(), "another-deployer");
        refused(Edge.LATE, "somebody else holds the lock", said, live);
    }

    @Test void the_generation_that_serves_is_not_written_anew() {
        var live = edge.serving();
        var same = Generation.all(live.number(), GREEN, true, Version.of("1"), INSTANT);
        refused(Edge.REFUSED, "is the one that serves", edge.install(same, live.number(), Edge.DEPLOYER), live);
    }

    @Test void of_orders_at_once_from_the_same_generation_exactly_one_wins() throws Exception {
        long live = edge.serving().number();
        var wanted = List.of(green(), green(), green());
        var orders = new ArrayList<Callable<Command.Result>>();
        for (var next : wanted) orders.add(() -> edge.install(next, live, Edge.DEPLOYER));
        var codes = new ArrayList<Integer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var said : threads.invokeAll(orders)) codes.add(said.get().code());
        }
        assertThat(codes).containsExactlyInAnyOrder(0, Edge.LATE, Edge.LATE);
        assertThat(edge.serving()).isEqualTo(wanted.get(codes.indexOf(0)));
    }

    @Test void only_who_knows_what_serves_says_that_a_colour_leaves() {
        var live = edge.serving();
        String files = "ls /etc/nginx/drain";
        for (var late : List.of(edge.leave(GREEN, live.number() - 1, Edge.DEPLOYER),
            edge.leave(GREEN, live.number(), "another-deployer")))
            assertThat(late.code()).as(late.err()).isEqualTo(Edge.LATE);
        assertThat(edge.nginx.sh(files)).doesNotContain("green");
        assertThat(edge.leave(GREEN, live.number(), Edge.DEPLOYER).code()).isZero();
        assertThat(edge.nginx.sh(files)).contains("green");
        edge.serve(GREEN, true);
        assertThat(edge.nginx.sh(files)).as("it has the traffic").doesNotContain("green");
    }

    @Test void without_its_lock_even_the_deployer_is_too_late() throws IOException {
        try (var other = new Edge()) {
            other.nginx.sh("sh " + Edge.SCRIPTS + "lock.sh seize");
            var said = other.install(Generation.all(other.next(), GREEN, true, Version.of("1"), INSTANT));
            assertThat(said.code()).as(said.err()).isEqualTo(Edge.LATE);
            assertThat(said.err()).contains("nobody holds the lock");
            assertThat(other.serving().active()).isEqualTo(BLUE);
        }
    }
}
