package container;

import static lib.core.Colour.BLUE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import lib.http.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The colour that serves dies: with the other one warm nobody notices, alone it is said soon. */
class FailoverTest {
    /** proxy_connect_timeout, as much again when the request is tried once more, and what a busy machine adds. */
    private static final Duration SOON = Duration.ofSeconds(7);
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }

    private static Connection.Answer within(Duration limit, String method, String path) throws IOException {
        long began = System.nanoTime();
        var answer = edge.nginx.ask(Edge.HTTP, method, path);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(limit);
        return answer;
    }

    /** Nginx asks the engine's DNS every 2 s. */
    private static void back() throws IOException {
        for (int i = 0; i < 50 && edge.blue.isRunning(); i++) pause(100);
        edge.blue.again();
        for (int i = 0; i < 50 && !edge.get("/").body().equals("blue"); i++) pause(100);
        assertThat(edge.get("/").body()).as("the colour that is back").isEqualTo("blue");
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test void killed_with_the_other_one_warm_every_later_request_is_answered_post_too() throws IOException {
        edge.serve(BLUE, true);
        assertThat(edge.get("/").body()).isEqualTo("blue");
        edge.blue.kill();
        try {
            for (int i = 0; i < 30; i++) {
                var answer = within(SOON, i % 2 == 0 ? "GET" : "POST", "/");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("green");
                pause(100);
            }
        } finally {
            back();
        }
    }

    /** 502 when the kernel gives its address up first (engine 20.10 here), 504 when Nginx does (28.5). */
    @Test void killed_alone_it_is_an_error_soon_and_nobody_else_s_answer() throws IOException {
        edge.serve(BLUE, false);
        edge.blue.kill();
        try {
            for (int i = 0; i < 5; i++) assertThat(within(SOON, "GET", "/").status()).isIn(502, 504);
        } finally {
            back();
        }
    }

    @Test void what_may_be_repeated_is_when_the_app_dies_of_it() throws IOException {
        edge.serve(BLUE, true);
        try {
            assertThat(within(SOON, "GET", "/blue/die").body()).isEqualTo("green");
        } finally {
            back();
        }
    }

    @Test void a_post_that_reached_the_app_is_not_repeated() throws IOException {
        edge.serve(BLUE, true);
        try {
            assertThat(within(SOON, "POST", "/blue/die").status()).isEqualTo(502);
        } finally {
            back();
        }
    }

    @Test void an_error_of_the_app_is_its_answer_and_no_reason_to_leave_it() throws IOException {
        edge.serve(BLUE, true);
        for (int i = 0; i < 10; i++) assertThat(edge.get("/blue/fail").status()).isEqualTo(500);
        assertThat(edge.get("/").body()).isEqualTo("blue");
    }
}
