package lib.incident;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lib.core.Colour;
import lib.core.Json;
import lib.incident.Causes.Cause;
import lib.journal.Journal;
import lib.nginx.AccessLog;
import lib.secrets.Redaction;
import org.junit.jupiter.api.Test;

/** What a rule takes for a cause, and above all what it does not. The faults themselves: tests/engine/IncidentTest. */
class CausesTest {
    private static final Instant T = Instant.parse("2026-11-24T02:00:00Z");

    /** A deploy of green that began at T, switched 10 s later, and what was found of it. */
    private static final class Found {
        final Map<String, Evidence.Service> services = new LinkedHashMap<>();
        final List<Evidence.Event> events = new ArrayList<>();
        final List<AccessLog> requests = new ArrayList<>();
        final List<String> proxy = new ArrayList<>(), journal = new ArrayList<>();
        final List<JsonNode> metrics = new ArrayList<>();
        Map<String, Double> disks = Map.of();
        String answer = "";
        Instant certificate = T.plusSeconds(86400);

        Found() {
            service("app-blue", Colour.BLUE, "running", 0, 0, "healthy");
            service("app-green", Colour.GREEN, "running", 0, 0, "healthy");
            service("nginx", null, "running", 0, 0, "healthy");
            service("redis", null, "running", 0, 0, "healthy");
            line(0, "run", "begin", "\"to\":\"green\",\"version\":\"2\"");
            line(1, "start", "begin", "\"colour\":\"green\"");
        }
        Found service(String name, Colour colour, String status, int code, int restarts, String health, String... log) {
            services.put(name, new Evidence.Service(name, colour, status, code, false, restarts, T.minusSeconds(3600),
                T.plusSeconds(2), 0, health, List.of(), "sha256:1", "2", List.of(log)));
            return this;
        }
        Found line(int second, String step, String phase, String fields) {
            journal.add("{\"at\":\"%s\",\"run\":\"deploy-1\",\"step\":\"%s\",\"phase\":\"%s\",%s}"
                .formatted(T.plusSeconds(second), step, phase, fields));
            return this;
        }
        Found event(int second, String service, String action, int code) {
            events.add(new Evidence.Event(T.plusSeconds(second), service, action, code));
            return this;
        }
        Found requests(int second, String colour, String uri, int status, double millis, int count) {
            for (int i = 0; i < count; i++)
                requests.add(new AccessLog(T.plusSeconds(second), colour, 2, "GET", uri, status, millis, true,
                    List.of("10.0.0.1:3008")));
            return this;
        }
        Evidence evidence() {
            var run = Journal.Run.of("deploy-1", journal.stream().map(l -> Json.read(l).orElseThrow()).toList());
            return new Evidence(new Evidence.Span("deploy-1", T.minusSeconds(60), T.plusSeconds(60), run),
                Redaction.plain(), "nginx", services, events, requests, proxy, metrics, answer, certificate, disks,
                Map.of(), List.of());
        }
        List<Cause> causes() { return Causes.of(evidence()); }
        List<String> names() { return causes().stream().map(Cause::name).toList(); }
        Cause first() { return causes().getFirst(); }
        Found switched() { return line(10, "switch", "begin", "\"from\":\"blue\",\"to\":\"green\",\"generation\":2"); }
    }

    @Test void nothing_wrong_is_no_cause_and_the_report_says_what_was_looked_at() {
        var found = new Found().switched().requests(5, "blue", "/", 200, 5, 50).requests(20, "green", "/", 200, 6, 50);
        assertThat(found.causes()).isEmpty();
        assertThat(Incident.analyse(found.evidence(), Path.of("x")).headline())
            .startsWith("no cause found")
            .contains("100 requests")
            .contains("4 containers");
    }

    @Test void exit_code_137_without_the_kernel_s_word_is_not_out_of_memory() {
        var found = new Found()
            .service("app-green", Colour.GREEN, "restarting", 137, 3, "")
            .event(5, "app-green", "die", 137)
            .event(8, "app-green", "die", 137);
        assertThat(found.names()).doesNotContain("out of memory");
        assertThat(found.first().name()).isEqualTo("crash loop");
        assertThat(found.first().sentence()).contains("someone killed it");
        assertThat(found.event(8, "app-green", "oom", -1).first().name()).isEqualTo("out of memory");
    }

    @Test void a_heap_that_is_full_is_out_of_memory_too() {
        assertThat(new Found()
            .service("app-green", Colour.GREEN, "running", 0, 0, "", "java.lang.OutOfMemoryError: Java heap space")
            .first())
            .satisfies(c -> {
                assertThat(c.name()).isEqualTo("out of memory");
                assertThat(c.sentence()).contains("heap");
            });
    }

    @Test void a_container_that_was_stopped_has_not_crashed_and_neither_has_the_one_it_replaced() {
        assertThat(new Found().event(4, "app-green", "kill", -1).event(5, "app-green", "die", 143).names()).isEmpty();
        assertThat(new Found()
            .event(-30, "app-green", "die", 1)
            .event(-20, "app-green", "die", 1)
            .event(-20, "app-green", "oom", -1)
            .names()).isEmpty();
    }

