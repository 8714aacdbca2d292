import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import lib.docker.Container;
import lib.process.Command;
import lib.stack.Stack;
import load.Clients;
import load.Docker;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A compose project that runs without bluegreen, with a worker and a migration: from init on, each step on the one
 * before.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AdoptTest {
    private static Project project;
    private static String redis;

    @BeforeAll static void itRuns() throws IOException {
        project = Bluegreen.project("adopt");
        Files.delete(project.folder.resolve("bluegreen.yaml"));
        Project.delete(project.folder.resolve("nginx"));
        Project.copy(Bluegreen.HOME.resolve("tests/fixtures/stranger"), project.folder);
        Files.writeString(project.folder.resolve(".env"),
            "TITLE=My shop\nWEB_PORT=127.0.0.1:%d\nCOMPOSE_PROJECT_NAME=%s\n".formatted(project.http, project.name));
        var up = Command.of(Duration.ofMinutes(3), "docker", "compose", "--profile", "debug", "up", "--detach",
            "--build")
            .in(project.folder)
            .run();
        assertThat(up.ok()).as(up.err()).isTrue();
        Map.of("CONTROL", project.control, "BLUE", project.blue, "GREEN", project.green)
            .forEach((name, port) -> project.variable("BLUEGREEN_PORTS_" + name, String.valueOf(port)));
    }
    @AfterAll static void down() throws IOException {
        project.close();
        var images = Command.of(Duration.ofSeconds(30), "docker", "image", "rm", project.name + "-web",
            project.name + "-worker").run();
        assertThat(images.ok()).as("what compose built before: " + images.err()).isTrue();
    }

    private static Map<String, Container> containers() { return new Stack(project.config()).containers(); }
    private static boolean runs(String service) {
        return containers().get(service) instanceof Container c && c.running();
    }
    /** Of each of its replicas. */
    private static List<Boolean> run(String service) {
        return new Stack(project.config()).all(service).stream().map(Container::running).toList();
    }
    private static String migrations() {
        var engine = new Stack(project.config()).engine();
        return engine.exec(Bluegreen.id(project, "app-blue"), "cat", "/data/migrations").out();
    }

    @Test @Order(1)
    void init_writes_two_files_and_changes_none() throws IOException {
        var before = Files.readString(project.folder.resolve("docker-compose.yml"));
        var said = Bluegreen.ok(project, "init", "--https", "127.0.0.1:" + project.https);
        assertThat(said.text()).contains("web-1", "deploy -C " + project.folder + " --version 1 --adopt");
        assertThat(Files.readString(project.folder.resolve("docker-compose.yml"))).isEqualTo(before);
        assertThat(Files.readString(project.folder.resolve("bluegreen.yaml")))
            .contains("app: " + project.name, "http: 127.0.0.1:" + project.http, "follow: [worker]");
        assertThat(Bluegreen.ok(project, "init", "--check").text()).contains("is as this bluegreen would write it");
        project.configure("migrate: [node, shop.mjs, migrate]\nmonitor: 3s\nthresholds: {latency: 5s}");
    }

    @Test @Order(2)
    void its_ports_are_not_taken_unasked() throws IOException {
        var said = Bluegreen.code(3, project, "deploy", "--version", "1");
        assertThat(said.text())
            .contains("web-1's, which the colours replace", "deploy -C " + project.folder + " --adopt");
        assertThat(Bluegreen.get(project, "/")).isEqualTo("undefined 0 My shop\n");
        redis = containers().get("redis").id();
    }

    @Test @Order(3)
    void beside_a_trial_or_another_adoption_nothing_is_stopped() throws IOException {
        try (var held = FileChannel.open(project.folder.resolve(".deployment/adopt.lock"), StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
            assertThat(held.lock().isValid()).isTrue();
            assertThat(Bluegreen.code(4, project, "deploy", "--version", "1", "--adopt").text())
                .contains("another deploy --adopt is at work here");
        }
        int free = Project.freePorts(1).getFirst();
        Bluegreen.ok(project, "deploy", "--version", "0", "--no-switch", "--set", "migrate=", "--set",
            "ports.http=127.0.0.1:" + free);
        String said = Bluegreen.code(3, project, "deploy", "--version", "1", "--adopt").text();
        assertThat(said).contains("Nginx runs already, at 127.0.0.1:" + free);
        assertThat(Bluegreen.get(project, "/")).isEqualTo("undefined 0 My shop\n");
        assertThat(run("worker")).containsExactly(true, true);
        String ends = said.replaceFirst("(?s).*(docker rm .*?)   ends what is tried there.*", "$1");
        var ended = Command.of(Duration.ofMinutes(1), "sh", "-ec", ends).run();
        assertThat(ended.ok()).as(ends + ended.err()).isTrue();
    }

    @Test @Order(4)
    void who_cannot_be_started_as_blue_or_reached_through_nginx_goes_on_as_before() throws IOException {
        var deaf = Bluegreen.code(5, project, "deploy", "--version", "1", "--adopt", "--set", "ports.app=8001", "--set",
            "health.timeout=3s");
        assertThat(deaf.text()).contains("could not be started as app-blue", "What ran before still does.");
        assertThat(runs("app-blue")).as("two of it, and one deaf").isFalse();
        assertThat(Bluegreen.get(project, "/")).isEqualTo("undefined 0 My shop\n");

        String broken = Files.readString(project.folder.resolve("Dockerfile"));
        Files.writeString(project.folder.resolve("Dockerfile"), broken + "RUN exit 7\n");
        assertThat(Bluegreen.code(3, project, "deploy", "--version", "1", "--adopt").text()).contains("was not built");
        Files.writeString(project.folder.resolve("Dockerfile"), broken);
        assertThat(Bluegreen.ok(project, "deploy", "--version", "1", "--adopt", "--plan").text())
            .contains("web-1", "nobody is answered once", "deploy 1 to green");
        assertThat(project.run("validate").text()).contains("deploy -C " + project.folder + " --adopt");

        Bluegreen.ok(project, "init", "--eject");
        Path own = project.folder.resolve("nginx/own.conf");
        try (var clients = Clients.start(4, "127.0.0.1", project.http, "/", Duration.ofMillis(20))) {
            Files.writeString(own, "location = /own { no_such_thing on; }\n");
            assertThat(Bluegreen.code(5, project, "deploy", "--version", "1", "--adopt", "--set", "nginx=nginx").text())
                .contains("Nginx would not start", "no_such_thing");
            clients.close();
            assertThat(clients.failures()).as("nothing was stopped for it").isEmpty();
        }
        // Nginx answers, by itself, and nobody behind it does.
        Files.writeString(own, "set $upstream 127.0.0.1:9;\n");
        String[] unreached = {"--version", "1", "--adopt", "--set", "nginx=nginx", "--set", "health.path=/health"};
        assertThat(Bluegreen.code(5, project, "deploy", unreached).text())
            .contains("nobody answers through Nginx", "web-1 has its ports again");
        assertThat(Bluegreen.get(project, "/")).as("it was waited for").isEqualTo("undefined 0 My shop\n");

        // As a kill leaves it between the stop of what had the ports and Nginx's start.
        var web = containers().get("web");
        Files.writeString(project.folder.resolve(".deployment/adopt.lock"), web.id());
        var engine = new Stack(project.config()).engine();
        engine.start(Bluegreen.id(project, "app-blue"));
        engine.stop(List.of(web));
        assertThat(Bluegreen.code(5, project, "deploy", unreached).text()).contains("web-1 has its ports again");
        assertThat(Bluegreen.get(project, "/")).isEqualTo("undefined 0 My shop\n");
        assertThat(Files.readString(project.folder.resolve(".deployment/adopt.lock"))).as("nothing is open").isEmpty();
        engine.stop(List.of(web));
        Files.writeString(project.folder.resolve(".deployment/adopt.lock"), web.id());
        assertThat(Bluegreen.code(3, project, "status").text()).contains("an adoption was cut off", "--adopt");
        assertThat(Bluegreen.code(5, project, "deploy", "--version", "1", "--adopt").text())
            .contains("neither blue nor", "web-1 has its ports again")
            .doesNotContain("still does");
        engine.stop(List.of(web));
        Files.writeString(project.folder.resolve(".deployment/adopt.lock"), web.id());
        assertThat(Bluegreen.code(5, project, "deploy", "--version", "1", "--adopt", "--set", "hooks.pre-build=nosuch")
            .text()).contains("web-1 has its ports again").doesNotContain("Nothing was changed");
        assertThat(Bluegreen.get(project, "/")).isEqualTo("undefined 0 My shop\n");

        Project.delete(project.folder.resolve("nginx"));
        // As a first adoption finds it.
        assertThat(Docker.call("volume", "rm", project.name + "_bluegreen-active").ok()).isTrue();
    }

    /** Whom the public port says it is by TLS, asked again and again. */
    private static Process subjects(Path into) throws IOException {
        return new ProcessBuilder("sh", "-c", "while :; do openssl s_client -connect 127.0.0.1:" + project.https
            + " </dev/null 2>/dev/null | grep ^subject; sleep 0.05; done").redirectOutput(into.toFile()).start();
    }

    @Test @Order(5)
    void adopted_it_is_blue_and_the_first_deploy_has_a_way_back_to_it() throws IOException {
        var made = Command.of(Duration.ofSeconds(10), "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=shop.example", "-keyout", "shop.key",
            "-out",
            "shop.crt").in(project.folder).run();
        assertThat(made.ok()).as(made.err()).isTrue();
        project.configure("tls: {certificate: shop.crt, key: shop.key}");
        Path seen = project.folder.resolve("subjects");
        var asking = subjects(seen);
        var said = Bluegreen.ok(project, "deploy", "--version", "1", "--adopt");
        asking.destroy();
        assertThat(Files.readAllLines(seen).stream().distinct())
            .as("by its own certificate from the first answer on")
            .singleElement()
            .asString()
            .contains("shop.example");
        assertThat(said.text())
            .contains("nobody was answered for", "switch -C " + project.folder + " --rollback")
            .doesNotContain("is put back", "repaired");
        assertThat(Bluegreen.get(project, "/")).isEqualTo("green 1 My shop\n");
        assertThat(containers().get("redis").id()).as("data services stay as they are").isEqualTo(redis);
        assertThat(runs("web") || runs("worker") || runs("worker-blue")).as("what did the work before").isFalse();
        assertThat(containers().get("worker").restart()).as("not with the engine either").isEqualTo("unless-stopped");
        assertThat(run("worker")).as("no replica of before").containsExactly(false, false);
        assertThat(run("worker-green")).containsExactly(true, true);
        assertThat(runs("console")).as("what is the project's own and no part of the app").isTrue();
        assertThat(migrations()).isEqualTo("1\n");
        assertThat(Bluegreen.code(0, project, "status").text()).contains("worker-green 1");
        assertThat(project.run("validate").text()).contains("app-blue reaches redis");
        assertThat(project.run("incident").text())
            .as("what is down because it is to be")
            .doesNotContain("web does not");
    }

    @Test @Order(6)
    void what_was_cut_off_after_nginx_had_the_ports_gives_nothing_back_for_what_fails_later() throws IOException {
        // As a kill leaves it between Nginx's first answer and the note of that.
        String nginx = containers().get("nginx").id();
        Path note = project.folder.resolve(".deployment/adopt.lock");
        Files.writeString(note, containers().get("web").id());
        try (var clients = Clients.start(4, "127.0.0.1", project.http, "/", Duration.ofMillis(20))) {
            var said = Bluegreen.code(3, project, "deploy", "--version", "1", "--adopt", "--set",
                "hooks.pre-build=nosuch");
            assertThat(said.text()).contains("a hook cannot be run").doesNotContain("ports again");
            clients.close();
            assertThat(clients.failures()).isEmpty();
        }
        assertThat(containers().get("nginx").id()).isEqualTo(nginx);
        assertThat(runs("web")).isFalse();
        assertThat(note).isEmptyFile();
    }

    @Test @Order(6)
    void the_way_back_to_it_needs_the_engine_alone_for_its_workers_too() throws IOException {
        Path file = project.folder.resolve("docker-compose.yml"), away = project.folder.resolve("away.yml");
        Files.move(file, away);
        try {
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
        } finally {
            Files.move(away, file);
        }
        assertThat(Bluegreen.get(project, "/")).isEqualTo("blue 0 My shop\n");
        assertThat(run("worker")).containsExactly(true, true);
        assertThat(run("worker-green")).containsExactly(false, false);
        assertThat(Bluegreen.ok(project, "status").text()).doesNotContain("not all that follows");
        Bluegreen.ok(project, "switch", "green", "--no-drain");
        assertThat(run("worker")).containsExactly(false, false);
        assertThat(run("worker-green")).containsExactly(true, true);
    }

    @Test @Order(7)
    void who_asked_the_app_inside_by_its_name_and_port_is_answered_and_not_sent_to_https() {
        for (String redirect : List.of("none", "https")) {
            Bluegreen.ok(project, "switch", "--settings", "--set", "redirect=" + redirect);
            var asked = new Stack(project.config())
                .engine()
                .exec(Bluegreen.id(project, "worker-green"), "node", "-e",
                    "fetch('http://web:8000/', {redirect: 'manual'}).then(r => r.text()).then(console.log)");
            assertThat(asked.out()).as(redirect + asked.err()).startsWith("green 1 My shop");
        }
        Bluegreen.ok(project, "switch", "--settings");
    }

    @Test @Order(7)
    void a_project_beside_it_on_a_network_of_both_gets_none_of_its_requests() throws Exception {
        // Docker's DNS asks the networks by name: this one comes first.
        String network = "a-" + project.name, nginx = Bluegreen.id(project, "nginx"), other = project.name + "-other";
        assertThat(Docker.call("network", "create", network).ok()).isTrue();
        try {
            assertThat(Docker.call("network", "connect", network, nginx).ok()).isTrue();
            assertThat(
                Docker.call("run", "--detach", "--name", other, "--network", network, "--network-alias", "app-blue",
                    "--network-alias", "app-green", "node:24", "node", "-e",
                    "require('http').createServer((q, r) => r.end('another shop')).listen(8000)").ok())
                .isTrue();
            Thread.sleep(6000);         // Nginx asks again when the address's time is over: 5 s
            for (int i = 0; i < 50; i++) assertThat(Bluegreen.get(project, "/")).isEqualTo("green 1 My shop\n");
        } finally {
            Docker.call("rm", "--force", other);
            Docker.call("network", "disconnect", network, nginx);
            Docker.call("network", "rm", network);
        }
    }

    @Test @Order(8)
    void a_worker_gets_what_the_compose_file_says_now_though_the_image_is_the_same() throws IOException {
        Path file = project.folder.resolve("docker-compose.yml");
        Files.writeString(file, Files.readString(file)
            .replace("command: node shop.mjs worker",
                "command: node shop.mjs worker\n    environment: {SINCE: today, API_TOKEN: hush-hush-hush}")
            .replace("REDIS_URL:", "API_TOKEN: hush-hush-hush\n      REDIS_URL:"));
        for (String colour : List.of("blue", "green")) {
            Bluegreen.ok(project, "deploy", "--version", "1", "--no-build", "--monitor", "0s");
            assertThat(containers().get("worker-" + colour).environment()).containsEntry("SINCE", "today");
        }
    }

    @Test @Order(9)
    void a_deploy_and_its_rollback_lose_no_request_and_the_worker_goes_along() throws IOException {
        try (var clients = Clients.start(40, "127.0.0.1", project.http, "/", Duration.ofMillis(20))) {
            Bluegreen.ok(project, "deploy", "--version", "2");
            assertThat(runs("worker-green")).isFalse();
            assertThat(containers().get("worker-blue").image()).isEqualTo(containers().get("app-blue").image());
            Bluegreen.ok(project, "switch", "--rollback");
            assertThat(run("worker-blue")).containsExactly(false, false);
            assertThat(run("worker-green")).containsExactly(true, true);
            assertThat(project.run("incident", "--since", "5m").text())
                .as("which is to be down")
                .doesNotContain("worker-blue does not run");
            assertThat(Bluegreen.ok(project, "deploy", "--version", "2").text())
                .contains("done before, in the run deploy");
            clients.close();
            assertThat(clients.failures()).isEmpty();
            assertThat(clients.requests()).isGreaterThan(1000);
        }
        assertThat(migrations()).as("once for a version").isEqualTo("1\n2\n");
    }

    @Test @Order(10)
    void a_version_whose_worker_dies_is_rolled_back() throws IOException {
        var said = Bluegreen.code(6, project, "deploy", "--version", "3-no-worker");
        assertThat(said.text())
            .contains("worker-green 3-no-worker does not run", "another protocol")
            .doesNotContain("hush-hush-hush");
        assertThat(Bluegreen.get(project, "/")).isEqualTo("blue 2 My shop\n");
        assertThat(runs("worker-blue")).isTrue();
        assertThat(runs("worker-green")).isFalse();
    }

    @Test @Order(11)
    void a_migration_that_fails_leaves_all_as_it_was() throws IOException {
        var green = containers().get("app-green").id();
        var said = Bluegreen.code(5, project, "deploy", "--version", "4-no-migration");
        assertThat(said.text())
            .contains("failed with exit code 7", "to 4-no-migration", "blue still serves 2", "migration failed")
            .doesNotContain("hush-hush-hush");
        assertThat(containers().get("app-green").id()).as("the standby was not touched").isEqualTo(green);
        assertThat(containers().get("worker-blue").running()).isTrue();
        assertThat(Bluegreen.get(project, "/")).isEqualTo("blue 2 My shop\n");

        // As a kill leaves it between the stop of one worker and the start of the other.
        var stack = new Stack(project.config());
        stack.engine().stop(stack.all("worker-blue"));
        Bluegreen.ok(project, "deploy", "--abort");
        assertThat(run("worker-blue")).as("undone means at work").containsExactly(true, true);
    }

    @Test @Order(12)
    void a_version_that_fails_after_its_workers_went_first_gives_the_work_back() {
        assertThat(Bluegreen.code(5, project, "deploy", "--version", "5-sours", "--set", "follow-when=switch").text())
            .contains("not healthy any more", "blue still serves 2");
        assertThat(run("worker-blue")).containsExactly(true, true);
        assertThat(run("worker-green")).containsExactly(false, false);
    }

    @Test @Order(13)
    void what_the_guide_types_takes_all_of_it_away() throws IOException {
        String guide = Files.readString(Bluegreen.HOME.resolve("docs/ZERO_DOWNTIME_DEPLOYMENT.md"));
        String typed = guide.substring(guide.indexOf("docker compose -p APP"));
        String commands = typed.substring(0, typed.indexOf("```"))
            .replace("APP", project.name)
            .replace("compose.yaml", "docker-compose.yml")
            .replace("--remove-orphans", "--remove-orphans --volumes");
        var said = Command.of(Duration.ofMinutes(3), "sh", "-ec", commands).in(project.folder).run();
        assertThat(said.ok()).as(said.err()).isTrue();
        for (String kind : List.of("container", "volume", "network")) {
            var left = Command.of(Duration.ofSeconds(20), "docker", kind, "ls", "--quiet", "--filter",
                "label=com.docker.compose.project=" + project.name).run();
            assertThat(left.out()).as(kind).isEmpty();
        }
        assertThat(Command.of(Duration.ofSeconds(20), "docker", "image", "ls", "--quiet", project.name).run().out())
            .isEmpty();
        assertThat(project.folder.resolve(".deployment")).doesNotExist();
    }
}
