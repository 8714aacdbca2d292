import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.nginx.Nginx;
import lib.process.Command;
import lib.state.State;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;

/**
 * What is around our process breaks, or lies: containers, the active folder, Nginx's configuration, the engine's API,
 * the clock, the disk.
 */
@Order(1)
class FaultAroundTest extends Faults {
    /** Each connection waits for 2 s; or for ever. */
    private static final Faulty.Rule SLOW = _ -> new Faulty.Fate.Delayed(Duration.ofSeconds(2)),
        HANGS = _ -> new Faulty.Fate.Delayed(Duration.ofHours(1));

    FaultAroundTest() throws IOException {
        super("around", "Containers, files, Nginx, the engine's API, the clock, the disk");
    }

    @TestFactory @Order(1)
    Stream<DynamicTest> containers() {
        return Stream.of(
            row("the active colour killed (failover)", 2 * CLIENTS, () -> {
                docker("kill", Bluegreen.id(project, active()));
                Thread.sleep(2000);
                assertThat(Bluegreen.ok(project, "status").text())
                    .contains("failover: " + active().other() + " answered");
            }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("the address of the active colour gone from the DNS", 2 * CLIENTS, () -> {
                String network = project.name + "_edge", id = Bluegreen.id(project, active());
                docker("network", "disconnect", network, id);
                Thread.sleep(3000);
                docker("network", "connect", "--alias", "app-" + active(), network, id);
            }, next("switch", "--rollback", "--no-drain")),
            row("the standby killed while its health is awaited", 0, () -> {
                var colour = active().other();
                String version = r.version();
                Bluegreen.image(project, version, "FROM " + project.name + ":bluegreen-" + colour
                    + "\nENTRYPOINT [\"sh\", \"-c\", \"trap exit TERM; sleep 1000 & wait\"]");
                var deploy = project.start("deploy", "--version", version, "--no-build", "--set", "health.timeout=6s");
                Thread.ofVirtual().start(() -> deploy.errorReader().lines().forEach(_ -> {}));
                for (String line; (line = deploy.inputReader().readLine()) != null && !line.contains("\"health\""););
                docker("kill", Bluegreen.id(project, colour));
                deploy.inputReader().lines().forEach(_ -> {});
                assertThat(deploy.waitFor()).isEqualTo(5);
            }, next("deploy", "--abort")),
            row("the standby's container removed by hand", 0,
                () -> docker("rm", "--force", Bluegreen.id(project, active().other())),
                next("switch", "--rollback", "--no-drain")),
            row("`docker compose up` by hand", 0, () -> {
                var config = project.config();
                docker("compose", "--project-name", project.name, "--env-file",
                    config.folder().resolve("compose.env").toString(), "--file",
                    config.composeFiles().getFirst().toString(), "up", "--detach", "--no-build");
            }, next("switch", "--rollback", "--no-drain")),
            row("everything stopped, as after a reboot", 100_000,
                () -> docker("stop", "--time", "5", Bluegreen.id(project, "nginx"), Bluegreen.id(project, Colour.BLUE),
                    Bluegreen.id(project, Colour.GREEN),
                    Bluegreen.id(project, "redis"), Bluegreen.id(project, "postgres")),
                next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("Nginx killed and started again", 100_000, () -> {
                docker("kill", Bluegreen.id(project, "nginx"));
                docker("start", Bluegreen.id(project, "nginx"));
            }, next("switch", "--rollback", "--no-drain")));
    }

    @TestFactory @Order(2)
    Stream<DynamicTest> the_active_folder() {
        return Stream.of(
            row("`active/` emptied", 0, () -> Bluegreen.nginx(project, "sh", "-c", "rm -rf /etc/nginx/active/*"),
                next("switch", "--rollback", "--no-drain")),
            row("`active/current` dangling", 0,
                () -> Bluegreen.nginx(project, "ln", "-sfn", "gen-999999", "/etc/nginx/active/current"),
                next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("a generation half written", 0,
                () -> Bluegreen.nginx(project, "sh", "-c",
                    "mkdir -p /etc/nginx/active/gen-900000/green; touch /etc/nginx/active/gen-900000/green/00"),
                next("switch", "--rollback", "--no-drain")),
            row("the state file lies: colours swapped", 0, () -> {
                var s = State.read(project.folder).state().orElseThrow();
                new State(s.active().other(), Optional.of(s.active()), s.lastSwitch(), s.previousVersion(), true,
                    s.generation(),
                    s.version()).write(project.folder);
            }, next("switch", "--rollback", "--no-drain")),
            row("the state file and the journal gone", 0, () -> {
                Files.delete(State.file(project.folder));
                Files.delete(project.folder.resolve(".deployment/journal.jsonl"));
            }, next("deploy", "--version", r.version(), "--monitor", "0s")));
    }

    @TestFactory @Order(3)
    Stream<DynamicTest> nginx_refuses() {
        var server = project.folder.resolve("nginx/server.conf");
        return Stream.of(
            row("the candidate configuration is poisoned", 0,
                () -> with(server, "\nserver { listen 81; proxy_poss http://nowhere; }\n",
                    () -> assertThat(Bluegreen.code(5, project, "switch", "--rollback", "--via", "reload").text())
                        .contains("proxy_poss")),
                next("switch", "--rollback", "--no-drain")),
            row("a reload that Nginx's master refuses", 0, () -> refusedReload(server),
                next("switch", "--rollback", "--no-drain", "--via", "reload")),
            row("the same from `instant` and from `reload`, then Nginx restarted", 100_000, () -> {
                for (String from : List.of("instant", "reload")) {
                    Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--via", from);
                    var served = Bluegreen.serving(project);
                    refusedReload(server);
                    docker("restart", Bluegreen.id(project, "nginx"));
                    for (int i = 0; i < 300 && Nginx.serving(project.config()).isEmpty(); i++) Thread.sleep(100);
                    assertThat(Bluegreen.serving(project).active())
                        .as("after the restart, from " + from)
                        .isEqualTo(served.active());
                }
                r.countFrom(System.currentTimeMillis());
            }, next("switch", "--rollback", "--no-drain", "--via", "reload")),
            row("back to `instant` after a reload", 0, () -> {}, next("switch", "--rollback", "--no-drain")));
    }

    /** nginx -t does not look at ports that are taken, and the master only logs what it fails at. */
    private void refusedReload(Path server) throws Exception {
        Bluegreen.nginx(project, "sh", "-c",
            "openssl s_server -accept 81 -cert /etc/nginx/certs/tls.crt -key /etc/nginx/certs/tls.key >/dev/null 2>&1 & echo $! >/tmp/squatter");
        Thread.sleep(300);
        with(server, "\nserver { listen 81; }\n",
            () -> assertThat(Bluegreen.code(5, project, "switch", "--rollback", "--via", "reload").text())
                .contains("no new worker"));
        Bluegreen.nginx(project, "sh", "-c", "kill $(cat /tmp/squatter)");
    }

    private static void with(Path file, String more, Reliability.Fault fault) throws Exception {
        String good = Files.readString(file);
        Files.writeString(file, good + more);
        try {
            fault.strike();
        } finally {
            Files.writeString(file, good);
        }
    }

    @TestFactory @Order(4)
    Stream<DynamicTest> around_it() {
        return Stream.of(
            row("the health of both colours flaps", 0, () -> {
                String redis = Bluegreen.id(project, "redis"), version = r.version();
                var deploy = r.until("build begin", "deploy", "--version", version, "--monitor", "6s");
                Thread.ofVirtual().start(() -> deploy.inputReader().lines().forEach(_ -> {}));
                while (deploy.isAlive()) {
                    docker("pause", redis);
                    Thread.sleep(1200);
                    docker("unpause", redis);
                    Thread.sleep(1200);
                }
                assertThat(deploy.exitValue()).as("well, never healthy, or rolled back").isIn(0, 5, 6);
            }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("the clock of the deployer jumps 3 days ahead", 0, () -> jumped("+3d"),
                next("switch", "--rollback", "--no-drain")),
            row("the clock of the deployer jumps 10 years back", 0, () -> jumped("-10y"),
                next("switch", "--rollback", "--no-drain")),
            row("the Docker API slow: 2 s a connection", 0,
                () -> withEngine(SLOW, () -> Bluegreen.ok(project, "switch", "--rollback", "--no-drain")),
                next("switch", "--rollback", "--no-drain")),
            row("the Docker API slow: 2 s a connection, and a colleague's deploy is at work", 0, () -> {
                var deploy = r.until("hook begin", "deploy", "--version", r.version(), "--monitor", "0s", "--set",
                    "hooks.pre-build=sleep\n30");
                withEngine(SLOW, () -> assertThat(Bluegreen.code(4, project, "switch", "--rollback").text())
                    .contains("locked: another deployer is at work"));
                r.countFrom(System.currentTimeMillis());
                deploy.inputReader().lines().forEach(_ -> {});
                assertThat(deploy.waitFor()).isZero();
            }, next("switch", "--rollback", "--no-drain")),
            row("the Docker API hangs", 0,
                () -> withEngine(HANGS,
                    () -> assertThat(Bluegreen.code(3, project, "switch", "--rollback").text())
                        .contains("Docker does not answer")),
                next("switch", "--rollback", "--no-drain")),
            row("the disk is full when the state is written", 0, this::diskFull,
                next("switch", "--rollback", "--no-drain")));
    }

    private void jumped(String by) throws Exception {
        var command = List.of("faketime", "-f", by, Bluegreen.HOME.resolve("bluegreen").toString(), "switch",
            "--rollback", "--no-drain", "-C", project.folder.toString());
        var builder = new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
        // Else the JVM's threads wait for a moment that is over, again and again, and take both cores.
        builder.environment().putAll(Map.of("FAKETIME_DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX", "0"));
        var process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }

    /** A small file system over the project's folder, filled to the last byte once the switch is on its way. */
    private void diskFull() throws Exception {
        Path folder = project.folder, kept = Files.createTempDirectory("kept");
        assertThat(Command.of(Duration.ofSeconds(10), "cp", "-a", folder + "/.", kept.toString()).run().ok()).isTrue();
        var mounted = Command.of(Duration.ofSeconds(10), "mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs",
            folder.toString()).run();
        assertThat(mounted.ok()).as("a tmpfs needs root: " + mounted.err()).isTrue();
        try {
            assertThat(Command.of(Duration.ofSeconds(10), "cp", "-a", kept + "/.", folder.toString()).run().ok())
                .isTrue();
            // ends with "no space left"
            Command.of(Duration.ofSeconds(10), "dd", "if=/dev/zero", "of=" + folder.resolve("filler"), "bs=4k").run();
            var said = project.run("switch", "--rollback", "--no-drain");
            assertThat(said.code()).as(said.text()).isIn(0, 5);
            assertThat(said.text()).contains("No space left");
            Command.of(Duration.ofSeconds(10), "cp", "-a", folder.resolve(".deployment-state.json").toString(),
                kept.toString()).run();
            Command.of(Duration.ofSeconds(10), "cp", "-a", folder + "/.deployment/.",
                kept.resolve(".deployment").toString()).run();
        } finally {
            Command.of(Duration.ofSeconds(10), "umount", folder.toString()).run();
        }
        assertThat(Command.of(Duration.ofSeconds(10), "cp", "-a", kept + "/.", folder.toString()).run().ok()).isTrue();
        Command.of(Duration.ofSeconds(10), "rm", "-rf", kept.toString()).run();
    }
}
