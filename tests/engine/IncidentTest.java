import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lib.core.Json;
import lib.http.Connection;
import lib.journal.Journal;
import lib.process.Command;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Each fault is really provoked, on one stack; the first cause and its evidence must be right. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IncidentTest {
    private static Project project;
    private static String files;

    /** A small app whose fault is baked into its image. */
    private static final String APP = """
        const http = require('http'), net = require('net'), {FAULT, APP_VERSION: version, DEPLOYMENT: deployment} = process.env;
        console.log('connecting to postgres://app:hunter2-in-a-url@postgres/app, MAIL_PASSWORD=' + process.env.MAIL_PASSWORD);
        if (FAULT === 'memory') { const all = []; setInterval(() => all.push(Buffer.alloc(16 << 20, 1)), 20); }
        if (FAULT === 'crash') throw new Error('no column price in table orders');
        const redis = then => { const s = net.connect(6379, 'redis').setTimeout(900).on('connect', () => { s.destroy(); then(true); })
            .on('timeout', () => s.destroy(new Error('timeout'))).on('error', e => { console.error('redis: failed to connect: ' + e.message); then(false); }); };
        const app = http.createServer((q, r) => {
            const say = (code, body) => { r.writeHead(code, {'content-type': 'application/json'}); r.end(JSON.stringify(body)); };
            if (q.url === '/api/health') return redis(ok => say(ok ? 200 : 503, {status: ok ? 'healthy' : 'unhealthy', deployment, version, checks: {redis: {ok}}}));
            if (q.url.startsWith('/api/orders') && FAULT === 'route') { console.error("TypeError: Cannot read properties of undefined (reading 'price')"); return say(500, {}); }
            setTimeout(() => say(200, {deployment}), q.url === '/api/search' && FAULT === 'latency' ? 250 : 1);
        });
        app.keepAliveTimeout = 60000;
        if (FAULT === 'start') { let n = 0; setInterval(() => console.log('migrating table ' + ++n + ' of 40'), 500); }
        if (FAULT !== 'memory') setTimeout(() => app.listen(3008), FAULT === 'start' ? 12000 : 0);
        process.on('SIGTERM', () => process.exit(0));
        """;

    private static void image(String version, String fault) {
        Bluegreen.image(project, version,
            "FROM node:24\nLABEL bluegreen.app=" + project.name + "\nENV APP_VERSION=" + version + " FAULT=" + fault
                + " MAIL_PASSWORD=hunter2-in-a-variable\nCMD "
                + Json.of(List.of("node", "-e", APP)) + "\n");
    }

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("incident");
        Path limits = Files.writeString(project.folder.resolve("limits.yml"),
            "services: {app-blue: {mem_limit: 160m}, app-green: {mem_limit: 160m}}\n");
        files = "compose.files=" + Bluegreen.HOME.resolve("compose/docker-compose.blue-green.yml") + "," + limits;
        image("1", "none");
        Bluegreen.ok(project, "deploy", "--version", "1", "--no-build", "--monitor", "0s", "--set", "drain=1s", "--set",
            files);
    }
    @AfterAll static void down() throws IOException { project.close(); }

    private static void failing(String version, String fault, String patience) {
        image(version, fault);
        Bluegreen.code(5, project, "deploy", "--version", version, "--no-build", "--set", files, "--set",
            "health.timeout=" + patience);
    }

    /** The first cause of what {@code incident} reports. */
    private static JsonNode cause(String... arguments) {
        var incident = Bluegreen.ok(project, "incident", arguments).event("incident");
        assertThat(incident.path("missing").toString()).as("an exception of our own").doesNotContain("Exception");
        return incident.path("causes").path(0);
    }

    private static void traffic(int rounds, String... paths) throws IOException {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            for (int i = 0; i < rounds; i++) for (String path : paths) connection.get(path);
        }
    }

    private static String lastRun() { return Journal.runs(project.config()).getLast().name(); }

    @Test void out_of_memory_is_told_by_the_kernel_s_word_not_by_the_exit_code() {
        failing("memory", "memory", "20s");
        var cause = cause();
        assertThat(cause.path("name").asText()).isEqualTo("out of memory");
        assertThat(cause.path("sentence").asText()).contains("limit of 160 MiB");
        // the engine may have forgotten the event
        assertThat(cause.path("evidence").toString()).contains("OOMKilled");
    }

    @Test void a_crash_loop_shows_its_exit_code_and_its_last_words() {
        failing("crash", "crash", "20s");
        var cause = cause();
        assertThat(cause.path("name").asText()).isEqualTo("crash loop");
        assertThat(cause.path("sentence").asText()).contains("exit code 1");
        assertThat(cause.path("evidence").toString())
            .contains("exit code 1")
            .contains("no column price in table orders");
    }

    @Test void a_slow_start_is_not_taken_for_a_crash() {
        failing("slow", "start", "4s");
        var cause = cause();
        assertThat(cause.path("name").asText()).isEqualTo("slow start");
        assertThat(cause.path("evidence").toString()).contains("migrating table").contains("asked from");
        assertThat(cause.path("fix").asText()).contains("health.timeout");
    }

    /** First, because later tests leave broken containers that a span of time rightly names. */
    @Test @Order(1)
    void a_stopped_redis_is_named_by_its_state_and_by_what_the_app_says() throws IOException {
        String redis = Bluegreen.id(project, "redis");
        try {
            Command.of(Duration.ofSeconds(30), "docker", "stop", redis).run();
            assertThat(Bluegreen.get(project, "/health/ready")).contains("unhealthy");
            var cause = cause("--since", "15s");
            assertThat(cause.path("name").asText()).isEqualTo("dependency down");
            assertThat(cause.path("sentence").asText()).contains("redis does not run").contains("the app needs it");
            assertThat(cause.path("evidence").toString()).contains("redis: exited").contains("HTTP 503");
        } finally {
            Command.of(Duration.ofSeconds(30), "docker", "start", redis).run();
        }
    }

    @Test void errors_on_one_route_are_named_with_their_share_and_the_other_colour_s() throws IOException {
        image("route", "route");
        traffic(20, "/", "/api/orders/1");
        Bluegreen.ok(project, "deploy", "--version", "route", "--no-build", "--monitor", "0s", "--set", "drain=1s",
            "--set", files);
        traffic(20, "/", "/api/orders/1", "/api/orders/2");
        flushed();
        var cause = cause("--run", lastRun());
        assertThat(cause.path("name").asText()).isEqualTo("5xx on one route");
        assertThat(cause.path("sentence").asText()).startsWith("/api/orders fails");
        assertThat(cause.path("evidence").toString())
            .contains("40 of 40 requests failed {500=40}")
            .contains("every other route: 0 of 20")
            .contains("other colour: 0 of 20")
            .contains("reading 'price'");
    }

    @Test void a_latency_shift_names_the_route_and_both_numbers() throws IOException {
        image("latency", "latency");
        traffic(25, "/api/search", "/api/items");
        Bluegreen.ok(project, "deploy", "--version", "latency", "--no-build", "--monitor", "0s", "--set", "drain=1s",
            "--set", files);
        traffic(25, "/api/search", "/api/items");
        flushed();
        var cause = cause("--run", lastRun());
        assertThat(cause.path("name").asText()).isEqualTo("latency shift");
        assertThat(cause.path("sentence").asText())
            .contains("/api/search got slower")
            .containsPattern("to (2[5-9]|[3-9]\\d)\\d ms");
        assertThat(cause.path("evidence").toString())
            .contains("of 25 requests")
            .contains("/api/items")
            .contains("as before");
    }

    /** Nginx writes its access log once a second. */
    private static void flushed() {
        try {
            Thread.sleep(1200);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test void nothing_secret_is_in_the_bundle_and_only_its_owner_reads_it() throws IOException {
        // the engine keeps 256 events of all
        Faults.docker("kill", "--signal", "CONT", Bluegreen.id(project, "nginx"));
        var said = Bluegreen.ok(project, "incident", "--since", "10m");
        var bundle = Path.of(said.event("incident").path("bundle").asText());
        var names = new ArrayList<String>();
        try (Stream<Path> all = Files.walk(bundle)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                names.add(file.getFileName().toString());
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(file.toString())
                    .isEqualTo("rw-------");
                assertThat(Files.readString(file)).as(file.toString()).doesNotContain("hunter2");
            }
        }
        assertThat(said.text()).doesNotContain("hunter2");
        assertThat(names)
            .contains("incident.json", "incident.md", "containers.txt", "configuration.txt", "events.txt",
                "journal.jsonl", "nginx-error.log", "access.jsonl", "app-blue.log");
        assertThat(Files.readString(bundle.resolve("app-blue.log")))
            .contains("MAIL_PASSWORD=[redacted]")
            .contains("postgres://[redacted]@postgres/app");
    }

    @Test void what_cannot_be_gathered_is_listed_and_stops_nothing() {
        var incident = Bluegreen.ok(project, "incident", "--since", "10m", "--set", "compose.project=bgtest-nobody")
            .event("incident");
        assertThat(incident.path("missing").toString())
            .contains("containers: the compose project bgtest-nobody has none")
            .contains("Nginx's logs");
        assertThat(incident.path("lookedAt").toString()).contains("lines of the journal");
    }
}
