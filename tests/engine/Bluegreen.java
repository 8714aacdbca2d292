import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lib.core.Colour;
import lib.http.Connection;
import lib.nginx.Generation;
import lib.nginx.Nginx;
import lib.process.Command;
import lib.stack.Stack;
import load.Project;

/** What the tests on the real engine share. */
final class Bluegreen {
    static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));

    private Bluegreen() {}

    static Project project(String name) throws IOException { return new Project("bgtest-" + name, HOME); }

    /** A script that must end with 0. */
    static Project.Said ok(Project project, String script, String... arguments) {
        return code(0, project, script, arguments);
    }

    static Project.Said code(int expected, Project project, String script, String... arguments) {
        var said = project.run(script, arguments);
        assertThat(said.code()).as(script + " " + String.join(" ", arguments) + "\n" + said.text()).isEqualTo(expected);
        return said;
    }

    /** An image of the project's from a Dockerfile's text, e.g. a version that is broken in one way. */
    static void image(Project project, String version, String dockerfile) {
        var built = Command.of(Duration.ofMinutes(2), "docker", "build", "--quiet", "--label",
            "bluegreen.app=" + project.name, "--tag", project.name + ":" + version, "-").input(dockerfile).run();
        assertThat(built.ok()).as(built.err()).isTrue();
    }

    static Generation serving(Project project) { return Nginx.serving(project.config()).orElseThrow(); }

    static String version(Project project) { return serving(project).version().toString(); }

    static String get(Project project, String path) throws IOException {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            return connection.get(path).body();
        }
    }

    /** In the Nginx container. */
    static Command.Result nginx(Project project, String... arguments) {
        return Command.of(Duration.ofSeconds(30), "docker", "exec", id(project, "nginx")).and(arguments).run();
    }

    static String id(Project project, String service) {
        return new Stack(project.config()).containers().get(service).id();
    }
    static String id(Project project, Colour colour) { return id(project, "app-" + colour); }

    static Map<String, String> facts(Project project) {
        var g = serving(project);
        return Map.of("active", String.valueOf(g.active()), "version", String.valueOf(g.version()));
    }
}
