import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import lib.core.Json;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Versions that are bad in one way each, under real load: what is wrong is seen, named, and undone. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag(All.QUIET)
@Order(1)
class MonitorTest {
    private static Project project;
    private static Clients shop, orders;         // two routes
    private static int version = 1;

    @BeforeAll static void up() throws IOException {
        String fixture = Bluegreen.HOME.resolve("tests/fixtures/faulty").toString();
        project = Bluegreen.project("monitor")
            .variable("BLUEGREEN_BUILD_DOCKERFILE", fixture + "/Dockerfile")
            .variable("BLUEGREEN_COMPOSE_FILES",
                Bluegreen.HOME.resolve("compose/docker-compose.blue-green.yml") + "," + fixture + "/memory.yml")
            .variable("BLUEGREEN_THRESHOLDS_LATENCY", "4s")
            .variable("BLUEGREEN_DRAIN", "1s");
        Bluegreen.ok(project, "deploy", "build", "--tag", project.name + ":base");
        Bluegreen.ok(project, "deploy", "--version", image("SLOW_MS=100"), "--no-build", "--monitor", "0s");
        shop = Clients.start(50, "127.0.0.1", project.http, "/shop/items", Duration.ofMillis(50));
        orders = Clients.start(20, "127.0.0.1", project.http, "/api/orders", Duration.ofMillis(50));
    }

    @AfterAll static void down() throws IOException {
        shop.close();
        orders.close();
        project.close();
    }

    /** The next version, with these faults. */
    private static String image(String faults) {
        String next = String.valueOf(version++);
        Bluegreen.image(project, next, "FROM " + project.name + ":base\nENV APP_VERSION=" + next + " " + faults);
        return next;
    }

    private static void standIn(String next) {
        Bluegreen.ok(project, "deploy", "--version", next, "--no-build", "--monitor", "0s");
    }

    private static String served() { return Bluegreen.facts(project).get("version"); }

    /** Answered with anything but 2xx, or not at all. */
    private static long failedAt(Clients clients, String but) {
        return clients.failures().entrySet().stream()
            .filter(e -> !e.getKey().equals(but))
            .mapToLong(e -> e.getValue())
            .sum();
    }

    @Test @Order(1)
    void much_slower_than_before_fails_although_it_is_under_the_threshold() {
        // By far more than what a slow machine adds to both: how much is enough is VerdictTest's.
        String before = served();
        var said = Bluegreen.code(6, project, "deploy", "--version", image("SLOW_MS=1500"), "--no-build", "--monitor",
            "20s");
        assertThat(said.text()).contains("/shop/items is slower: p95").contains("/api/orders is slower");
        assertThat(said.event("verdict").path("verdict").asText()).isEqualTo("fail");
        assertThat(served()).isEqualTo(before);
        assertThat(shop.failed() + orders.failed()).as(shop.failures() + " " + orders.failures()).isZero();
    }

    @Test @Order(2)
    void two_percent_errors_on_one_route_fail_and_go_back_with_no_other_request_lost() throws IOException {
        String before = served();
        standIn(image("SLOW_MS=100 ERROR_SHARE=0.02 ERROR_ROUTE=/api/orders"));
        var said = Bluegreen.code(6, project, "monitor", "--duration", "12", "--auto-rollback");
        assertThat(said.text())
            .contains("/api/orders:")
            .contains("failed (5xx), allowed are 1.0 %; before 0 of")
            .doesNotContain("all requests:")
            .doesNotContain("/shop/items:");
        assertThat(said.event("switched").path("rollback").asBoolean()).isTrue();
        assertThat(Bluegreen.get(project, "/api/orders")).contains(" " + before + " ");
        assertThat(shop.failed()).as(shop.failures().toString()).isZero();
        assertThat(failedAt(orders, "HTTP 500")).as(orders.failures().toString()).isZero();
        assertThat(orders.failed()).as("the faulty version's own").isPositive();
        assertThat(metrics())
            .last()
            .satisfies(last -> assertThat(Json.read(last).orElseThrow().path("verdict").asText()).isEqualTo("fail"));
        assertThat(metrics())
            .anySatisfy(l -> assertThat(Json.read(l).orElseThrow().at("/green/errors5xx").asLong()).isPositive());
    }

