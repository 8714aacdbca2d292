import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import lib.core.Colour;
import lib.process.Command;
import load.Clients;
import load.Docker;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** An engine behind TCP with TLS and client certificates: nothing of it is reached but its API. */
@Order(10)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RemoteTest {
    @TempDir static Path certificates;
    private static Relay relay;
    private static Project project;

    @BeforeAll static void up() throws Exception {
        authority("ca");
        signed("server", "subjectAltName=IP:127.0.0.1");
        signed("cert", "extendedKeyUsage=clientAuth");
        Files.move(certificates.resolve("cert-key.pem"), certificates.resolve("key.pem"));
        relay = new Relay(tls());
        project = Bluegreen.project("remote")
            .variable("DOCKER_HOST", relay.host)
            .variable("DOCKER_TLS_VERIFY", "1")
            .variable("DOCKER_CERT_PATH", certificates.toString());
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
    }
    @AfterAll static void down() throws IOException {
        project.close();
        relay.close();
    }

    @Test @Order(1)
    void a_deploy_and_a_rollback_lose_no_request_and_go_through_the_engine_s_api_alone() throws Exception {
        try (var load = Clients.start(20, "127.0.0.1", project.http, Duration.ofMillis(20))) {
            int before = relay.connections.get();
            var deployed = Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "2s", "--set", "drain=12s");
            assertThat(deployed.text())
                .as("our own probes go through Nginx's container")
                .contains("no connection left");
            assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.GREEN);
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
            assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.BLUE);
            load.close();
            assertThat(load.failed()).as(load.failures().toString()).isZero();
            assertThat(relay.connections.get() - before).isGreaterThan(20);
        }
        assertThat(Bluegreen.ok(project, "status").event("status").path("rollback").path("possible").asBoolean())
            .isTrue();
    }

    @Test @Order(2)
    void the_lock_is_the_same_for_those_who_come_another_way() throws Exception {
        var remote = project.start("deploy", "--version", "3", "--monitor", "4s");
        Thread.ofVirtual().start(() -> remote.errorReader().lines().forEach(_ -> {}));
        for (String line; (line = remote.inputReader().readLine()) != null && !line.contains("\"build\""););
        var local = new ProcessBuilder(Bluegreen.HOME.resolve("bluegreen").toString(), "switch", "--rollback", "-C",
            project.folder.toString()).redirectErrorStream(true).start();
        assertThat(new String(local.getInputStream().readAllBytes())).contains("locked").contains("deploy 3");
        assertThat(local.waitFor()).isEqualTo(4);
        remote.destroyForcibly().waitFor();         // killed: its end of the pipe closes, over TLS as well
        Bluegreen.ok(project, "deploy", "--resume", "--monitor", "1s", "--wait-lock", "10s");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 3");
    }

    /** What carries the bytes to Nginx and the app ends with who asked, also when that was killed. */
    @Test @Order(3)
    void nothing_is_left_in_the_nginx_container() throws Exception {
        Bluegreen.ok(project, "incident");
        var monitor = project.start("monitor", "--duration", "60");
        Thread.ofVirtual().start(() -> monitor.errorReader().lines().forEach(_ -> {}));
        Thread.ofVirtual().start(() -> monitor.inputReader().lines().forEach(_ -> {}));
        assertThat(seen(carriers -> !carriers.isEmpty())).as("at work").isNotEmpty();
        monitor.destroyForcibly().waitFor();
        assertThat(seen(List::isEmpty)).isEmpty();
    }

    /** What carries, when it is as wanted, or after 20 s. */
    private static List<String> seen(Predicate<List<String>> wanted) throws InterruptedException {
        var carriers = carriers();
        for (int i = 0; i < 100 && !wanted.test(carriers); i++, carriers = carriers()) Thread.sleep(200);
        return carriers;
    }
    private static List<String> carriers() {
        return Docker.call("top", Bluegreen.id(project, "nginx"), "-o", "pid,args")
            .out()
            .lines()
            .filter(l -> l.matches(".*(curl|cat|kill 0).*"))
            .toList();
    }

    @Test @Order(4)
    void without_a_certificate_it_says_that_the_engine_cannot_be_reached() throws Exception {
        var stranger = new ProcessBuilder(Bluegreen.HOME.resolve("bluegreen").toString(), "switch", "--rollback", "-C",
            project.folder.toString()).redirectErrorStream(true);
        stranger.environment().put("DOCKER_HOST", relay.host);
        stranger.environment().put("DOCKER_TLS_VERIFY", "");
        var process = stranger.start();
        assertThat(new String(process.getInputStream().readAllBytes())).contains("✗").doesNotContain("Exception");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(3);
    }

    private static void authority(String name) {
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=" + name,
            "-keyout", file(name + "-key.pem"), "-out", file(name + ".pem"));
    }

    private static void signed(String name, String extension) throws IOException {
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
            "-keyout", file(name + "-key.pem"), "-out", file(name + ".csr"));
        Files.writeString(certificates.resolve(name + ".ext"), extension);
        openssl("x509", "-req", "-in", file(name + ".csr"), "-CA", file("ca.pem"), "-CAkey", file("ca-key.pem"),
            "-CAcreateserial", "-days", "2", "-extfile", file(name + ".ext"), "-out", file(name + ".pem"));
    }

    private static SSLContext tls() throws Exception {
        openssl("pkcs12", "-export", "-in", file("server.pem"), "-inkey", file("server-key.pem"), "-passout",
            "pass:secret", "-out", file("server.p12"));
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(certificates.resolve("server.p12").toFile(), "secret".toCharArray()),
            "secret".toCharArray());
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (var in = Files.newInputStream(certificates.resolve("ca.pem"))) {
            trusted.setCertificateEntry("ca",
                java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return tls;
    }

    private static String file(String name) { return certificates.resolve(name).toString(); }

    private static void openssl(String... arguments) {
        var made = Command.of(Duration.ofSeconds(20), "openssl").and(arguments).run();
        assertThat(made.ok()).as(made.err()).isTrue();
    }
}
