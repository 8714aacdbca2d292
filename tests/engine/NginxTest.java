import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import lib.core.Colour;
import lib.core.Json;
import lib.process.Command;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nginx as it is configured here, with version 1 on blue and 2 on green. */
class NginxTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("nginx");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "0s");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    @Test void https_speaks_http_2_with_a_certificate_made_at_the_first_start() throws Exception {
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
        var answer = HttpClient.newBuilder()
            .sslContext(tls)
            .build()
            .send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + project.https + "/")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
        assertThat(answer.headers().firstValue("x-frame-options")).contains("SAMEORIGIN");
        try (var health = new lib.http.Connection("127.0.0.1", project.http, Duration.ofSeconds(5))) {
            assertThat(health.get("/health/ready").headers())
                .containsEntry("x-content-type-options", "nosniff")
                .containsKey("x-deployment");
        }
    }

    @Test void the_control_port_is_on_loopback_only() {
        var ports = Command.of(Duration.ofSeconds(10), "docker", "port", Bluegreen.id(project, "nginx")).run().out();
        assertThat(ports.lines().filter(l -> l.startsWith("9180/tcp")))
            .containsExactly("9180/tcp -> 127.0.0.1:" + project.control);
    }

    @Test void each_colour_s_health_is_on_the_control_port() throws IOException {
        try (var control = new lib.http.Connection("127.0.0.1", project.control, Duration.ofSeconds(5))) {
            assertThat(Json.read(control.get("/health/blue").body()).orElseThrow().path("version").asText())
                .isEqualTo("1");
            assertThat(Json.read(control.get("/health/green").body()).orElseThrow().path("version").asText())
                .isEqualTo("2");
            assertThat(control.get("/status").body()).contains("Active connections");
        }
    }

    @Test void the_access_log_is_json_with_colour_generation_status_and_times() throws Exception {
        Bluegreen.get(project, "/api/echo?who=log");
        Thread.sleep(1500);       // flush=1s
        var log = Bluegreen.nginx(project, "tail", "-n", "50", "/var/log/bluegreen/access.jsonl").out();
        var entry = log.lines()
            .map(l -> Json.read(l).orElseThrow(() -> new AssertionError("not JSON: " + l)))
            .filter(n -> n.path("uri").asText().equals("/api/echo"))
            .reduce((_, last) -> last)
            .orElseThrow();
        assertThat(entry.path("deployment").asText()).isEqualTo(Bluegreen.serving(project).active().toString());
        assertThat(entry.path("generation").asLong()).isEqualTo(Bluegreen.serving(project).number());
        assertThat(entry.path("status").asInt()).isEqualTo(200);
        assertThat(entry.path("seconds").isNumber()).isTrue();
    }

    @Test void a_dangling_link_is_told_as_unknown_while_whatever_lives_serves_and_the_next_switch_repairs_it()
        throws IOException {
        Bluegreen.nginx(project, "ln", "-sfn", "gen-999999", "/etc/nginx/active/current");
        assertThat(Bluegreen.serving(project).active()).isNull();
        assertThat(Bluegreen.get(project, "/api/echo")).matches("(?s)(blue|green).*");
        assertThat(Bluegreen.ok(project, "status").text()).contains("missing or dangling");
        assertThat(Bluegreen.ok(project, "switch", "green").text()).contains("green gets the traffic again");
        assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.GREEN);
    }

    @Test void generations_are_pruned_but_never_the_live_one_nor_the_one_before() {
        for (int i = 0; i < 4; i++) {
            Bluegreen.ok(project, "switch", "blue", "--no-drain");
            Bluegreen.ok(project, "switch", "green", "--no-drain");
        }
        long live = Bluegreen.serving(project).number();
        var kept = Bluegreen.nginx(project, "ls", "/etc/nginx/active")
            .out()
            .lines()
            .filter(l -> l.matches("gen-[0-9]+"))
            .toList();
        assertThat(kept).contains("gen-" + live, "gen-" + (live - 1)).hasSizeLessThan(8);
    }

    @Test void after_the_reload_way_an_instant_switch_is_taken_by_the_workers_too() throws IOException {
        Bluegreen.ok(project, "switch", "blue", "--no-drain", "--via", "reload");
        assertThat(Bluegreen.serving(project).via()).hasToString("reload");
        Bluegreen.ok(project, "switch", "green", "--no-drain", "--via", "instant");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 2");
        Bluegreen.ok(project, "switch", "blue", "--no-drain", "--via", "instant");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1");
        Bluegreen.ok(project, "switch", "green", "--no-drain");
    }

    @Test void an_nginx_container_that_is_restarted_serves_the_same_colour() throws Exception {
        var before = Bluegreen.facts(project);
        Command.of(Duration.ofSeconds(60), "docker", "restart", Bluegreen.id(project, "nginx")).run();
        for (int i = 0; i < 50 && lib.nginx.Nginx.serving(project.config()).isEmpty(); i++) Thread.sleep(100);
        assertThat(Bluegreen.facts(project)).isEqualTo(before);
    }

    private static final class TrustAll extends X509ExtendedTrustManager {      // the certificate is self-signed
        public void checkClientTrusted(X509Certificate[] c, String s) {}
        public void checkServerTrusted(X509Certificate[] c, String s) {}
        public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
        public void checkClientTrusted(X509Certificate[] c, String s, java.net.Socket x) {}
        public void checkServerTrusted(X509Certificate[] c, String s, java.net.Socket x) {}
        public void checkClientTrusted(X509Certificate[] c, String s, javax.net.ssl.SSLEngine x) {}
        public void checkServerTrusted(X509Certificate[] c, String s, javax.net.ssl.SSLEngine x) {}
    }
}
