import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import lib.core.Colour;
import lib.http.Connection;
import lib.process.Command;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * redirect: https, from the first deploy on: HTTP is answered by a redirect, and every switch confirms all the same.
 */
class RedirectTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("redirect")
            .configure("redirect: https\ndrain: 1s\nvariables: {SHUTDOWN_SETTLE: 0}")
            .variable("BLUEGREEN_BUILD_DOCKERFILE",
                Bluegreen.HOME.resolve("tests/fixtures/faulty/Dockerfile").toString());
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "3s");
    }

    @AfterAll static void down() throws IOException { project.close(); }

    private static Connection.Answer ask(String method, String path) throws IOException {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            return connection.send(method, path, method.equals("GET") ? null : "x");
        }
    }

    @Test void http_is_redirected_with_path_query_and_port_and_a_post_stays_one() throws IOException {
        for (String method : new String[] {"GET", "POST"}) {
            var answer = ask(method, "/shop/items?a=1&b=%2F");
            assertThat(answer.status()).isEqualTo(308);
            assertThat(answer.headers())
                .containsEntry("location", "https://127.0.0.1:" + project.https + "/shop/items?a=1&b=%2F");
            assertThat(answer.headers()).as("means nothing by HTTP").doesNotContainKey("strict-transport-security");
        }
        assertThat(ask("GET", "/_next/static/a.js").status()).isEqualTo(308);
    }

    @Test void https_serves_and_asks_to_come_by_https_again() {
        var said = Command.of(Duration.ofSeconds(10), "curl", "-skSi", "https://127.0.0.1:" + project.https + "/shop")
            .run();
        assertThat(said.out())
            .as(said.err())
            .startsWith("HTTP/2 200")
            .containsIgnoringCase("strict-transport-security: max-age=15768000\r\n")
            .contains(" 2 ");
    }

    @Test void health_is_never_redirected_and_both_ways_of_switching_confirm() throws IOException {
        for (String via : new String[] {"reload", "instant"}) {
            Bluegreen.ok(project, "switch", "blue", "--no-drain", "--via", via);
            assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.BLUE);
            assertThat(ask("GET", "/health/ready").status()).isEqualTo(200);
            assertThat(ask("GET", "/health/deployment").body()).contains("\"blue\"");
            assertThat(ask("GET", "/shop").status()).isEqualTo(308);
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--via", via);
            assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.GREEN);
        }
    }
}