    @Test void a_slow_start_needs_a_sign_of_life() {
        var failed = "\"why\":\"nothing answers at 127.0.0.1:3010\"";
        var busy = new Found()
            .line(2, "health", "begin", "\"colour\":\"green\"")
            .line(12, "health", "failed", failed)
            .service("app-green", Colour.GREEN, "running", 0, 0, "", T.plusSeconds(11) + " migrating");
        assertThat(busy.first().name()).isEqualTo("slow start");
        var unheard = new Found()
            .line(2, "health", "begin", "\"colour\":\"green\"")
            .line(12, "health", "failed", "\"why\":\"nothing listens in the container, on 3008 or any other port\"")
            .service("app-green", Colour.GREEN, "running", 0, 0, "", T.plusSeconds(11) + " migrating");
        assertThat(unheard.first().name()).isEqualTo("slow start");
        var silent = new Found()
            .line(2, "health", "begin", "\"colour\":\"green\"")
            .line(12, "health", "failed", failed)
            .service("app-green", Colour.GREEN, "running", 0, 0, "", T.minusSeconds(9) + " listens on 127.0.0.1:9999");
        assertThat(silent.names()).containsExactly("connection refused");
        assertThat(silent.service("app-green", Colour.GREEN, "running", 0, 0, "healthy").first().sentence())
            .contains("nobody else reaches it");
        busy.answer = "green: healthy  {}";
        assertThat(busy.first().sentence()).contains("it is healthy now");
    }

    @Test void a_dependency_is_blamed_when_it_is_down_and_missed() {
        var found = new Found()
            .service("redis", null, "exited", 0, 0, "")
            .event(5, "redis", "die", 0)
            .service("app-green", Colour.GREEN, "running", 0, 0, "", "Failed to connect to redis:6379");
        assertThat(found.first().name()).isEqualTo("dependency down");
        assertThat(found.first().score()).isGreaterThan(90);
        assertThat(new Found().service("migrate", null, "exited", 0, 0, "").names())
            .as("a one-shot service that has done its work")
            .isEmpty();
        var answered = new Found().service("redis", null, "exited", 0, 0, "");
        answered.answer = "green: not healthy: HTTP 503, status unhealthy  {\"checks\":{\"redis\":{\"ok\":false,\"ms\":3}}}";
        assertThat(answered.names()).containsExactly("dependency down");
    }

    @Test void another_version_is_what_the_gate_says() {
        assertThat(new Found().line(9, "health", "failed", "\"why\":\"it is version 9.9.9, not 2\"").first().name())
            .isEqualTo("another version");
    }

    @Test void a_certificate_that_ended_is_a_cause_and_a_client_that_hangs_up_is_none() {
        var found = new Found();
        found
            .proxy.add(
                "2026/11/24 02:00:01 [info] 7#7: *1 SSL_do_handshake() failed (SSL: error:0A000416:SSL routines::sslv3 alert certificate unknown) while SSL handshaking, client: 10.0.0.9");
        assertThat(found.names()).isEmpty();
        found.certificate = T.minusSeconds(1);
        assertThat(found.first().name()).isEqualTo("certificate");
        assertThat(new Found()
            .service("app-green", Colour.GREEN, "running", 0, 0, "", "Error: certificate has expired")
            .names()).containsExactly("certificate");
    }

    @Test void a_full_disk_by_its_message_or_by_its_number() {
        assertThat(new Found()
            .service("redis", null, "running", 0, 0, "healthy", "write: No space left on device")
            .first()
            .name()).isEqualTo("disk full");
        var found = new Found();
        found.disks = Map.of("Docker's volumes", 0.99);
        assertThat(found.first().sentence()).contains("Docker's volumes: 99 % used");
        found.disks = Map.of("Docker's volumes", 0.9);
        assertThat(found.causes()).isEmpty();
    }

    @Test void refused_connections_are_counted() {
        var found = new Found();
        IntStream.range(0, 4)
            .forEach(
                i -> found.proxy.add(i + " connect() failed (111: Connection refused) while connecting to upstream"));
        assertThat(found.first()).satisfies(c -> {
            assertThat(c.name()).isEqualTo("connection refused");
            assertThat(c.sentence()).contains("4 times");
        });
        var gate = new Found();
        IntStream.range(0, 4)
            .forEach(i -> gate
                .proxy.add(
                    i + " no live upstreams while connecting to upstream, request: \"GET /health/green HTTP/1.1\""));
        IntStream.range(0, 4)
            .forEach(i -> gate
                .proxy.add(T.minusSeconds(9)
                    + " connect() failed (111: Connection refused) while connecting to upstream, request: \"GET / HTTP/1.1\""));
        assertThat(gate.causes()).as("the gate's own questions, and errors from before").isEmpty();
    }

