import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import lib.HostileServer;
import lib.core.Colour;
import lib.core.Json;
import lib.nginx.AccessLog;
import lib.process.Command;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile images, clients, values and answers on the real engine. One stack, on which blue serves a hostile app. */
class HostileTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("hostile").configure("variables: {POSTGRES_PASSWORD: \"it's $HOME \\\\\"}");
        var fixture = Bluegreen.HOME.resolve("tests/fixtures/hostile");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s", "--set", "build.context=" + fixture,
            "--set", "build.dockerfile=" + fixture.resolve("Dockerfile"), "--set", "assets.from=/srv/static");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    /** A whole answer to a request that no well-behaved client would send. */
    private static String raw(String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", project.http)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
    private static JsonNode seenByTheApp(String headers) throws IOException {
        String answer = raw("GET /headers HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n" + headers + "\r\n");
        return Json.read(answer.substring(answer.indexOf("\r\n\r\n") + 4).replaceAll("^[0-9a-f]+\r\n", ""))
            .orElseThrow(() -> new AssertionError(answer))
            .path("headers");
    }

    @Test void an_image_s_labels_change_nothing_of_what_a_container_is() {
        var blue = new lib.stack.Stack(project.config()).container(Colour.BLUE).orElseThrow();
        assertThat(blue.version()).hasToString("1");
        assertThat(blue.labels()).containsEntry("deployment", "blue").containsEntry("bluegreen.hangup", "9; rm");
        assertThat(Bluegreen.version(project)).isEqualTo("1");
    }

    @Test void a_password_of_all_characters_reaches_the_container_as_it_is() {
        var said = Command.of(Duration.ofSeconds(10), "docker", "exec", Bluegreen.id(project, "postgres"), "printenv",
            "POSTGRES_PASSWORD").run();
        assertThat(said.out()).isEqualTo("it's $HOME \\\n");
        var byHand = Command.of(Duration.ofSeconds(30), "docker", "compose", "--project-name", project.name,
            "--env-file", project.folder.resolve(".deployment/compose.env").toString(),
            "--file", Bluegreen.HOME.resolve("compose/docker-compose.blue-green.yml").toString(), "config", "--format",
            "json").run();
        assertThat(Json.read(byHand.out())
            .orElseThrow(() -> new AssertionError(byHand.err()))
            .at("/services/postgres/environment/POSTGRES_PASSWORD")
            .asText()).isEqualTo("it's $$HOME \\");
    }

    @Test void a_link_in_the_app_s_static_files_shows_no_file_of_nginx() throws IOException {
        assertThat(Bluegreen.get(project, "/_next/static/good.txt")).isEqualTo("good\n");
        assertThat(Bluegreen.nginx(project, "find", "/etc/nginx/assets", "-type", "l").out()).isEmpty();
        Bluegreen.nginx(project, "ln", "-sf", "/etc/nginx/certs/tls.crt", "/etc/nginx/assets/_next/static/link.txt");
        assertThat(raw("GET /_next/static/link.txt HTTP/1.0\r\nHost: x\r\n\r\n"))
            .doesNotContain("CERTIFICATE")
            .containsPattern("^HTTP/1.1 40[34]");
    }

    @Test void what_a_client_says_of_itself_is_not_passed_on() throws IOException {
        var seen = seenByTheApp(
            "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\n"
                + "Forwarded: for=6.6.6.6\r\nProxy: http://evil\r\nX-Request-ID: spoofed\r\nX_Real_IP: 6.6.6.6\r\nUpgrade: h2c\r\n");
        assertThat(seen.toString()).doesNotContain("6.6.6.6", "evil", "spoofed", "h2c", "x_real_ip");
        assertThat(seen.path("x-forwarded-host").asText()).isEqualTo("shop.example");
        assertThat(seen.path("x-forwarded-proto").asText()).isEqualTo("http");
        assertThat(seen.path("x-request-id").asText()).matches("[0-9a-f]{32}");
        assertThat(seen.path("x-forwarded-for").asText()).matches("[0-9.]+").isEqualTo(seen.path("x-real-ip").asText());
    }

    @Test void the_colour_in_a_header_is_what_nginx_chose_not_what_the_app_claims() throws IOException {
        assertThat(raw("GET /health/ready HTTP/1.0\r\nHost: x\r\nX-Deployment: purple\r\n\r\n"))
            .startsWith("HTTP/1.1 200")
            .contains("X-Deployment: blue")
            .doesNotContain("purple");
    }

    @Test void hostile_requests_leave_every_line_of_the_access_log_readable() throws Exception {
        String end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
        for (String line : new String[] {"GET /\",\"status\":500,\"x\":\"" + end, "GET /%22%5c%0a%0d%00" + end,
            "GET /%0a{\"at\":1}" + end, "GET /%ff%fe%c0%80" + end, "GET /" + "%01".repeat(2600) + "tail" + end,
            "M".repeat(7000) + " /long-method" + end, "GET /a HTTP/0.9\r\n", "GET /b\u0000c" + end,
            "\u0016\u0003\u0001\u0002\u0000\r\n", "GET /esc\u001b[2J" + end,
            "GET /ok" + end + "X: " + "\"".repeat(3000) + "\r\n"})
            raw(line + "\r\n");
        Thread.sleep(1200);       // the log's flush
        var lines = Bluegreen.nginx(project, "cat", "/var/log/bluegreen/access.jsonl").out().lines().toList();
        assertThat(lines).allSatisfy(l -> {
            assertThat(l.length()).isLessThan(4096);
            assertThat(AccessLog.read(l)).as(l).isPresent();
        });
        var read = lines.stream().flatMap(l -> AccessLog.read(l).stream()).toList();
        assertThat(read)
            .anyMatch(l -> l.uri().equals("/ok"))
            .anyMatch(l -> l.uri().length() == 500)
            .anyMatch(l -> l.method().equals("M".repeat(20)));
        assertThat(read).noneMatch(l -> l.status() == 500);
    }

    @ParameterizedTest @CsvSource(delimiter = '§',
        value = {"HEALTH_PATH§/x; } server { listen 81; }", "HEALTH_PATH§/x|e id", "HEALTH_PATH§/x\\nfoo",
            "HEALTH_PATH§/$uri", "HEALTH_PATH§x", "ASSETS_PATH§/a/../../", "ASSETS_PATH§/a&b/", "APP_PORT§1;2",
            "REDIRECT_PORT§443;", "REDIRECT_PORT§on"})
    void a_variable_cannot_reach_nginx_s_configuration_or_sed(String name, String value) {
        for (String hostile : new String[] {value, value + "\n"}) {
            var said = Command.of(Duration.ofSeconds(20), "docker", "exec", "--env", name + "=" + hostile,
                Bluegreen.id(project, "nginx"), "sh", "/etc/nginx/bluegreen/reload.sh", "check").run();
            assertThat(said.code()).isEqualTo(1);
            assertThat(said.err()).contains(name + " has a character that is not allowed");
        }
    }

    @Test void a_health_path_with_a_query_arrives_as_it_is() {
        var said = Command.of(Duration.ofSeconds(20), "docker", "exec", "--env", "HEALTH_PATH=/h?a=1&b=2",
            Bluegreen.id(project, "nginx"),
            "sh", "-c",
            "sh /etc/nginx/bluegreen/reload.sh render /tmp/query && nginx -t -q -c /tmp/query/nginx.conf && cat /tmp/query/*.conf | grep -c 'rewrite ^ /h?a=1&b=2 break;'")
            .run();
        assertThat(said.out()).as(said.err()).isEqualTo("3\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--image=--help", "--image=a\nb", "--set=assets.path=/../../", "--version=@/etc/passwd"})
    void a_hostile_value_on_the_command_line_is_refused_and_changes_nothing(String option) throws IOException {
        var arguments = option.startsWith("--version")
            ? new String[] {option}
            : new String[] {"--version", "2", option};
        assertThat(Bluegreen.code(2, project, "deploy", arguments).text()).doesNotContain("root:");
        assertThat(Bluegreen.get(project, "/api/health")).contains("\"deployment\":\"blue\"");
        assertThat(Files.readString(project.folder.resolve(".deployment/compose.env"))).doesNotContain("help", "/../");
    }

    @ParameterizedTest @CsvSource(delimiter = '|',
        value = {"/big|longer than 64 KB", "/redirect|not followed", "/escapes|status is [2J]0;owned"})
    void health_refuses_a_hostile_answer_and_reads_it_no_further(String path, String why) throws IOException {
        try (var server = new HostileServer()) {
            var process = new ProcessBuilder(Bluegreen.HOME.resolve("bluegreen").toString(), "health",
                server.url(path).toString(), "--retries", "0", "--timeout", "20s").redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isEqualTo(1);
            assertThat(said).contains(why).doesNotContain("\u001b");
            assertThat(server.followed.get()).isZero();
            assertThat(server.sent.get()).isLessThan(20 << 20);        // sockets' buffers; the answer has 100 MB
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
