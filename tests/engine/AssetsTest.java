import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lib.http.Connection;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Hashed files of the versions before; each version here has one of its own. Version 2 serves for longer than
 * assets.keep.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AssetsTest {
    private static Project project;
    private static Instant second;          // when version 2 was there

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("assets")
            .configure("drain: 1s\nvariables: {SHUTDOWN_SETTLE: 0}\nassets: {from: /assets, path: /assets/, keep: 1m}")
            .variable("BLUEGREEN_BUILD_DOCKERFILE",
                Bluegreen.HOME.resolve("tests/fixtures/faulty/Dockerfile").toString());
        Bluegreen.ok(project, "deploy", "build", "--tag", project.name + ":base");
        deploy("1", "one");
        deploy("2", "two");
        second = Instant.now();
    }

    @AfterAll static void down() throws IOException { project.close(); }

    private static Project.Said deploy(String version, String file, String... more) {
        String files = "RUN mkdir /assets && echo " + file + " >/assets/" + file + ".js && cp -r /assets /from"
            + version;
        Bluegreen.image(project, version, "FROM " + project.name + ":base\nENV APP_VERSION=" + version + "\n" + files);
        var arguments = new ArrayList<>(List.of("--version", version, "--no-build", "--monitor", "0s"));
        arguments.addAll(List.of(more));
        return Bluegreen.ok(project, "deploy", arguments.toArray(String[]::new));
    }

    private static Connection.Answer get(String path) throws IOException {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            return connection.get(path);
        }
    }

    @Test @Order(1)
    void while_the_serving_version_s_cannot_be_read_none_is_deleted() throws Exception {
        Thread.sleep(Duration.between(Instant.now(), second.plusSeconds(65)));
        assertThat(deploy("3", "three", "--no-switch", "--set", "assets.from=/from3").text())
            .contains("reading /from3 in app-green")
            .contains("; so none are deleted");
        assertThat(get("/assets/one.js").body()).isEqualTo("one\n");
    }

    @Test @Order(2)
    void a_version_s_files_are_kept_from_when_it_stopped_serving() throws Exception {
        deploy("4", "four");
        assertThat(get("/assets/four.js").body()).isEqualTo("four\n");
        assertThat(get("/assets/two.js").body()).as("of the page that was there a moment ago").isEqualTo("two\n");
        assertThat(get("/assets/one.js").status()).as("stopped serving longer ago").isEqualTo(404);
    }
}
