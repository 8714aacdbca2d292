package lib.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.LocalPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An app in a folder without a compose file: what init sees of it, and what it writes. */
class InitTest {
    private static final Asked NOTHING = new Asked(Optional.empty(), Optional.empty(), Optional.empty(),
        Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.empty());

    @TempDir Path folder;

    private void file(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), text);
    }

    private Found found(Asked asked) {
        return Found.in(folder, Existing.in(folder), asked, (what, flag, proposed) -> {
            throw Failure.usage(what, "nobody is here", "init " + flag + " " + proposed);
        });
    }

    @ParameterizedTest @CsvSource(quoteCharacter = '^', delimiter = '|', textBlock = """
        package.json           | {"dependencies": {"next": "15"}}                     | Next.js
        package.json           | {"dependencies": {"express": "5"}}                   | Node
        requirements.txt       | Flask==3                                             | Flask
        pyproject.toml         | dependencies = ["fastapi"]                           | FastAPI
        manage.py              | import django                                        | Django
        app.py                 | import http.server                                   | Python
        Gemfile                | gem "rails"                                          | Rails
        pom.xml                | <artifactId>spring-boot-starter-actuator</artifactId>| Spring Boot
        build.gradle           | plugins { id 'java' }                                | Java
        go.mod                 | module shop                                          | Go
        index.html             | <html></html>                                        | a static site
        """)
    void a_framework_is_known_by_its_files(String name, String text, String framework) throws IOException {
        file(name, text);
        assertThat(Framework.in(folder).orElseThrow().framework().says).isEqualTo(framework);
    }

    @ParameterizedTest @CsvSource(quoteCharacter = '^', delimiter = '|', textBlock = """
        EXPOSE 5000                                                         | 5000 | /
        ENV PORT=7000\\nEXPOSE 5000                                         | 7000 | /
        ENV A=1 PORT=7001 B=2                                               | 7001 | /
        EXPOSE 80\\nHEALTHCHECK CMD curl -f http://localhost:80/ping       | 80   | /ping
        EXPOSE 1\\nFROM scratch\\nEXPOSE 2/tcp                              | 2    | /
        """)
    void the_dockerfile_tells_port_and_health(String lines, int port, String health) throws IOException {
        file("Dockerfile", "FROM scratch\n" + lines.replace("\\n", "\n") + "\n");
        var found = found(NOTHING);
        assertThat(found.port()).isEqualTo(port);
        assertThat(found.health()).isEqualTo(health);
    }

    @ParameterizedTest @CsvSource(quoteCharacter = '^', delimiter = '|', textBlock = """
        app.py                       | @app.route("/healthz")                     | /healthz
        src/server.js                | app.get('/health/ready', (q, r) => {       | /health/ready
        urls.py                      | path("health/", views.health)              | /health/
        config/routes.rb             | get "up" => "rails/health#show"            | /
        main.go                      | mux.HandleFunc("GET /healthz", health)     | /healthz
        app/api/health/route.ts      | export const GET = () => Response.json({}) | /api/health
        node_modules/x/index.js      | app.get('/health')                         | /
        tests/test_app.py            | client.get("/healthz")                     | /
        """)
    void a_health_route_is_seen_in_the_sources(String name, String text, String path) throws IOException {
        file("Dockerfile", "FROM scratch\nEXPOSE 8000\n");
        file(name, text);
        assertThat(found(NOTHING).health()).isEqualTo(path);
    }

    @Test void what_no_file_tells_is_asked_for_with_its_flag() throws IOException {
        file("Dockerfile", "FROM scratch\n");
        var asks = catchThrowableOfType(Failure.class, () -> found(NOTHING));
        assertThat(asks.code).isEqualTo(ExitCode.USAGE);
        assertThat(asks.next()).contains("init --port 8080");
    }

    @Test void without_a_dockerfile_there_is_nothing_to_deploy() {
        assertThat(catchThrowableOfType(Failure.class, () -> found(NOTHING)).getMessage())
            .contains("no ", "Dockerfile");
    }

    @Test void flags_win_over_what_is_found_and_what_is_written_wins_over_both() throws IOException {
        file("Dockerfile", "FROM scratch\nEXPOSE 5000\n");
        var given = new Asked(Optional.of("shop"), Optional.empty(), Optional.of(5001), Optional.of("/well"),
            Optional.of("127.0.0.1:8000"), Optional.of("127.0.0.1:8001"),
            List.of("shop.example", "*.shop.example"), Optional.empty());
        var found = found(given);
        file("bluegreen.yaml", ProjectFile.text(found));
        var config = Config.load(folder, Map.of());
        assertThat(config.app()).isEqualTo("shop");
        assertThat(config.ports().app()).isEqualTo(5001);
        assertThat(config.ports().http()).isEqualTo("127.0.0.1:8000");
        assertThat(config.proxy().hosts()).containsExactly("shop.example", "*.shop.example");
        assertThat(config.health().path()).isEqualTo("/well");
        assertThat(config.health().require()).isEmpty();
        assertThat(config.composeFiles()).containsExactly(folder.resolve(ColoursFile.NAME));
        assertThat(found(NOTHING).port()).as("as it is written").isEqualTo(5001);
    }

    @Test void of_several_stages_the_one_that_is_built_tells_with_those_it_begins_with() throws IOException {
        file("Dockerfile", """
            FROM --platform=linux/amd64 debian AS base
            EXPOSE 8000
            FROM base AS prod
            ENTRYPOINT ["tini", "--"]
            FROM base AS dev
            EXPOSE 9229
            """);
        var file = folder.resolve("Dockerfile");
        assertThat(Dockerfile.read(file, Optional.of("prod")).port()).contains(8000);
        assertThat(Dockerfile.read(file, Optional.of("prod")).bringsInit()).isTrue();
        assertThat(Dockerfile.read(file, Optional.empty()).port()).contains(9229);
        assertThat(Dockerfile.read(file, Optional.empty()).bringsInit()).isFalse();
        file("Dockerfile", "FROM nginx:1.30-alpine\nCOPY . /usr/share/nginx/html\n");
        assertThat(Dockerfile.read(file, Optional.empty()).port()).contains(80);
    }

    @Test void no_port_is_given_twice_though_nobody_has_it_yet() throws IOException {
        try (var blue = taken(3009); var green = taken(3010); var next = taken(3020)) {
            var ports = FreePorts.onLoopback(Set.of(3019));
            assertThat(ports).as("%s %s %s", blue, green, next).containsKeys("blue", "green");
            assertThat(ports.values()).doesNotHaveDuplicates().doesNotContain(3019, 3020);
        }
    }
    /** By us, or by somebody else. */
    private static ServerSocket taken(int port) throws IOException {
        var socket = new ServerSocket();
        try {
            socket.bind(new InetSocketAddress("127.0.0.1", port));
        } catch (BindException e) {
            assertThat(LocalPort.taken(String.valueOf(port))).isPresent();
        }
        return socket;
    }

    @Test void an_app_alone_gets_two_colours_and_nginx_and_no_service_more() throws IOException {
        file("Dockerfile", "FROM scratch\nEXPOSE 5000\n");
        var text = ColoursFile.text(found(NOTHING));
        assertThat(text.lines().filter(line -> line.matches("  [\\w-]+:.*")))
            .containsExactly("  app-blue:", "  app-green:", "  nginx:", "  bluegreen-edge:", "  bluegreen-drain:",
                "  bluegreen-active:", "  bluegreen-assets:", "  bluegreen-certs:", "  bluegreen-spool:",
                "  bluegreen-logs:");
        assertThat(text).contains("init: true").doesNotContain("extends", "!override", "!reset", "../nginx");
    }

    @Test void a_first_process_of_its_own_needs_no_other() throws IOException {
        file("Dockerfile", "FROM scratch\nEXPOSE 5000\nENTRYPOINT [\"/usr/bin/tini\", \"--\"]\n");
        assertThat(ColoursFile.text(found(NOTHING))).doesNotContain("init: true");
    }

    @Test void what_a_person_should_know_is_said() throws IOException {
        file("Dockerfile", "FROM scratch\nEXPOSE 5000\nVOLUME [\"/data\"]\nCOPY . .\n");
        assertThat(Advice.of(found(NOTHING)))
            .anySatisfy(a -> assertThat(a).contains("/data"))
            .anySatisfy(a -> assertThat(a).contains(".dockerignore"));
        file(".dockerignore", ".deployment\n");
        assertThat(Advice.of(found(NOTHING))).noneSatisfy(a -> assertThat(a).contains(".dockerignore"));
    }
}
