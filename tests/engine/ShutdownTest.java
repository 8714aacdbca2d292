import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import lib.core.Colour;
import lib.core.Json;
import lib.http.Connection;
import lib.process.Command;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** "docker stop" of the colour that serves, with the other one warm: what runtime/ promises. */
@Order(5)
class ShutdownTest {

    private static Command.Result stop(Project project, Colour colour) {
        return Command.of(Duration.ofSeconds(60), "docker", "stop", "--timeout", "45", Bluegreen.id(project, colour))
            .run();
    }

    private static int exitCode(Project project, Colour colour) {
        return Integer.parseInt(Command.of(Duration.ofSeconds(10), "docker", "inspect", "--format",
            "{{.State.ExitCode}}", Bluegreen.id(project, colour)).run().out().strip());
    }

    private static String log(Project project, Colour colour) {
        var said = Command.of(Duration.ofSeconds(10), "docker", "logs", "--tail", "20", Bluegreen.id(project, colour))
            .run();
        return said.out() + said.err();
    }

    @ParameterizedTest @ValueSource(strings = {"java", "nextjs"})
    void a_deploy_and_then_a_stop_of_the_serving_container_lose_no_request(String example) throws Exception {
        try (var project = new Project("bgtest-stop-" + example, Bluegreen.HOME, example)) {
            Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
            Bluegreen.ok(project, "deploy", "build", "--tag", project.name + ":2");
            try (var quick = Clients.start(100, "127.0.0.1", project.http, Duration.ofMillis(50));
                var slow = Clients.start(20, "127.0.0.1", project.http, "/api/slow?ms=1500", Duration.ofMillis(10))) {
                Thread.sleep(2000);
                Bluegreen.ok(project, "deploy", "--version", "2", "--no-build", "--monitor", "1s");
                stop(project, Colour.GREEN);
                Thread.sleep(2000);
                quick.close();
                slow.close();
                String log = log(project, Colour.GREEN);
                assertThat(quick.failed()).as(quick.failures() + log).isZero();
                assertThat(slow.failed()).as(slow.failures() + log).isZero();
                assertThat(quick.all().green()).as("the new version served").isPositive();
                assertThat(exitCode(project, Colour.GREEN)).as(log).isZero();
                assertThat(log).contains("shutdown: done").doesNotContain("cut:");
                assertThat(Bluegreen.get(project, "/api/echo")).as("the other colour took over").startsWith("blue 1");
            }
        }
    }

    @ParameterizedTest @ValueSource(strings = {"java", "nextjs"})
    void a_request_longer_than_the_limit_is_cut_and_named_and_no_other(String example) throws Exception {
        try (var project = new Project("bgtest-limit-" + example, Bluegreen.HOME, example)
            .configure("variables: {SHUTDOWN_LIMIT: \"3\"}")) {
            Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
            var tooLong = Thread.ofVirtual().start(() -> {
                try (var c = new Connection("127.0.0.1", project.http, Duration.ofSeconds(60))) {
                    c.get("/api/slow?ms=30000");
                } catch (IOException e) { /* it is the one that is cut */ }
            });
            try (var within = new Connection("127.0.0.1", project.blue, Duration.ofSeconds(60))) {
                Thread.sleep(1000);
                var result = new FutureTask<>(() -> within.get("/api/slow?ms=3500"));
                Thread.ofVirtual().start(result);
                Thread.sleep(200);
                stop(project, Colour.BLUE);
                assertThat(result.get().body()).contains("slow");
            }
            tooLong.join();
            String log = log(project, Colour.BLUE);
            assertThat(log.lines().filter(l -> l.contains("cut:")).toList())
                .as(log)
                .singleElement()
                .asString()
                .contains("/api/slow")
                .contains("GET");
            assertThat(exitCode(project, Colour.BLUE)).isEqualTo(1);
        }
    }

