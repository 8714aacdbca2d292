import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lib.checks.Check;
import lib.checks.Facts;
import lib.checks.Preflight;
import lib.config.Config;
import lib.core.Colour;
import lib.docker.Container;
import lib.nginx.Reach;
import lib.process.Command;
import lib.stack.Stack;
import load.Clients;
import load.Docker;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each trap is seen by its own check and by no other. One stack: green serves 2.0.0, blue is warm with 1.0.0. */
class ValidateTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("validate");
        // Keeps the keep-alive check, which waits this long and a second, short.
        edit("upstream.conf", "keepalive_timeout 1500ms;", "keepalive_timeout 1s;");
        project.configure("""
            smoke:
              - path: /api/health
                body: '"deployment":\\s*"blue"'
              - {method: POST, path: /api/echo, body: blue 3.0.0}
              - {path: /nowhere}
            """);
        Bluegreen.ok(project, "deploy", "--version", "1.0.0", "--monitor", "0s");
        Bluegreen.image(project, "2.0.0", "FROM " + project.name + ":1.0.0\nENV APP_VERSION=2.0.0");
        Bluegreen.ok(project, "deploy", "--version", "2.0.0", "--no-build", "--monitor", "0s");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    private static void edit(String conf, String from, String to) throws IOException {
        Path file = project.folder.resolve("nginx").resolve(conf);
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    private static void reload() {
        var said = Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh");
        assertThat(said.ok()).as(said.err()).isTrue();
    }

    /**
     * The checks that are not good, with their kind and reason; {@code only}: these, none: all but the one that waits
     * and the one of the machine.
     */
    private static Map<String, String> found(Map<String, String> set, Duration limit, String... only)
        throws InterruptedException {
        var config = Config.load(project.folder, set);
        var checks = Preflight.checks().stream()
            .filter(c -> only.length == 0
                ? !c.name().matches("keep-alive|engine restart")
                : List.of(only).contains(c.name()))
            .toList();
        var found = new TreeMap<String, String>();
        try (var facts = new Facts(new Stack(config), project.folder.resolve("bluegreen.yaml"), Optional.empty(),
            limit)) {
            for (var r : Preflight.run(checks, facts, limit, _ -> {}).results())
                if (!(r.outcome() instanceof Check.Outcome.Pass))
                    found.put(r.name(), r.outcome().getClass().getSimpleName() + ": " + r.outcome().reason());
        }
        return found;
    }
    private static Map<String, String> found(Map<String, String> set) throws InterruptedException {
        return found(set, Duration.ofSeconds(10));
    }

    private static void only(Map<String, String> found, String check, String kind, String reason) {
        assertThat(found).containsOnlyKeys(check);
        assertThat(found.get(check)).startsWith(kind).contains(reason);
    }

    @Test void a_good_stack_passes_every_check() {
        var said = Bluegreen.ok(project, "validate");
        var checks = said.events().stream().filter(e -> e.path("event").asText().equals("check")).toList();
        assertThat(checks)
            .hasSize(Preflight.checks().size())
            .allSatisfy(c -> assertThat(c.path("outcome").asText())
                .as(c.toString())
                .isIn("pass", c.path("name").asText().equals("engine restart") ? "warn" : "pass"));
        assertThat(said.event("checked").path("failed").asInt()).isZero();
        assertThat(said.text()).contains("ready to deploy");
    }

    @Test void without_keepalive_min_timeout_a_reload_would_reset_requests() throws Exception {
        edit("nginx.conf", "keepalive_min_timeout 10s;", "");
        reload();
        try {
            only(found(Map.of()), "nginx reload", "Warn", "keepalive_min_timeout");
            assertThat(found(Map.of("switching", "reload"), Duration.ofSeconds(10), "nginx reload").get("nginx reload"))
                .startsWith("Fail");
        } finally {
            edit("nginx.conf", "keepalive_timeout 75s;", "keepalive_timeout 75s; keepalive_min_timeout 10s;");
            reload();
        }
    }

    @Test void an_upstream_that_never_looks_up_its_address_again() throws Exception {
        edit("upstream.conf", "upstream app-any {", "upstream fixed { server app-green:3008; }\nupstream app-any {");
        reload();
        try {
            only(found(Map.of(), Duration.ofSeconds(10), "upstreams", "nginx reload", "nginx syntax"), "upstreams",
                "Fail", "app-green:3008 in fixed");
        } finally {
            edit("upstream.conf", "upstream fixed { server app-green:3008; }\n", "");
            reload();
        }
    }

    @Test void a_mounted_configuration_that_the_next_reload_would_refuse() throws Exception {
        edit("server.conf", "http2 on;", "http2 maybe;");
        try {
            only(found(Map.of(), Duration.ofSeconds(10), "nginx syntax", "nginx reload", "health"), "nginx syntax",
                "Fail", "http2");
        } finally {
            edit("server.conf", "http2 maybe;", "http2 on;");
        }
    }

    @Test void a_database_password_that_is_not_the_database_s() throws InterruptedException {
        var found = found(Map.of("variables.POSTGRES_PASSWORD", "wrong"));
        // and compose sees that the container has another one
        assertThat(found).containsOnlyKeys("postgres", "drift");
        assertThat(found.get("postgres")).startsWith("Fail").contains("password authentication failed");
        assertThat(found.get("drift")).startsWith("Warn").contains("postgres");
    }

    @Test void a_redis_that_hangs_is_a_fail_of_its_own_and_holds_up_no_other_check() throws InterruptedException {
        Docker.call("kill", "--signal", "STOP", Bluegreen.id(project, "redis"));
        try {
            long began = System.nanoTime();
            only(found(Map.of(), Duration.ofSeconds(4), "redis", "postgres", "compose", "drift"), "redis", "Fail",
                "no answer");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
        } finally {
            Docker.call("kill", "--signal", "CONT", Bluegreen.id(project, "redis"));
        }
    }

    @Test void secrets_that_others_can_read() throws Exception {
        Path file = project.folder.resolve(".deployment/compose.env");
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            only(found(Map.of(), Duration.ofSeconds(10), "secrets", "environment"), "secrets", "Fail", "compose.env");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            only(found(Map.of(), Duration.ofSeconds(10), "secrets", "environment"), "secrets", "Warn", "compose.env");
        } finally {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test void a_certificate_that_has_expired_or_soon_will() throws Exception {
        String certs = "/etc/nginx/certs/";
        assertThat(Bluegreen.nginx(project, "cp", certs + "tls.crt", certs + "kept").ok()).isTrue();
        try {
            certificate("-not_before", "20200101000000Z", "-not_after", "20210101000000Z");
            only(found(Map.of(), Duration.ofSeconds(10), "certificate", "nginx reload"), "certificate", "Fail",
                "expired");
            certificate("-days", "5");
            only(found(Map.of(), Duration.ofSeconds(10), "certificate", "nginx reload"), "certificate", "Warn",
                "expires in");
        } finally {
            assertThat(Bluegreen.nginx(project, "mv", certs + "kept", certs + "tls.crt").ok()).isTrue();
        }
    }
    private static void certificate(String... validity) {
        var made = Command.of(Duration.ofSeconds(20), "docker", "exec", Bluegreen.id(project, "nginx"), "openssl",
            "req", "-x509", "-key", "/etc/nginx/certs/tls.key",
            "-subj", "/CN=localhost", "-out", "/etc/nginx/certs/tls.crt").and(validity).run();
        assertThat(made.ok()).as(made.err()).isTrue();
    }

    @Test void too_little_room_on_the_engine() throws InterruptedException {
        only(found(Map.of("thresholds.disk", "900TB"), Duration.ofSeconds(10), "disk", "docker"), "disk", "Fail",
            "900 TB are needed");
    }

    @Test
    void before_the_first_deploy_a_taken_port_fails_and_what_needs_a_stack_is_skipped() throws InterruptedException {
        // whose ports are those of the stack that runs
        var found = found(Map.of("compose.project", project.name + "-first"));
        assertThat(found.remove("ports"))
            .startsWith("Fail")
            .contains("port " + project.http + " is taken")
            .contains("port " + project.blue + " is taken");
        assertThat(found).isNotEmpty().allSatisfy((name, reason) -> assertThat(reason).as(name).startsWith("Skip: n"));
        assertThat(found)
            .containsKeys("health", "redis", "postgres", "nginx syntax")
            .doesNotContainKeys("docker", "disk", "compose");
    }

    @Test void a_fail_ends_the_script_with_3_and_says_what_to_do() {
        var said = Bluegreen.code(3, project, "validate", "--set", "services.blue=app-bleu", "--timeout", "20s");
        assertThat(said.text()).contains("no service app-bleu").contains("what to do").contains("not ready to deploy");
    }

    @Test void a_trial_whose_request_fails_ends_with_1_and_leaves_traffic_and_standby_as_they_were() throws Exception {
        Bluegreen.image(project, "3.0.0", "FROM " + project.name + ":1.0.0\nENV APP_VERSION=3.0.0");
        var standby = new Stack(project.config()).container(Colour.BLUE).orElseThrow();
        var planned = Bluegreen.ok(project, "smoke", "--version", "3.0.0", "--no-build", "--plan");
        assertThat(planned.text()).contains("restore  app-blue (1.0.0)").contains("GET /nowhere");
        assertThat(new Stack(project.config()).container(Colour.BLUE).orElseThrow())
            .as("a plan changes nothing")
            .isEqualTo(standby);
        try (var load = Clients.start(5, "127.0.0.1", project.http, Duration.ofMillis(50))) {
            var said = Bluegreen.code(1, project, "smoke", "--version", "3.0.0", "--no-build");
            load.close();
            assertThat(load.failed()).as(load.failures().toString()).isZero();
            assertThat(load.all().blue()).isZero();
            var answers = said.events().stream()
                .filter(e -> e.path("event").asText().equals("smoke"))
                .map(e -> e.path("good").asBoolean())
                .toList();
            assertThat(answers).containsExactly(true, true, false);
            assertThat(said.text()).contains("GET /nowhere  HTTP 404, not 200");
        }
        asBefore(standby);
    }

    private static void asBefore(Container standby) throws IOException {
        var now = new Stack(project.config()).container(Colour.BLUE).orElseThrow();
        assertThat(now.image()).isEqualTo(standby.image());
        assertThat(now.version()).hasToString("1.0.0");
        assertThat(now.running()).isTrue();
        var serving = Bluegreen.serving(project);
        assertThat(serving.active()).isEqualTo(Colour.GREEN);
        assertThat(serving.backed()).isTrue();
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 2.0.0");
        assertThat(lib.http
            .Probe.once(URI.create(Reach.healthUrl(project.config(), Colour.BLUE)), Duration.ofSeconds(5))
            .version()).isEqualTo("1.0.0");
    }
}
