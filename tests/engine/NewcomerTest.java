import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.docker.Container;
import lib.process.Command;
import lib.stack.Stack;
import load.Docker;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What goes wrong on a first day, and what is said of it. One stack: blue serves 1, green is warm with 2. */
@Order(8)
class NewcomerTest {
    /** A server of a few lines: PORT, the address it listens on, and what the Nth request meets. */
    private static final String SERVER = """
        FROM %s:1
        ENV APP_VERSION=%s
        ENTRYPOINT ["perl", "-MIO::Socket::INET", "-e", "$SIG{TERM} = sub { exit }; \\
            $s = IO::Socket::INET->new(LocalAddr => q(%s), LocalPort => %d, Listen => 9) or die; \\
            for ($n = 1; $c = $s->accept; $n++) { while (<$c>) { last if /^\\\\s*$/ } %s \\
            $b = qq({\\"status\\":\\"healthy\\",\\"version\\":\\"$ENV{APP_VERSION}\\",\\"deployment\\":\\"$ENV{DEPLOYMENT}\\"}); \\
            print $c qq(HTTP/1.1 200 OK\\\\r\\\\nConnection: close\\\\r\\\\n\\\\r\\\\n$b); close $c }"]
        """;
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("newcomer");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "0s");
        Bluegreen.image(project, "1", "FROM " + project.name + ":2\nENV APP_VERSION=1");
        Bluegreen.ok(project, "deploy", "--version", "1", "--no-build", "--monitor", "0s");
        assertThat(Bluegreen.serving(project).active()).isEqualTo(Colour.GREEN);
    }
    @AfterAll static void down() throws IOException { project.close(); }

    private static void server(String version, String address, int port, String nth) {
        Bluegreen.image(project, version, SERVER.formatted(project.name, version, address, port, nth));
    }

    private static Container container(Colour colour) throws IOException {
        return new Stack(project.config()).container(colour).orElseThrow();
    }

    private static void asBefore(Container standby) throws IOException {
        assertThat(container(Colour.BLUE)).as("the standby was not touched").isEqualTo(standby);
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 1");
    }

    @Test void without_an_nginx_folder_nothing_is_started() throws IOException {
        try (var first = Bluegreen.project("newcomer-first")) {
            Path kept = Files.move(first.folder.resolve("nginx"), first.folder.resolve("kept"));
            assertThat(Bluegreen.code(3, first, "validate").text())
                .contains("there is no folder " + first.folder.resolve("nginx"))
                .contains("take nginx: out of bluegreen.yaml");
            assertThat(Bluegreen.code(3, first, "deploy", "--version", "1").text())
                .contains("there is no folder")
                .contains("Nothing was changed");
            Files.move(kept, first.folder.resolve("nginx"));
            Files.delete(first.folder.resolve("nginx/headers.conf"));
            assertThat(Bluegreen.code(3, first, "deploy", "--version", "1").text()).contains("has no headers.conf");
            assertThat(new Stack(first.config()).containers()).isEmpty();
        }
    }

    @Test void without_anything_to_deploy_or_to_go_on_with_nothing_is_started() throws IOException {
        try (var first = Bluegreen.project("newcomer-none")) {
            assertThat(Bluegreen.code(3, first, "deploy", "--version", "1", "--set", "build.dockerfile=nowhere").text())
                .contains("no Dockerfile");
            assertThat(Bluegreen.code(3, first, "deploy", "--version", "1", "--no-build").text())
                .contains("there is no image");
            assertThat(Bluegreen.code(2, first, "deploy", "--resume").text())
                .contains("no deploy was cut off or failed");
            assertThat(new Stack(first.config()).containers()).isEmpty();
        }
    }

    @Test void a_first_deploy_that_failed_is_told_and_undone() throws IOException {
        try (var first = Bluegreen.project("newcomer-crash")) {
            Bluegreen.image(first, "1", "FROM nginx:1.30\nENTRYPOINT [\"sh\", \"-c\", \"exit 3\"]");
            Bluegreen.code(5, first, "deploy", "--version", "1", "--no-build");
            assertThat(Bluegreen.ok(first, "status").text())
                .contains("the last deploy, of 1 to blue, failed")
                .contains("--abort   stops it");
            assertThat(Bluegreen.ok(first, "deploy", "--abort").text())
                .contains("it failed at health")
                .contains("Nothing serves, as before.");
            assertThat(new Stack(first.config()).container(lib.core.Colour.BLUE).orElseThrow().status())
                .isEqualTo("exited");
        }
    }

    @Test void an_nginx_that_is_made_anew_finds_colours_that_had_another_name_before() throws IOException {
        String green = Bluegreen.id(project, Colour.GREEN);
        Docker.call("rename", green, project.name + "-green-of-before");
        Docker.call("rm", "--force", Bluegreen.id(project, "nginx"));
        Bluegreen.ok(project, "deploy", "--version", "2", "--no-build", "--no-switch");
        assertThat(container(Colour.GREEN).name()).isEqualTo(project.name + "-app-green");
        assertThat(Bluegreen.id(project, Colour.GREEN)).as("the same container").isEqualTo(green);
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 1");
    }

    @Test void an_nginx_that_restarts_in_a_loop_is_told_in_the_words_of_its_log() throws Exception {
        Path conf = project.folder.resolve("nginx/server.conf");
        String good = Files.readString(conf);
        String nginx = Bluegreen.id(project, "nginx");
        try {
            Files.writeString(conf, good + "\nserver { listen 81; proxy_poss http://nowhere; }\n");
            restart(nginx);
            for (var said : List.of(Bluegreen.code(3, project, "status"), Bluegreen.code(3, project, "switch", "blue"),
                Bluegreen.code(3, project, "deploy", "--version", "1", "--no-build"),
                Bluegreen.code(3, project, "validate")))
                assertThat(said.text()).contains("restarts in a loop").contains("unknown directive \"proxy_poss\"");
        } finally {
            Files.writeString(conf, good);
            restart(nginx);
        }
        for (int i = 0; i < 100 && lib.nginx.Nginx.serving(project.config()).isEmpty(); i++) Thread.sleep(200);
        Bluegreen.ok(project, "switch", "green");
    }

    private static void restart(String container) {
        var restarted = Command.of(Duration.ofSeconds(90), "docker", "restart", "--time", "2", container).run();
        assertThat(restarted.ok()).as(restarted.err()).isTrue();
    }

    @Test
    void a_port_that_was_changed_under_the_running_nginx_ends_a_deploy_before_its_first_hook() throws IOException {
        var standby = container(Colour.BLUE);
        Path ran = project.folder.resolve("hook-ran");
        String hook = "hooks.pre-build=/usr/bin/touch\n" + ran;
        for (String change : List.of("ports.control=1", "health.path=/healthz", "ports.green=1")) {
            var said = Bluegreen.code(3, project, "deploy", "--version", "2", "--no-build", "--set", hook, "--set",
                change);
            assertThat(said.text())
                .contains(change.split("=")[0] + ":")
                .contains("Nothing was changed")
                .contains("--set " + change.split("=")[0] + "=");
        }
        assertThat(ran).doesNotExist();
        asBefore(standby);
    }

    @Test void only_a_port_that_confirms_holds_up_a_switch() throws IOException {
        assertThat(Bluegreen.code(3, project, "switch", "--rollback", "--set", "ports.http=127.0.0.1:1").text())
            .contains("ports.http:");
        assertThat(Bluegreen.code(3, project, "smoke", "--version", "2", "--no-build", "--set", "ports.https=1").text())
            .contains("ports.https:");
        Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--set", "ports.https=1", "--set",
            "health.path=/api/health?x");
        Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
    }

    @Test void a_version_that_dies_at_its_start_ends_the_gate_at_once() throws IOException {
        Bluegreen.image(project, "crash",
            "FROM " + project.name + ":1\nENTRYPOINT [\"sh\", \"-c\", \"echo cannot open the database; exit 3\"]");
        long began = System.nanoTime();
        var said = Bluegreen.code(5, project, "deploy", "--version", "crash", "--no-build", "--no-switch", "--set",
            "health.timeout=9m");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(4));
        assertThat(said.text())
            .containsPattern("died [3-9] times")
            .contains("exit code 3")
            .contains("cannot open the database");
        healthy();
    }

    /** Two answers, on its own port and through Nginx, were all that the gate asked for. */
    @Test void a_version_that_dies_after_its_first_answers_does_not_pass() throws IOException {
        server("brief", "0.0.0.0", 3008, "exit 4 if $n > 2;");
        var said = Bluegreen.code(5, project, "deploy", "--version", "brief", "--no-build", "--no-switch");
        assertThat(said.text()).containsPattern("died [3-9] times").contains("exit code 4");
        healthy();
    }

    @Test void a_wrong_port_and_a_wrong_address_are_named() throws IOException {
        server("port", "0.0.0.0", 8000, "");
        server("loopback", "127.0.0.1", 3008, "");
        assertThat(Bluegreen.code(5, project, "deploy", "--version", "port", "--no-build", "--no-switch", "--set",
            "health.timeout=5s").text())
            .contains("nothing listens on 3008 in the container, the app listens on 8000");
        assertThat(Bluegreen.code(5, project, "deploy", "--version", "loopback", "--no-build", "--no-switch", "--set",
            "health.timeout=5s").text())
            .contains("listens on 127.0.0.1:3008 only");
        healthy();
    }

    /** The standby is what it was before the test. */
    private static void healthy() throws IOException {
        Bluegreen.ok(project, "deploy", "--version", "2", "--no-build", "--no-switch");
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 1");
    }

    @Test void a_hook_that_is_not_there_is_found_before_anything_is_stopped() throws IOException {
        var standby = container(Colour.BLUE);
        Path hook = Files.writeString(project.folder.resolve("migrate.sh"), "#!/bin/sh\n");
        String[] wrong = {"--set", "hooks.pre-deploy=./nowhere.sh", "--set", "hooks.pre-switch=./migrate.sh", "--set",
            "hooks.post-switch=nowhere"};
        for (var said : List.of(project.run("validate", wrong),
            project.run("deploy", with(wrong, "--version", "2", "--no-build")))) {
            assertThat(said.code()).as(said.text()).isEqualTo(3);
            assertThat(said.text())
                .contains("hooks.pre-deploy: there is no file")
                .contains("migrate.sh is not executable")
                .contains("no 'nowhere' on PATH");
        }
        assertThat(hook.toFile().setExecutable(true)).isTrue();
        assertThat(lib.traffic
            .Hooks.missing(
                Config.load(project.folder, java.util.Map.of("hooks.pre-deploy", "./migrate.sh"))))
            .isEmpty();
        asBefore(standby);
    }

    private static String[] with(String[] some, String... more) {
        return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
    }

    @Test void a_port_that_somebody_holds_is_found_before_the_standby_is_stopped() throws IOException {
        var standby = container(Colour.BLUE);
        try (var other = new ServerSocket(0)) {
            var said = Bluegreen.code(3, project, "deploy", "--version", "2", "--no-build", "--set",
                "ports.blue=" + other.getLocalPort());
            assertThat(said.text()).contains("port " + other.getLocalPort() + " is taken");
        }
        asBefore(standby);
    }

    @Test void an_app_that_hangs_fails_its_checks_and_nothing_breaks() throws IOException {
        for (Colour colour : Colour.values()) Docker.call("kill", "--signal", "STOP", Bluegreen.id(project, colour));
        try {
            assertThat(Bluegreen.code(3, project, "validate").text())
                .contains("no answer within")
                .doesNotContain("Exception")
                .doesNotContain("broke");
        } finally {
            for (Colour colour : Colour.values())
                Docker.call("kill", "--signal", "CONT", Bluegreen.id(project, colour));
        }
    }

    /** The file that pins the images is a folder here: neither root nor its owner can read or write that. */
    @Test void the_way_back_needs_neither_compose_files_nor_a_file_that_can_be_read_or_written() throws IOException {
        Path file = project.folder.resolve(".deployment/compose.env");
        Path kept = Files.move(file, project.folder.resolve("kept.env"));
        Files.createDirectories(file.resolve("not-empty"));
        try {
            String[] broken = {"--set", "compose.files=/nowhere.yml"};
            Docker.call("stop", Bluegreen.id(project, Colour.BLUE));
            assertThat(Bluegreen.ok(project, "status", broken).text()).contains("rollback to blue 2");
            Bluegreen.ok(project, "switch", "--rollback", "--plan", "--set", broken[1]);
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--set", broken[1]);
            assertThat(Bluegreen.get(project, "/api/echo")).startsWith("blue 2");
            Bluegreen.ok(project, "deploy", "--version", "1", "--no-build", "--monitor", "0s");
        } finally {
            Files.delete(file.resolve("not-empty"));
            Files.delete(file);
            Files.move(kept, file);
        }
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith("green 1");
    }

    @Test void a_checkout_with_an_old_file_means_the_images_that_run() throws IOException {
        Path file = project.folder.resolve(".deployment/compose.env");
        String pins = Files.readString(file);
        var blue = container(Colour.BLUE);
        Files.writeString(file, pins.replace(blue.image(), container(Colour.GREEN).image())
            .replace("BLUE_VERSION='2'", "BLUE_VERSION='1'"));
        var stack = new Stack(project.config());
        assertThat(stack.pinnedImage(Colour.BLUE)).contains(blue.image());
        assertThat(stack.compose(Duration.ofSeconds(30), "config").out()).contains(blue.image());
        assertThat(Files.readString(file)).isEqualTo(pins);
    }
}