    @Test void while_it_goes_it_is_not_ready_but_alive() throws Exception {
        try (var project = new Project("bgtest-ready", Bluegreen.HOME)) {
            Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
            var before = Json.read(Bluegreen.get(project, "/api/health")).orElseThrow();
            assertThat(before.path("readiness").asBoolean()).isTrue();
            assertThat(before.at("/graceful_shutdown/accepting_requests").asBoolean()).isTrue();
            assertThat(before.at("/checks/redis/ok").asBoolean()).isTrue();
            Command.of(Duration.ofSeconds(10), "docker", "kill", "--signal", "TERM", Bluegreen.id(project, Colour.BLUE))
                .run();
            Thread.sleep(300);
            try (var direct = new Connection("127.0.0.1", project.blue, Duration.ofSeconds(5))) {
                var answer = direct.get("/api/health");
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.closes()).isTrue();
                assertThat(
                    Json.read(answer.body()).orElseThrow().at("/graceful_shutdown/accepting_requests").asBoolean())
                    .isFalse();
            }
            try (var direct = new Connection("127.0.0.1", project.blue, Duration.ofSeconds(5))) {
                assertThat(direct.get("/api/live").status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest @ValueSource(strings = {"express", "fastify"})
    void the_preload_serves_other_frameworks_too(String framework) throws Exception {
        String image = "bgtest-frameworks:1";
        var built = Command.of(Duration.ofMinutes(3), "docker", "build", "--quiet", "--tag", image, "--file",
            Bluegreen.HOME.resolve("tests/fixtures/frameworks/Dockerfile").toString(), Bluegreen.HOME.toString()).run();
        assertThat(built.ok()).as(built.err()).isTrue();
        String id = Command.of(Duration.ofSeconds(20), "docker", "run", "--detach", "--publish", "127.0.0.1::3008",
            image, "node", "--import", "./graceful-shutdown.mjs", framework + ".mjs").run().out().strip();
        try {
            var bound = Command.of(Duration.ofSeconds(10), "docker", "port", id, "3008/tcp").run().out().strip();
            int port = Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1));
            var health = lib.http
                .Probe.await(java.net.URI.create("http://127.0.0.1:" + port + "/api/health"),
                    lib.http.Probe.Expected.ofAny(true),
                    new lib.http.Probe.Patience(Duration.ofSeconds(2), Duration.ofSeconds(15), 0), _ -> {});
            assertThat(health.code()).as(health.summary()).isEqualTo(200);
            try (var connection = new Connection("127.0.0.1", port, Duration.ofSeconds(20))) {
                assertThat(connection.get("/").closes()).isFalse();
                var slow = new FutureTask<>(() -> connection.get("/slow"));
                Thread.ofVirtual().start(slow);
                Thread.sleep(500);
                Command.of(Duration.ofSeconds(60), "docker", "stop", id).run();
                assertThat(slow.get().body()).isEqualTo("slow");
                assertThat(slow.get().closes()).as("marked as the last answer").isTrue();
            }
            var log = Command.of(Duration.ofSeconds(10), "docker", "logs", id).run().out();
            assertThat(log).contains("shutdown: store closed").contains("shutdown: done");
            assertThat(Command.of(Duration.ofSeconds(10), "docker", "inspect", "--format", "{{.State.ExitCode}}", id)
                .run()
                .out()
                .strip()).isEqualTo("0");
        } finally {
            Command.of(Duration.ofSeconds(20), "docker", "rm", "--force", id).run();
            Command.of(Duration.ofSeconds(20), "docker", "rmi", "--force", image).run();
        }
    }

    @Test void without_the_preload_a_next_js_server_drops_requests_and_these_clients_see_it() throws Exception {
        try (var project = new Project("bgtest-bare", Bluegreen.HOME, "nextjs")) {
            Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
            Bluegreen.image(project, "2",
                "FROM " + project.name + ":1\nENV APP_VERSION=2\nCMD [\"node\", \"server.js\"]");
            Bluegreen.ok(project, "deploy", "--version", "2", "--no-build", "--monitor", "2s");
            try (var load = Clients.start(100, "127.0.0.1", project.http, Duration.ofMillis(50));
                var slow = Clients.start(20, "127.0.0.1", project.http, "/api/slow?ms=1500", Duration.ofMillis(10))) {
                Thread.sleep(4000);
                stop(project, Colour.GREEN);
                Thread.sleep(2000);
                load.close();
                slow.close();
                System
                    .out.println("    without the preload: " + (load.failed() + slow.failed()) + " failed "
                        + load.failures() + slow.failures());
                assertThat(load.failed() + slow.failed()).isPositive();
            }
        }
    }
}
