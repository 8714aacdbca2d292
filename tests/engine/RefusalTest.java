import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import lib.core.Colour;
import lib.process.Command;
import lib.state.State;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is refused, with its exit code, and that nothing was changed by it. One stack on which blue serves version 1.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RefusalTest {
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("refusal");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    private static void stillServes() throws IOException {
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 1");
        assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.BLUE);
    }

    @Test void a_target_that_does_not_run() throws IOException {
        assertThat(Bluegreen.code(3, project, "switch", "green").text())
            .contains("green is not running")
            .contains("Nothing was changed");
        stillServes();
    }

    /** First: a green that was there once could be started again. */
    @Test @Order(1)
    void a_rollback_to_nothing() throws IOException {
        Bluegreen.code(5, project, "switch", "--rollback");
        stillServes();
    }

    @Test void a_file_of_verbs_ends_at_the_first_that_is_refused() throws IOException {
        var file = Files.writeString(project.folder.resolve("verbs.jsh"),
            "status();\nhealth();\nlogs(BLUE, 5);\nswitchTo(GREEN);\nrollback();\n");
        var unasked = Bluegreen.code(2, project, "shell", file.toString());
        assertThat(unasked.event("status").path("active").asText()).isEqualTo("blue");
        assertThat(unasked.event("answer").path("healthy").asBoolean()).isTrue();
        assertThat(unasked.text()).contains("blue 1 listens").contains("no terminal to ask at");
        assertThat(Bluegreen.code(3, project, "shell", file.toString(), "--yes").text())
            .contains("green is not running");
        stillServes();
    }

    @Test void an_unknown_colour() {
        assertThat(Bluegreen.code(2, project, "switch", "purple").text()).contains("'purple' is not a colour");
    }

    @ParameterizedTest @ValueSource(strings = {"127.0.0.1:3009/api/health", "red", "http://", "ftp://x/"})
    void what_is_no_url(String given) {
        var said = Command.of(Duration.ofMinutes(1), Bluegreen.HOME.resolve("bluegreen").toString(), "health", given)
            .run();
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err() + said.out())
            .contains("'" + given + "' is not a URL to probe")
            .contains("http://127.0.0.1:3009");
    }

    @Test void two_targets() { Bluegreen.code(2, project, "switch", "blue", "--target", "green"); }

    @ParameterizedTest @ValueSource(strings = {"; rm -rf /", "../x", "$(touch /tmp/x)", "300"})
    void a_hostile_version(String version) throws IOException {
        String hostile = version.equals("300") ? "x".repeat(300) : version;
        var before = kept();
        assertThat(Bluegreen.code(2, project, "deploy", "--version", hostile).text()).contains("is not a version");
        assertThat(kept()).isEqualTo(before);
        stillServes();
    }

    private static Set<Path> kept() throws IOException {
        try (var files = Files.walk(project.folder)) {
            return files.collect(Collectors.toSet());
        }
    }

    @Test void an_unknown_key_in_the_configuration() {
        assertThat(Bluegreen.code(2, project, "status", "--set", "monitr=5s").text())
            .contains("did you mean 'monitor'");
    }

    @Test void an_image_that_does_not_exist() throws IOException {
        Bluegreen.code(3, project, "deploy", "--version", "nope", "--no-build");
        stillServes();
    }

    @Test void docker_not_running() throws Exception {
        var builder = new ProcessBuilder(Bluegreen.HOME.resolve("bluegreen").toString(), "switch", "blue", "-C",
            project.folder.toString());
        builder.environment().put("DOCKER_HOST", "unix:///nonexistent.sock");
        var process = builder.redirectErrorStream(true).start();
        assertThat(new String(process.getInputStream().readAllBytes())).contains("Docker is not running");
        assertThat(process.waitFor()).isEqualTo(3);
    }

    @Test void a_port_that_is_taken() throws IOException {
        try (var other = new ServerSocket()) {
            other.bind(new InetSocketAddress("127.0.0.1", project.green));
            var said = Bluegreen.code(3, project, "deploy", "--version", "1", "--no-build");
            assertThat(said.text()).contains("port " + project.green + " is taken").contains("ports.green");
        }
        stillServes();
    }

    @Test void a_second_deployer_while_one_is_at_work() throws Exception {
        var holder = new ProcessBuilder("docker", "exec", "-i", Bluegreen.id(project, "nginx"), "flock", "-n",
            "/dev/shm/bluegreen.lock", "tee", "/dev/shm/bluegreen.lock.holder").start();
        holder.outputWriter()
            .append("{\"who\":\"alice\",\"host\":\"laptop\",\"pid\":7,\"since\":\"now\",\"doing\":\"deploy 9\"}\n")
            .flush();
        holder.inputReader().readLine();
        assertThat(Bluegreen.code(4, project, "switch", "blue").text()).contains("alice@laptop").contains("deploy 9");
        holder.destroyForcibly().waitFor();
        Bluegreen.ok(project, "switch", "blue", "--wait-lock", "10s");
    }

    @Test void a_corrupt_state_file_is_repaired_from_the_workers() throws IOException {
        Files.writeString(State.file(project.folder), "{\"active\":\"gre");
        assertThat(Bluegreen.ok(project, "status").text()).contains("unreadable");
        assertThat(Bluegreen.ok(project, "switch", "blue").text()).contains("repaired from the workers");
        assertThat(State.read(project.folder))
            .isInstanceOfSatisfying(State.Read.Known.class, k -> assertThat(k.known().active()).isEqualTo(Colour.BLUE));
    }

    @Test void a_state_file_that_lies_is_repaired_from_the_workers() throws IOException {
        Files.writeString(State.file(project.folder),
            "{\"active\":\"green\",\"previous\":\"blue\",\"version\":\"1\",\"healthy\":true}");
        assertThat(Bluegreen.ok(project, "switch", "blue").text()).contains("says green, the workers serve blue");
        stillServes();
    }

    @Test void a_state_file_of_a_newer_version_is_left_alone() throws IOException {
        String newer = "{\"format\":2,\"active\":\"blue\"}";
        Files.writeString(State.file(project.folder), newer);
        Bluegreen.code(2, project, "switch", "blue");
        assertThat(Files.readString(State.file(project.folder))).isEqualTo(newer);
        Files.delete(State.file(project.folder));
    }

    @Test void a_candidate_that_nginx_rejects_leaves_the_live_configuration_alone() throws IOException {
        Bluegreen.ok(project, "deploy", "--version", "1", "--no-switch", "--no-build");
        var conf = project.folder.resolve("nginx/server.conf");
        String good = Files.readString(conf);
        try {
            Files.writeString(conf, good + "\nserver { listen 81; proxy_poss http://nowhere; }\n");
            assertThat(Bluegreen.code(5, project, "switch", "green", "--via", "reload").text())
                .contains("proxy_poss")
                .contains("blue serves 1 (generation");
            stillServes();
            var byHand = Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh");
            assertThat(byHand.code()).isEqualTo(1);
            assertThat(byHand.err()).contains("proxy_poss");
            stillServes();
        } finally {
            Files.writeString(conf, good);
        }
        assertThat(Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh").code()).isZero();
        Command.of(Duration.ofSeconds(60), "docker", "rm", "--force", Bluegreen.id(project, Colour.GREEN)).run();
    }
}
