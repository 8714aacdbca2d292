import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lib.core.Colour;
import load.Project;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Two versions at the same time: pages and websockets of the old one, the database, and the user's hooks. */
@Order(6)
class VersionsTest {

    private static String text(ChromeDriver page, String id) {
        return new WebDriverWait(page, Duration.ofSeconds(10))
            .until(ExpectedConditions.visibilityOfElementLocated(By.id(id)))
            .getText();
    }

    /** A page is open while its version goes; the chunk behind its button is fetched afterwards. */
    private static String clickAfterTheSwitch(Project project) throws Exception {
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        var page = Chromium.start();
        try {
            page.get("http://127.0.0.1:" + project.http + "/");
            assertThat(text(page, "served")).contains("blue").contains("version 1");
            Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "0s");
            page.findElement(By.id("more")).click();
            String details;
            try {
                details = text(page, "details");
            } catch (org.openqa.selenium.TimeoutException e) {
                return "no details";
            }
            page.findElement(By.id("about")).click();
            new WebDriverWait(page, Duration.ofSeconds(10)).until(ExpectedConditions.urlContains("/about"));
            new WebDriverWait(page, Duration.ofSeconds(10))
                .until(ExpectedConditions.textToBe(By.id("served"), "about, served by green, version 2"));
            return details;
        } finally {
            page.quit();
        }
    }

    @Test void a_page_of_the_old_version_still_gets_its_chunks_after_the_switch() throws Exception {
        try (var project = new Project("bgtest-skew", Bluegreen.HOME, "nextjs")
            .configure("assets: {from: /app/.next/static}")) {
            assertThat(clickAfterTheSwitch(project)).isEqualTo("details of version 1");
        }
    }

    @Test void without_the_bridge_it_does_not() throws Exception {
        try (var project = new Project("bgtest-noskew", Bluegreen.HOME, "nextjs")) {
            assertThat(clickAfterTheSwitch(project)).isEqualTo("no details");
        }
    }

    @Test void at_the_drain_limit_websockets_are_closed_with_1001_and_reconnect_to_the_new_version() throws Exception {
        try (var project = Bluegreen.project("hangup")) {
            String build = "build.dockerfile=" + Bluegreen.HOME.resolve("tests/fixtures/node-websocket/Dockerfile");
            Bluegreen.ok(project, "deploy", "--set", build, "--version", "1", "--monitor", "0s");
            Bluegreen.ok(project, "deploy", "--set", build, "--version", "2", "--no-switch");
            var socket = new EchoSocket(project);
            assertThat(socket.echo("one")).isEqualTo("blue one");
            // Nginx drops idle ones after 1.5 s
            var said = Bluegreen.ok(project, "switch", "green", "--set", "drain=6s");
            assertThat(said.text())
                .contains("1 connection to app-blue after 6.0 s, told to reconnect (SIGHUP); none left");
            assertThat(socket.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1001);
            assertThat(new EchoSocket(project).echo("two")).isEqualTo("green two");
            assertThat(new lib.stack.Stack(project.config()).container(Colour.BLUE).orElseThrow().running())
                .as("the old colour runs on")
                .isTrue();
        }
    }

    @Test void a_rollback_onto_a_database_that_does_not_fit_is_refused() throws Exception {
        try (var project = Bluegreen.project("schema")) {
            Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
            String from = "FROM " + project.name + ":1\nLABEL bluegreen.schema=";
            Bluegreen.image(project, "s6", from + "6\nENV APP_VERSION=s6");
            Bluegreen.image(project, "s7", from + "7 bluegreen.schema.lowest=6\nENV APP_VERSION=s7");
            Bluegreen.image(project, "s8", from + "8\nENV APP_VERSION=s8");
            Bluegreen.image(project, "bad", from + "eight\nENV APP_VERSION=bad");
            Bluegreen.ok(project, "deploy", "--version", "s6", "--no-build", "--monitor", "0s");
            Bluegreen.ok(project, "deploy", "--version", "s7", "--no-build", "--monitor", "0s");
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
            Bluegreen.ok(project, "switch", "blue", "--no-drain");

            assertThat(Bluegreen.code(3, project, "deploy", "--version", "bad", "--no-build").text())
                .contains("whole number");
            assertThat(Bluegreen.code(3, project, "deploy", "--version", "s8", "--no-build").text())
                .contains("versions below 8 cannot run on")
                .contains("--force");
            assertThat(Bluegreen.facts(project).get("version")).isEqualTo("s7");
            assertThat(
                Bluegreen.ok(project, "deploy", "--version", "s8", "--no-build", "--monitor", "0s", "--force").text())
                .contains("there is no safe rollback");
            assertThat(Bluegreen.code(3, project, "switch", "--rollback").text())
                .contains("the database may not fit blue");
            assertThat(Bluegreen.facts(project).get("version")).isEqualTo("s8");
            Bluegreen.ok(project, "switch", "--rollback", "--force", "--no-drain");
            assertThat(Bluegreen.facts(project).get("version")).isEqualTo("s7");
        }
    }

    @Test void hooks_get_the_facts_and_a_failing_one_stops_the_deploy_before_the_traffic_moves() throws Exception {
        try (var project = Bluegreen.project("hooks")) {
            Path note = project.folder.resolve("note.sh");
            Files.writeString(note,
                "#!/bin/sh\necho \"$BLUEGREEN_HOOK $1 $BLUEGREEN_ACTIVE>$BLUEGREEN_TARGET $BLUEGREEN_VERSION $BLUEGREEN_REASON\" >> hooks.log\n"
                    + "[ ! -e fail-$BLUEGREEN_HOOK ] || { echo 'the migration is stuck'; exit 9; }\n");
            note.toFile().setExecutable(true);
            project.configure("hooks:\n"
                + allOf("pre-build", "pre-deploy", "pre-switch", "post-switch", "post-rollback", "on-failure"));
            Path log = project.folder.resolve("hooks.log");

            Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
            assertThat(Files.readAllLines(log))
                .containsExactly("pre-build a,b c >blue 1 ", "pre-deploy a,b c >blue 1 ", "pre-switch a,b c >blue 1 ",
                    "post-switch a,b c >blue 1 ");

            Files.writeString(project.folder.resolve("fail-pre-switch"), "");
            var said = Bluegreen.code(5, project, "deploy", "--version", "2", "--monitor", "0s");
            assertThat(said.text())
                .contains("the hook pre-switch failed with exit code 9")
                .contains("the migration is stuck");
            assertThat(Bluegreen.facts(project)).containsEntry("version", "1");
            assertThat(Files.readAllLines(log).getLast())
                .startsWith("on-failure a,b c blue>green 2 the hook pre-switch failed");
            assertThat(Files.readString(project.folder.resolve(".deployment/journal.jsonl")))
                .contains("the migration is stuck");

            Files.delete(project.folder.resolve("fail-pre-switch"));
            Bluegreen.ok(project, "switch", "green", "--no-drain");
            Files.writeString(project.folder.resolve("fail-post-rollback"), "");
            assertThat(Bluegreen.ok(project, "switch", "--rollback", "--no-drain").text())
                .contains("the hook post-rollback failed");
        }
    }

    private static String allOf(String... names) {
        var yaml = new StringBuilder();
        for (String name : names) yaml.append("  ").append(name).append(": [./note.sh, \"a,b c\"]\n");
        return yaml.toString();
    }
}
