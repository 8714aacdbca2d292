import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lib.core.Colour;
import lib.core.Json;
import lib.process.Command;
import lib.state.State;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The main path, in the order a user walks it, on one stack. */
@Order(7)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeployTest {
    private static Project project;

    private static Path told;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("deploy");
        told = project.folder.resolve("told");
        var tell = Files.writeString(project.folder.resolve("tell"),
            "#!/bin/sh\necho \"$BLUEGREEN_EVENT $BLUEGREEN_VERSION\" >>" + told + "\n");
        assertThat(tell.toFile().setExecutable(true)).isTrue();
        project.configure("notify: {command: " + tell + "}");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    @Test @Order(1)
    void the_plan_of_a_first_deploy_changes_nothing() {
        Bluegreen.ok(project, "deploy", "--version", "1.0.0", "--plan");
        assertThat(new lib.stack.Stack(project.config()).containers()).isEmpty();
    }

    @Test @Order(2)
    void a_first_deploy_starts_everything_and_serves() throws IOException {
        Bluegreen.ok(project, "deploy", "--version", "1.0.0", "--monitor", "2s");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        assertThat(Bluegreen.get(project, "/")).contains("1.0.0").contains("visits");
        assertThat(Json.read(Files.readString(State.file(project.folder))).orElseThrow().path("active").asText())
            .isEqualTo("blue");
        assertThat(Files.readAllLines(told)).containsExactlyInAnyOrder("start 1.0.0", "switch 1.0.0", "success 1.0.0");
        assertThat(project.folder.resolve(".deployment/reports").toFile().list()).hasSize(2);
    }

    @Test @Order(3)
    void no_switch_stops_at_a_healthy_standby() throws IOException {
        // It would settle for longer than its grace if it were not told that nobody sends it anything: see 7.
        Bluegreen.ok(project, "deploy", "--version", "2.0.0", "--no-switch", "--set", "variables.SHUTDOWN_SETTLE=60");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        assertThat(Bluegreen.ok(project, "status").event("status").at("/green/healthy").asBoolean()).isTrue();
    }

    @Test @Order(4)
    void the_switch_by_hand_follows_and_its_plan_shows_the_difference() throws IOException {
        var plan = Bluegreen.ok(project, "switch", "green", "--plan");
        assertThat(plan.text()).contains("+set $active_upstream app-green").contains("-set $active_upstream app-blue");
        assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.BLUE);
        Bluegreen.ok(project, "switch", "--target", "green");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 2.0.0");
    }

    @Test @Order(5)
    void a_rollback_is_confirmed_and_recorded() throws IOException {
        var said = Bluegreen.ok(project, "switch", "--rollback", "--no-drain").event("switched");
        assertThat(said.path("active").asText()).isEqualTo("blue");
        assertThat(said.path("rollback").asBoolean()).isTrue();
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        assertThat(State.read(project.folder)).isInstanceOfSatisfying(State.Read.Known.class, k -> {
            assertThat(k.known().active()).isEqualTo(Colour.BLUE);
            assertThat(k.known().version()).hasToString("1.0.0");
            assertThat(k.known().previousVersion()).hasToString("2.0.0");
        });
    }

    @Test @Order(6)
    void the_colour_that_serves_cannot_be_deployed_to() throws IOException {
        assertThat(Bluegreen.code(2, project, "deploy", "--version", "3.0.0", "--target", "blue").text())
            .contains("blue serves the traffic");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
    }

    @Test @Order(7)
    void a_version_that_never_gets_healthy_leaves_the_old_one_serving_and_keeps_its_log() throws Exception {
        Bluegreen.image(project, "sick", "FROM " + project.name
            + ":1.0.0\nENTRYPOINT [\"sh\", \"-c\", \"echo cannot find my shoes; trap exit TERM; sleep 1000 & wait\"]");
        try (var load = Clients.start(20, "127.0.0.1", project.http, Duration.ofMillis(20))) {
            var said = Bluegreen.code(5, project, "deploy", "--version", "sick", "--no-build", "--set",
                "health.timeout=5s");
            assertThat(said.text())
                .contains("cannot find my shoes")
                .contains("blue still serves 1.0.0")
                .doesNotContain("killed after its grace");
            load.close();
            assertThat(load.failed()).as(load.failures().toString()).isZero();
            assertThat(load.all().green()).isZero();
        }
        assertThat(Files.readString(project.folder.resolve(".deployment/logs/green-sick.log")))
            .contains("cannot find my shoes");
        assertThat(Files.readAllLines(told)).contains("failure sick");
        try (var files = Files.walk(project.folder.resolve(".deployment/incidents"))) {
            assertThat(files.map(f -> f.getFileName().toString())).contains("incident.json");
        }
    }

    @Test @Order(8)
    void an_image_that_says_another_version_is_not_healthy() throws IOException {
        Bluegreen.image(project, "2.0.1", "FROM " + project.name + ":1.0.0\nENV APP_VERSION=9.9.9");
        var said = Bluegreen.code(5, project, "deploy", "--version", "2.0.1", "--no-build", "--set",
            "health.timeout=15s");
        assertThat(said.text()).contains("it is version 9.9.9, not 2.0.1");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        assertThat(Bluegreen.code(3, project, "switch", "green").text())
            .contains("9.9.9")
            .contains("Nothing was changed");
        assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.BLUE);
    }

    @Test @Order(9)
    void a_version_that_gets_worse_after_the_switch_is_rolled_back() throws Exception {
        Bluegreen.image(project, "2.0.2", "FROM " + project.name + ":1.0.0\nENV APP_VERSION=2.0.2\n"
            + "ENTRYPOINT [\"sh\", \"-c\", \"java -cp 'shop.jar:lib/*' App & sleep 14; kill -9 $!; trap exit TERM; sleep 1000 & wait\"]");
        var said = Bluegreen.code(6, project, "deploy", "--version", "2.0.2", "--no-build", "--monitor", "60s");
        assertThat(said.text()).contains("failed probes in a row").contains("blue serves 1.0.0 as before");
        assertThat(said.event("switched").path("rollback").asBoolean()).isTrue();
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        assertThat(Files.readAllLines(told)).contains("rollback 2.0.2");
    }

    @Test @Order(10)
    void a_build_that_fails_changes_nothing() throws IOException {
        Files.writeString(project.folder.resolve("Broken"), "FROM " + project.name + ":1.0.0\nRUN exit 7\n");
        var said = Bluegreen.code(3, project, "deploy", "--version", "4", "--set",
            "build.dockerfile=" + project.folder.resolve("Broken"));
        assertThat(said.text()).contains("was not built").contains("exit");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
    }

    @Test @Order(11)
    void a_good_version_after_all_that_is_deployed_and_armed_for_failover() throws IOException {
        Bluegreen.ok(project, "deploy", "--version", "2.1.0", "--monitor", "2s");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 2.1.0");
        assertThat(Bluegreen.serving(project).backed()).isTrue();
    }

    @Test @Order(12)
    void each_colour_keeps_its_own_image_whatever_compose_does_later() throws IOException {
        String before = Bluegreen.id(project, Colour.GREEN);
        // someone moves the tag
        Bluegreen.image(project, "2.1.0", "FROM " + project.name + ":1.0.0\nENV APP_VERSION=moved");
        var up = new lib.stack.Stack(project.config()).compose(Duration.ofMinutes(1), "up", "--detach");
        assertThat(up.ok()).as(up.err()).isTrue();
        assertThat(Bluegreen.id(project, Colour.GREEN)).isEqualTo(before);
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 2.1.0");
    }

    @Test @Order(13)
    void when_the_active_colour_is_killed_the_other_serves_on_and_the_next_deploy_does_not_stop_it() throws Exception {
        Command.of(Duration.ofSeconds(20), "docker", "kill", Bluegreen.id(project, Colour.GREEN)).run();
        for (int i = 0; i < 20; i++) assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        assertThat(Bluegreen.ok(project, "status").text())
            .contains("green has the traffic but does not run; blue is Nginx's backup")
            .contains(" blue   gives it the traffic")
            .doesNotContain("serves");
        try (var load = Clients.start(20, "127.0.0.1", project.http, Duration.ofMillis(20))) {
            var said = Bluegreen.ok(project, "deploy", "--version", "2.2.0", "--monitor", "2s");
            assertThat(said.text()).contains("green has the traffic but does not run");
            load.close();
            assertThat(load.failed()).as(load.failures().toString()).isZero();
        }
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 2.2.0");
    }

    @Test @Order(14)
    void a_backup_that_was_away_is_armed_again_when_somebody_asks() throws Exception {
        String green = Bluegreen.id(project, Colour.GREEN);
        Command.of(Duration.ofSeconds(20), "docker", "kill", green).run();
        Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
        Command.of(Duration.ofSeconds(20), "docker", "start", green).run();
        var well = Command.of(Duration.ofMinutes(1), Bluegreen.HOME.resolve("bluegreen").toString(), "health",
            "http://127.0.0.1:" + project.green, "--expect-deployment", "green", "--retries", "20").run();
        assertThat(well.ok()).as(well.out() + well.err()).isTrue();
        assertThat(Bluegreen.serving(project).backed()).isFalse();
        assertThat(Bluegreen.ok(project, "status").text()).contains("no failover, though green could answer for blue");
        assertThat(Bluegreen.ok(project, "switch", "blue").text()).contains("green is its backup again");
        assertThat(Bluegreen.serving(project).backed()).isTrue();
        assertThat(Bluegreen.ok(project, "status").text()).doesNotContain("no failover");
        Bluegreen.ok(project, "switch", "green", "--no-drain");
    }

    @Test @Order(15)
    void a_rollback_to_a_stopped_colour_starts_it_first() throws IOException {
        stop(Colour.BLUE);
        var said = Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
        assertThat(said.text()).contains("app-blue was stopped");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        Bluegreen.ok(project, "switch", "green", "--no-drain");
    }

    @Test @Order(16)
    void scripts_run_with_jbang_and_with_npm(@TempDir Path cache) throws IOException {
        // A cache of its own: JBang breaks when ScriptsTest compiles the same script at this moment.
        var jbang = Command.of(Duration.ofMinutes(3), System.getenv("BLUEGREEN_JBANG"), "--quiet",
            Bluegreen.HOME.resolve("health.java").toString(),
            "http://127.0.0.1:" + project.green, "--expect-version", "2.2.0")
            .in(project.folder)
            .with(Map.of("JBANG_CACHE_DIR", cache.toString(), "JAVA_HOME", System.getProperty("java.home")))
            .run();
        assertThat(jbang.code()).as(jbang.err()).isZero();
        assertThat(jbang.out()).contains("200 healthy green 2.2.0");
        var npm = Command.of(Duration.ofMinutes(1), "npm", "run", "--silent", "deploy:status", "--", "-C",
            project.folder.toString(), "--json")
            .in(Bluegreen.HOME)
            .with(Map.of("BLUEGREEN_HOME", Bluegreen.HOME.toString()))
            .run();
        assertThat(Json.read(npm.out()).orElseThrow().path("version").asText()).isEqualTo("2.2.0");
    }

    @Test @Order(17)
    void what_the_status_names_repairs_a_colour_that_was_stopped_and_both() throws IOException {
        stop(Colour.GREEN);
        assertThat(Bluegreen.ok(project, "status").text()).contains(" blue   gives it the traffic");
        Bluegreen.ok(project, "switch", "blue");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
        stop(Colour.BLUE);
        assertThat(Bluegreen.code(1, project, "status").text())
            .contains("blue has the traffic but does not run: nobody is answered")
            .contains(" blue   starts it")
            .doesNotContain("nothing is deployed");
        Bluegreen.ok(project, "switch", "blue");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1.0.0");
    }

    private static void stop(Colour colour) {
        Command.of(Duration.ofSeconds(60), "docker", "stop", Bluegreen.id(project, colour)).run();
    }
}