    @Test void one_route_of_many_fails_whatever_the_id_and_the_method() {
        var found = new Found()
            .switched()
            .requests(20, "green", "/", 200, 5, 50)
            .requests(20, "green", "/api/orders/17", 500, 5, 6)
            .requests(21, "green", "/api/orders/0123456789abcdef01", 500, 5, 6);
        for (int i = 0; i < 6; i++)
            found
                .requests.add(new AccessLog(T.plusSeconds(22), "green", 2, "POST", "/api/orders", 500, 5, true,
                    List.of("10.0.0.1:3008")));
        assertThat(found.first().name()).isEqualTo("5xx on one route");
        assertThat(found.first().sentence()).startsWith("/api/orders fails");
    }

    @Test void errors_everywhere_or_before_the_switch_are_not_one_route_s() {
        assertThat(new Found()
            .switched()
            .requests(20, "green", "/a", 500, 5, 20)
            .requests(20, "green", "/b", 500, 5, 20)
            .first()
            .name()).isEqualTo("5xx on many routes");
        assertThat(new Found()
            .switched()
            .requests(-20, "green", "/a", 500, 5, 20)
            .requests(20, "green", "/b", 200, 5, 20)
            .causes()).isEmpty();
        assertThat(new Found()
            .switched()
            .requests(20, "green", "/a", 500, 5, 3)
            .requests(20, "green", "/b", 200, 5, 20)
            .causes()).as("three errors").isEmpty();
    }

    @Test void latency_is_compared_route_by_route() {
        var found = new Found()
            .switched()
            .requests(5, "blue", "/a", 200, 20, 30)
            .requests(20, "green", "/a", 200, 300, 30);
        assertThat(found.first().name()).isEqualTo("latency shift");
        assertThat(found.first().evidence()).anyMatch(l -> l.contains("p95 20 ms of 30 requests, then 300 ms of 30"));
        assertThat(new Found()
            .switched()
            .requests(5, "blue", "/a", 200, 20, 30)
            .requests(20, "green", "/report", 200, 900, 30)
            .causes()).as("a route without a past").isEmpty();
        assertThat(new Found()
            .switched()
            .requests(5, "blue", "/a", 200, 2, 30)
            .requests(20, "green", "/a", 200, 9, 30)
            .causes()).as("7 ms more").isEmpty();
        assertThat(new Found()
            .switched()
            .requests(5, "blue", "/a", 200, 20, 30)
            .requests(20, "green", "/a", 200, 300, 5)
            .causes()).as("five requests").isEmpty();
    }

    /** A monitor's run has no switch, and the version before may have been in the same colour a minute ago. */
    @Test void what_an_earlier_version_in_the_same_colour_did_is_not_this_one_s() {
        var found = new Found()
            .requests(-20, "blue", "/", 200, 20, 30)
            .requests(-20, "green", "/", 200, 300, 30)
            .requests(20, "green", "/", 200, 20, 30)
            .requests(20, "green", "/pay", 500, 20, 9);
        found
            .metrics.addAll(IntStream.range(0, 4)
                .mapToObj(i -> Json.read(
                    "{\"at\":\"%s\",\"blue\":{\"requests\":9,\"p95\":20},\"green\":{\"requests\":9,\"p95\":300}}"
                        .formatted(T.minusSeconds(i)))
                    .orElseThrow())
                .toList());
        assertThat(found.names()).as("nothing tells them apart").contains("latency shift");
        found
            .services.computeIfPresent("app-green", (_, s) -> new Evidence.Service(s.name(), s.colour(), s.status(), 0,
                false, 0, T.plusSeconds(1), s.started(), 0, s.health(), List.of(), s.image(), s.version(), List.of()));
        assertThat(found.names()).containsExactly("5xx on one route");
    }

    @Test void without_requests_the_metrics_tell_of_latency() {
        var found = new Found().switched();
        for (int i = 0; i < 4; i++)
            found
                .metrics.add(Json.read(
                    "{\"at\":\"x\",\"blue\":{\"requests\":9,\"p95\":20.0},\"green\":{\"requests\":9,\"p95\":400.5}}")
                    .orElseThrow());
        assertThat(found.first().sentence()).contains("from 20 ms to 40");
    }

    @Test void a_report_holds_no_secret_and_no_escape_sequence_of_a_log() {
        var found = new Found()
            .service("app-green", Colour.GREEN, "restarting", 1, 3, "",
                "Error: \u001b[31mtoken=hunter2\u001b[0m \u202e bad")
            .event(5, "app-green", "die", 1)
            .event(8, "app-green", "die", 1);
        var incident = Incident.analyse(found.evidence(), Path.of("x"));
        assertThat(incident.causes().toString())
            .contains("token=[redacted]")
            .doesNotContain("hunter2")
            .doesNotContain("\u001b")
            .doesNotContain("\u202e");
        assertThat(incident.facts()).containsEntry("version", "2").containsEntry("colour", "green");
    }
}
