import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lib.core.Colour;
import lib.core.Json;
import lib.http.Connection;
import lib.nginx.Nginx;
import lib.process.Command;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What an app needs of a proxy, taken over by an Nginx that serves: under each change, clients that never retry. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProxyTest {
    private static final String PRIVATE = "[10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 127.0.0.0/8]";
    private static Project project;
    private static String before;           // bluegreen.yaml as the stack was deployed with
    private static final Duration LATE = Duration.ofMillis(1500);
    private static Clients clients;         // while settings change

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("proxy")
            .configure("drain: 1s\nvariables: {SHUTDOWN_SETTLE: 0}")
            .variable("BLUEGREEN_BUILD_DOCKERFILE",
                Bluegreen.HOME.resolve("tests/fixtures/proxy/Dockerfile").toString());
        before = Files.readString(project.folder.resolve("bluegreen.yaml"));
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        clients = Clients.start(20, "127.0.0.1", project.http, "/", Duration.ofMillis(30));
    }
    @AfterAll static void down() throws IOException {
        clients.close();
        project.close();
    }

    private static void write(String yaml) throws IOException {
        Files.writeString(project.folder.resolve("bluegreen.yaml"), before + yaml + "\n");
    }

    /** By hand; returns what it said that it changed. */
    private static String take(String yaml) throws IOException {
        write(yaml);
        return Bluegreen.ok(project, "switch", "--settings").event("settings").path("changed").toString();
    }

    private static Connection.Answer ask(String path) throws IOException {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            return connection.get(path);
        }
    }

    /** A request as it is written here; the answer's head and what of its body comes with it. */
    private static String raw(String head) throws IOException {
        try (var socket = new Socket("127.0.0.1", project.http)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((head + "Host: shop.example\r\nConnection: close\r\n\r\n").getBytes());
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** So many bytes, the last of them later; returns the answer. */
    private static String upload(long bytes, Duration pause) throws Exception {
        try (var socket = new Socket("127.0.0.1", project.http)) {
            socket.setSoTimeout(60_000);
            var out = socket.getOutputStream();
            out.write(("POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " + bytes + "\r\n\r\n")
                .getBytes());
            byte[] block = new byte[1 << 16];
            for (long left = bytes - 1; left > 0; left -= block.length)
                out.write(block, 0, (int) Math.min(left, block.length));
            Thread.sleep(pause);
            out.write(0);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** What of an answer that goes on for ever comes within two seconds. */
    private static String within2s(String path, String header) throws IOException {
        try (var socket = new Socket("127.0.0.1", project.http)) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n").getBytes());
            var came = new ByteArrayOutputStream();
            byte[] block = new byte[1 << 16];
            for (long end = System.nanoTime() + 2_000_000_000L; System.nanoTime() < end;) {
                socket.setSoTimeout((int) Math.max(1, (end - System.nanoTime()) / 1_000_000));
                try {
                    int n = socket.getInputStream().read(block);
                    if (n < 0) break;
                    came.write(block, 0, n);
                } catch (SocketTimeoutException over) {
                    break;
                }
            }
            return came.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /** Bodies that Nginx had on its disk so far: it warns of each. The file itself has no name. */
    private static String stored() {
        return Bluegreen.nginx(project, "grep", "-c", "client request body is buffered to a temporary file",
            "/var/log/bluegreen/error.log").out().strip();
    }

    /** Milliseconds from the first byte to the last, as the app saw them. */
    private static int spread(String answer) { return Integer.parseInt(answer.substring(answer.lastIndexOf(' ') + 1)); }

    private static final String DRIP = "Accept-Encoding: gzip\r\n", TEXT = "GET /text HTTP/1.1\r\n" + DRIP,
        BALANCER = "GET /headers HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: ";

    @Test @Order(1)
    void a_stack_runs_the_defaults_from_its_start() throws Exception {
        assertThat(Bluegreen.ok(project, "switch", "--settings").text()).contains("Nothing to do");
        assertThat(raw("POST /upload HTTP/1.1\r\nContent-Length: 20000000\r\n")).startsWith("HTTP/1.1 413");
        assertThat(spread(upload(1_000_000, LATE))).as("stored first").isLessThan(1200);
        assertThat(stored()).isEqualTo("1");
        assertThat(within2s("/events", "Accept: text/event-stream\r\n" + DRIP)).contains("data: blue 2");
        assertThat(within2s("/drip", DRIP)).as("waits in a buffer").doesNotContain("\r\n\r\n");
        assertThat(raw(TEXT)).containsIgnoringCase("content-encoding: gzip");
        assertThat(raw("GET /text HTTP/1.1\r\n")).doesNotContainIgnoringCase("content-encoding");
        assertThat(raw(BALANCER + "https\r\n"))
            .doesNotContain("198.51.100.7")
            .contains("\"x-forwarded-proto\":\"http\"");
        assertThat(ask("/health/blue").body()).as("the app's").isEqualTo("blue 1");
    }

    @Test @Order(2)
    void what_nginx_refuses_changes_nothing_and_is_told_in_its_words() throws Exception {
        certificate("one");
        certificate("two");
        Files.writeString(project.folder.resolve("own.conf"), "location = /own { no_such_thing on; }\n");
        write("proxy: {include: own.conf}");
        var workers = workers();
        assertThat(Bluegreen.code(3, project, "deploy", "--version", "1", "--no-switch").text())
            .contains("unknown directive \"no_such_thing\"", "untouched");
        write("tls: {certificate: one.crt, key: two.key}");
        assertThat(Bluegreen.code(3, project, "switch", "--settings").text()).contains("do not belong together");
        assertThat(workers()).isEqualTo(workers);
        assertThat(settingsFolders()).as("nothing of them is left").isEmpty();
    }

    @Test @Order(3)
    void a_deploy_takes_over_what_differs_and_each_setting_does_what_it_says() throws Exception {
        Files.writeString(project.folder.resolve("own.conf"),
            "location = /own { default_type text/plain; return 200 mine; }\n");
        Files.writeString(project.folder.resolve("sorry.html"), "<h1>Back soon</h1>");
        write(
            "tls: {certificate: one.crt, key: one.key}\nproxy: {body-size: 200MB, stream-uploads: on, unbuffered: [/drip],"
                + " gzip: off, header-size: 12KiB, grpc: on, hosts: [shop.example], colour-health: on,"
                + " include: own.conf, page-502: sorry.html, trusted: " + PRIVATE + "}");
        assertThat(Bluegreen.ok(project, "status").text()).contains("proxy.body-size: 16777216 → 200000000");
        assertThat(Bluegreen.ok(project, "deploy", "--version", "1", "--no-switch").text())
            .contains("proxy.stream-uploads: off → on");
        assertThat(Bluegreen.ok(project, "status").event("status").path("settings")).isEmpty();

        assertThat(upload(200_000_000, Duration.ZERO)).contains("blue 200000000");
        assertThat(spread(upload(1_000_000, LATE))).as("as it came").isGreaterThan(1200);
        assertThat(stored()).as("none but the first one's").isEqualTo("1");
        assertThat(within2s("/drip", DRIP)).contains("blue 2");
        assertThat(raw(TEXT)).doesNotContainIgnoringCase("content-encoding");
        assertThat(raw("GET /headers HTTP/1.1\r\nCookie: a=" + "x".repeat(11_000) + "\r\n")).contains("xxxxxxxx");
        assertThat(raw("GET /headers HTTP/1.1\r\nCookie: a=" + "x".repeat(13_000) + "\r\n")).startsWith("HTTP/1.1 400");
        assertThat(raw(BALANCER + "https\r\n"))
            .contains("\"x-real-ip\":\"198.51.100.7\"", "\"x-forwarded-proto\":\"https\"");
        assertThat(ask("/own").body()).as("by an address").isEqualTo("mine");
        assertThat(raw("GET /own HTTP/1.1\r\n")).as("by a name of ours").startsWith("HTTP/1.1 200");
        assertThat(raw("GET http://evil.example/own HTTP/1.1\r\n")).as("by another's").startsWith("HTTP/1.1 421");
        assertThat(ask("/health/blue").body()).contains("\"deployment\":\"blue\"");
        assertThat(ask("/health/blue").headers()).doesNotContainKey("x-upstream");
        assertThat(subject()).contains("CN = one");
        // Nginx takes HTTP/2 without TLS from who knows that it does: curl can.
        var grpc = Command.of(Duration.ofSeconds(10), "curl", "-sS", "--http2-prior-knowledge", "-H",
            "content-type: application/grpc+proto", "--data-binary", "x",
            "http://127.0.0.1:" + project.http + "/shop.Orders/List").run();
        assertThat(grpc.out()).as(grpc.err()).isEqualTo("h2c application/grpc+proto blue");
    }

    @Test @Order(5)
    void a_certificate_is_replaced_live_and_its_key_is_kept_nowhere() throws Exception {
        String rest = "proxy: {include: own.conf, page-502: sorry.html, trusted: " + PRIVATE + "}";
        assertThat(take("tls: {certificate: two.crt, key: two.key}\n" + rest)).contains("tls.certificate");
        assertThat(subject()).contains("CN = two");
        String secret = Files.readString(project.folder.resolve("two.key")).lines().skip(1).findFirst().orElseThrow();
        var kept = Command.of(Duration.ofSeconds(10), "grep", "-rlF", secret, ".deployment").in(project.folder).run();
        assertThat(kept.out()).as("in a report, a journal or a log").isEmpty();
        assertThat(Bluegreen.nginx(project, "sh", "-c",
            "find /etc/nginx/active /run/bluegreen -name tls.key -perm /077; grep -rlF '" + secret
                + "' /var/log/bluegreen /etc/nginx/active/journal.jsonl")
            .out()).isEmpty();
    }

    @Test @Order(6)
    void none_of_these_changes_cost_a_request() {
        clients.close();
        assertThat(clients.requests()).isGreaterThan(100);
        assertThat(clients.failures()).isEmpty();
    }

    @Test @Order(7)
    void behind_a_balancer_only_who_came_by_http_is_redirected() throws Exception {
        assertThat(take("redirect: https\ntls: {certificate: two.crt, key: two.key}\nproxy: {include: own.conf,"
            + " page-502: sorry.html, trusted: " + PRIVATE + "}")).contains("redirect: none → https:");
        assertThat(raw(BALANCER + "http\r\n"))
            .startsWith("HTTP/1.1 308")
            .contains("Location: https://shop.example/headers\r\n");
        assertThat(raw(BALANCER + "https\r\n"))
            .startsWith("HTTP/1.1 200")
            .containsIgnoringCase("strict-transport-security: max-age=15768000");
    }

    @Test @Order(8)
    void lines_that_are_valid_but_take_a_switch_s_confirmation_away_are_put_back() throws Exception {
        Files.writeString(project.folder.resolve("own.conf"),
            "if ($request_uri = /health/deployment) { return 503; }\n");
        assertThat(Bluegreen.code(5, project, "switch", "--settings").text())
            .contains("does not answer /health/deployment; the old ones were put back");
        assertThat(raw("GET /own HTTP/1.1\r\n")).endsWith("mine");
        assertThat(ask("/health/deployment").status()).isEqualTo(200);
    }

    @Test @Order(9)
    void nginx_starts_with_what_was_accepted_and_without_what_is_not_valid_any_more() throws Exception {
        Files.writeString(project.folder.resolve("own.conf"), "no_such_thing on;\n");
        restart();
        assertThat(raw("GET /own HTTP/1.1\r\n")).as("a copy: no edit reaches it").endsWith("mine");
        Bluegreen.nginx(project, "sh", "-c", "echo 'no_such_thing on;' >>/etc/nginx/active/settings/own.conf");
        restart();
        assertThat(raw("GET /own HTTP/1.1\r\n")).as("the rest holds").startsWith("HTTP/1.1 308");
        assertThat(Bluegreen.ok(project, "status").text()).contains("proxy.include: left out → sha256:");
    }

    @Test @Order(10)
    void a_websocket_may_be_idle_for_longer_than_an_answer_and_ends_after_its_own_time()
        throws Exception {
        take("proxy: {page-502: sorry.html, read-timeout: 1s, idle-timeout: 4s}");
        var socket = new EchoSocket(project);
        assertThat(socket.echo("one")).isEqualTo("one");
        Thread.sleep(2500);
        assertThat(socket.echo("two")).as("after 2.5 s of silence").isEqualTo("two");
        long began = System.nanoTime();
        assertThat(socket.closed.handle((_, _) -> true).get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(3));
    }

    @Test @Order(11)
    void with_no_app_alive_nginx_is_well_and_a_browser_gets_a_page() throws Exception {
        for (Colour colour : Colour.values())
            Command.of(Duration.ofSeconds(60), "docker", "stop", "-t", "1", Bluegreen.id(project, colour)).run();
        var health = ask("/health");
        assertThat(health.status()).isEqualTo(200);
        assertThat(Json.read(health.body())).contains(Json.read("{\"status\": \"ok\"}").orElseThrow());
        assertThat(ask("/health/ready").status()).isEqualTo(502);
        for (String method : List.of("GET", "POST"))
            assertThat(raw(method + " /shop HTTP/1.1\r\nAccept: text/html,*/*\r\nContent-Length: 0\r\n"))
                .startsWith("HTTP/1.1 502")
                .contains("<h1>Back soon</h1>", "Content-Type: text/html; charset=utf-8");
        assertThat(raw("GET /shop HTTP/1.1\r\n")).startsWith("HTTP/1.1 502").contains("{\"error\":");
        Thread.sleep(1500);         // the log's flush
        assertThat(Bluegreen.nginx(project, "tail", "-n", "5", "/var/log/bluegreen/access.jsonl").out())
            .contains("\"uri\":\"/shop\",\"status\":502")
            .doesNotContain(".bluegreen");
    }

    private static void certificate(String name) {
        var made = Command.of(Duration.ofSeconds(20), "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out",
            name + ".crt").in(project.folder).run();
        assertThat(made.ok()).as(made.err()).isTrue();
    }

    private static List<String> settingsFolders() {
        return Bluegreen.nginx(project, "ls", "/etc/nginx/active")
            .out()
            .lines()
            .filter(l -> l.startsWith("settings-"))
            .toList();
    }

    private static List<String> workers() {
        return Bluegreen.nginx(project, "sh", "-c", "grep -ls 'nginx: worker process$' /proc/[0-9]*/cmdline; true")
            .out()
            .lines()
            .sorted()
            .toList();
    }

    private static String subject() {
        return Command.of(Duration.ofSeconds(10), "sh", "-c", "openssl s_client -connect 127.0.0.1:" + project.https
            + " </dev/null 2>/dev/null | openssl x509 -noout -subject").run().out();
    }

    private static void restart() throws InterruptedException {
        String started = started();
        Command.of(Duration.ofSeconds(60), "docker", "restart", Bluegreen.id(project, "nginx")).run();
        for (int i = 0; i < 200 && (started().equals(started) || Nginx.serving(project.config()).isEmpty()); i++)
            Thread.sleep(100);
    }

    private static String started() {
        return Command.of(Duration.ofSeconds(10), "docker", "inspect", "--format", "{{.State.StartedAt}}",
            Bluegreen.id(project, "nginx")).run().out();
    }
}