    private static List<String> metrics() throws IOException {
        try (var files = Files.list(project.folder.resolve(".deployment/metrics"))) {
            return Files.readAllLines(
                files.filter(f -> f.getFileName().toString().startsWith("monitor-")).findFirst().orElseThrow());
        }
    }

    @Test @Order(3)
    void a_leak_that_ends_with_the_kernel_s_kill_fails_at_once_and_says_so() {
        String before = served();
        var said = Bluegreen.code(6, project, "deploy", "--version", image("SLOW_MS=100 LEAK_MB_PER_S=60"),
            "--no-build", "--monitor", "30s");
        assertThat(said.text()).contains("died: out of memory (exit code 137)");
        assertThat(served()).isEqualTo(before);
    }

    @Test @Order(4)
    void one_blip_passes() {
        String good = image("SLOW_MS=100 BLIP_MS=1500 BLIP_AFTER_S=6");
        var said = Bluegreen.ok(project, "deploy", "--version", good, "--no-build", "--monitor", "20s");
        assertThat(said.event("verdict").path("verdict").asText()).as(said.text()).isEqualTo("pass");
        var slowest = said.events().stream()
            .filter(e -> e.path("event").asText().equals("sample"))
            .mapToDouble(e -> e.at("/green/max").asDouble())
            .max()
            .orElse(0);
        assertThat(slowest).as("the blip was seen").isGreaterThan(1000);
        assertThat(served()).isEqualTo(good);
    }

    @Test @Order(5)
    void a_log_that_ends_with_a_restart_of_nginx_is_read_on() throws Exception {
        var watch = project.start("monitor", "--duration", "10", "--set", "thresholds.errors=100%");
        var events = new CopyOnWriteArrayList<String>();
        var read = Thread.ofVirtual().start(() -> watch.inputReader().lines().forEach(events::add));
        Thread.ofVirtual().start(() -> watch.errorReader().lines().forEach(_ -> {}));
        while (events.stream().noneMatch(e -> e.contains("\"sample\""))) Thread.sleep(100);
        assertThat(load.Docker.call("restart", Bluegreen.id(project, "nginx")).ok()).isTrue();
        int restarted = events.size();
        watch.waitFor();
        read.join();
        var after = events.stream()
            .skip(restarted + 1)
            .map(e -> Json.read(e).orElseThrow())
            .filter(e -> e.path("event").asText().equals("sample"))
            .toList();
        assertThat(after.getLast().at("/" + Bluegreen.serving(project).active() + "/requests").asLong())
            .as(events.toString())
            .isGreaterThan(10);
    }

    @Test @Order(6)
    void a_log_that_takes_long_to_read_is_waited_for() throws IOException {
        var logs = project.folder.resolve("nginx/logs.sh");
        String before = Files.readString(logs);
        Files.writeString(logs, before.replace("\nread)", "\nread)\n    sleep 7"));
        try {
            var said = Bluegreen.ok(project, "monitor", "--duration", "3");
            assertThat(said.event("verdict").path("verdict").asText()).as(said.text()).isEqualTo("pass");
        } finally {
            Files.writeString(logs, before);
        }
    }

    @Test @Order(7)
    void nearly_no_traffic_is_inconclusive_and_kept_or_not_as_the_configuration_says() {
        shop.close();
        orders.close();
        Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
        var said = Bluegreen.ok(project, "monitor", "--duration", "4s");
        assertThat(said.event("verdict").path("verdict").asText()).isEqualTo("inconclusive");
        assertThat(said.text()).contains("! inconclusive: only").contains("100 are needed for a verdict");
        String before = served();
        Bluegreen.code(1, project, "monitor", "--duration", "2", "--set", "verdict.inconclusive=rollback");
        assertThat(served()).as("not without being asked").isEqualTo(before);
    }
}
