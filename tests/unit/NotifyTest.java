package lib.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import lib.config.Config;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Json;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Against a real server on the loopback; the path of the webhook is a secret that must be in no output. */
@Tag("quiet")
@Execution(ExecutionMode.CONCURRENT)        // it waits most of its time
class NotifyTest {
    @TempDir Path project;

    private static final Map<String, String> FACTS = Map.of("version", "2.0", "target", "green", "active", "blue",
        "active_version", "1.0", "reason", "p95 <900 ms>, password=hunter2");

    /** A webhook that answers with these codes, one a request, the last one for ever. */
    private record Hook(HttpServer server, List<JsonNode> bodies) implements AutoCloseable {
        static Hook answering(Integer... codes) throws IOException {
            var bodies = new CopyOnWriteArrayList<JsonNode>();
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", x -> {
                bodies.add(Json.read(new String(x.getRequestBody().readAllBytes())).orElseThrow());
                x.sendResponseHeaders(codes[Math.min(bodies.size(), codes.length) - 1], -1);
                x.close();
            });
            server.start();
            return new Hook(server, bodies);
        }
        String url() { return "http://127.0.0.1:" + server.getAddress().getPort() + "/services/T0/s3cretpath"; }
        @Override public void close() { server.stop(0); }
    }

    private String output(String yaml, Notify.Event... events) throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), "app: shop\n" + yaml);
        var out = new ByteArrayOutputStream();
        var console = new Console(false, false, "%s", new PrintStream(out, true));
        try (var notify = new Notify(Config.load(project, Map.of()), console)) {
            for (var event : events) {
                long began = System.nanoTime();
                notify.send(event, FACTS);
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("send returns at once")
                    .isLessThan(Duration.ofMillis(500));
            }
        }
        assertThat(out.toString()).doesNotContain("s3cretpath").doesNotContain("127.0.0.1");
        return out.toString();
    }

    @Test void slack_gets_one_text_without_secrets_and_without_mentions() throws IOException {
        try (var hook = Hook.answering(200)) {
            assertThat(output("notify: {webhook: '" + hook.url() + "'}", Notify.Event.ROLLBACK)).isEmpty();
            assertThat(hook.bodies)
                .singleElement()
                .satisfies(b -> assertThat(b.path("text").asText())
                    .isEqualTo("shop: 2.0 was rolled back, blue serves 1.0: p95 &lt;900 ms&gt;, password=[redacted]"));
        }
    }

    @Test void json_gets_every_fact() throws IOException {
        try (var hook = Hook.answering(204)) {
            output("notify: {webhook: '" + hook.url() + "', format: json}", Notify.Event.SUCCESS);
            assertThat(hook.bodies).singleElement().satisfies(b -> {
                assertThat(b.path("event").asText()).isEqualTo("success");
                assertThat(b.path("version").asText()).isEqualTo("2.0");
                assertThat(b.path("active_version").asText()).isEqualTo("1.0");
            });
        }
    }

    @Test void only_the_events_that_were_asked_for_are_sent() throws IOException {
        try (var hook = Hook.answering(200)) {
            output("notify: {webhook: '" + hook.url() + "', format: json, on: [failure, failover]}",
                Notify.Event.values());
            assertThat(hook.bodies.stream().map(b -> b.path("event").asText()))
                .containsExactlyInAnyOrder("failure", "failover");
        }
    }

    @Test void a_server_that_fails_twice_is_asked_a_third_time() throws IOException {
        try (var hook = Hook.answering(500, 500, 200)) {
            assertThat(output("notify: {webhook: '" + hook.url() + "'}", Notify.Event.FAILURE)).isEmpty();
            assertThat(hook.bodies).hasSize(3);
        }
    }

    @Test void after_three_tries_it_is_one_warning() throws IOException {
        try (var hook = Hook.answering(503)) {
            var said = output("notify: {webhook: '" + hook.url() + "'}", Notify.Event.START, Notify.Event.FAILURE);
            assertThat(said.lines())
                .singleElement()
                .asString()
                .contains("2 of 2 notifications were not delivered, the webhook: HTTP 503");
            assertThat(hook.bodies).hasSize(6);
        }
    }

    @Test void a_wrong_address_is_not_tried_again() throws IOException {
        try (var hook = Hook.answering(404)) {
            assertThat(output("notify: {webhook: '" + hook.url() + "'}", Notify.Event.SUCCESS)).contains("HTTP 404");
            assertThat(hook.bodies).hasSize(1);
        }
    }

    @Test void a_server_that_hangs_holds_nothing_up_for_more_than_five_seconds() throws IOException {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            long began = System.nanoTime();
            assertThat(output("notify: {webhook: 'http://127.0.0.1:" + silent.getLocalPort() + "/s3cretpath'}",
                Notify.Event.START, Notify.Event.SUCCESS)).contains("not delivered");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        }
    }

    @Test void a_server_that_is_gone() throws IOException {
        int port;
        try (var closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertThat(output("notify: {webhook: 'http://127.0.0.1:" + port + "/s3cretpath'}", Notify.Event.SUCCESS))
            .contains("nothing answers at its address");
    }

    @Test void a_command_gets_the_facts_as_variables_and_no_shell() throws IOException {
        output(
            "notify: {command: [sh, -c, 'echo \"$BLUEGREEN_EVENT $BLUEGREEN_VERSION $BLUEGREEN_TARGET $BLUEGREEN_REASON $1\" > told', sh, '$(id); x']}",
            Notify.Event.FAILURE);
        assertThat(Files.readString(project.resolve("told")))
            .isEqualTo("failure 2.0 green p95 <900 ms>, password=[redacted] $(id); x\n");
    }

    @Test void a_command_that_fails_or_does_not_exist_is_one_warning() throws IOException {
        assertThat(output("notify: {command: [sh, -c, 'echo token=hunter2 >&2; exit 3']}", Notify.Event.SUCCESS))
            .contains("exit code 3")
            .contains("token=[redacted]")
            .doesNotContain("hunter2");
        assertThat(output("notify: {command: /does/not/exist}", Notify.Event.SUCCESS).lines())
            .singleElement()
            .asString()
            .contains("exit code 127");
    }

    @Test void a_refused_address_is_not_repeated_in_the_error() throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), "notify: {webhook: 'hooks.example/s3cretpath'}\n");
        var failure = catchThrowableOfType(Failure.class, () -> Config.load(project, Map.of()));
        assertThat(failure).hasMessage("bluegreen.yaml line 1: notify.webhook is not an address");
        assertThat(failure.why().orElseThrow()).contains("https://");
        assertThat(
            Config.load(Files.createDirectory(project.resolve("x")), Map.of("notify.webhook", "https://h/s3cretpath"))
                .toString())
            .doesNotContain("s3cretpath");
    }
}
