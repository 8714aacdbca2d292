import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import lib.core.Colour;
import lib.http.Connection;
import lib.process.Command;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Node's cluster with the preload: the signal to the primary drains every worker. */
class ClusterTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        var dockerfile = Bluegreen.HOME.resolve("tests/fixtures/cluster/Dockerfile");
        project = Bluegreen.project("cluster")
            .variable("BLUEGREEN_BUILD_DOCKERFILE", dockerfile.toString())
            .configure("images: {keep: 3}\ndrain: 1s");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        Bluegreen.ok(project, "deploy", "build", "--tag", project.name + ":2");
    }

    @AfterAll static void down() throws IOException { project.close(); }

    private static String docker(String... arguments) {
        var result = Command.of(Duration.ofSeconds(60), "docker").and(arguments).run();
        assertThat(result.ok()).as(result.err()).isTrue();
        return result.out() + result.err();
    }

    @Test void a_deploy_and_then_a_stop_of_the_serving_cluster_lose_no_request() throws Exception {
        try (var quick = Clients.start(50, "127.0.0.1", project.http, "/", Duration.ofMillis(50));
            var slow = Clients.start(10, "127.0.0.1", project.http, "/?ms=2500", Duration.ofMillis(10))) {
            Thread.sleep(1500);
            Bluegreen.ok(project, "deploy", "--version", "2", "--no-build", "--monitor", "1s");
            String green = Bluegreen.id(project, Colour.GREEN);
            docker("stop", "--timeout", "45", green);
            assertThat(Bluegreen.nginx(project, "ls", "/etc/nginx/drain").out()).contains("green");
            Thread.sleep(1000);
            quick.close();
            slow.close();
            String log = docker("logs", green);
            assertThat(quick.failed()).as(quick.failures() + log).isZero();
            assertThat(slow.failed()).as(slow.failures() + log).isZero();
            assertThat(quick.all().green()).as("the new version served").isPositive();
            assertThat(docker("inspect", "--format", "{{.State.ExitCode}}", green).strip()).as(log).isEqualTo("0");
            assertThat(log.lines().filter(l -> l.matches("shutdown: worker [123]: done .*"))).as(log).hasSize(3);
            assertThat(log.lines().filter(l -> l.contains("shutdown: ")).toList().getLast())
                .startsWith("shutdown: done");
            assertThat(log).contains("worker 3 ended").doesNotContain("worker 4 listens");
            docker("start", green);
            lib.http
                .Probe.await(java.net.URI.create("http://127.0.0.1:" + project.green + "/api/health"),
                    lib.http.Probe.Expected.ofAny(true),
                    new lib.http.Probe.Patience(Duration.ofSeconds(2), Duration.ofSeconds(15), 0), _ -> {});
            assertThat(Bluegreen.nginx(project, "ls", "/etc/nginx/drain").out())
                .as("the app is back")
                .doesNotContain("green");
        }
    }

    @Test void what_a_worker_cuts_is_named_and_its_errors_do_not_stop_the_shutdown() throws Exception {
        String id = docker("run", "--detach", "--publish", "127.0.0.1::3008", "--env", "SHUTDOWN_SETTLE=1", "--env",
            "SHUTDOWN_LIMIT=3",
            "--env", "THROWING=1", "--env", "DRAIN_FILE=/tmp/drain", project.name + ":1").strip();
        try {
            String bound = docker("port", id, "3008/tcp").strip();
            int port = Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1));
            for (int i = 0; i < 100 && !docker("logs", id).contains("worker 3 listens"); i++) Thread.sleep(100);
            var answers = new ArrayList<FutureTask<String>>();
            for (String path : List.of("/?ms=2500", "/?ms=60000")) {
                var answer = new FutureTask<>(() -> {
                    try (var c = new Connection("127.0.0.1", port, Duration.ofSeconds(60))) {
                        return c.get(path).body();
                    }
                });
                Thread.ofVirtual().start(answer);
                answers.add(answer);
            }
            Thread.sleep(500);
            docker("stop", "--timeout", "30", id);
            String log = docker("logs", id);
            assertThat(answers.getFirst().get(1, TimeUnit.SECONDS)).as(log).contains("worker");
            assertThat(log.lines().filter(l -> l.contains("cut: GET")))
                .as(log)
                .singleElement()
                .asString()
                .contains("GET /");
            assertThat(log)
                .contains("went on after Error: a broken handler")
                .contains("a drain listener failed: a broken stream")
                .contains("closing redis failed: a broken pool")
                .containsPattern("shutdown: 1 cut after");
            assertThat(docker("inspect", "--format", "{{.State.ExitCode}}", id).strip()).isEqualTo("1");
            assertThat(docker("diff", id)).contains("A /tmp/drain");
        } finally {
            docker("rm", "--force", id);
        }
    }
}
