import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import load.Project;
import lib.nginx.Lock;
import lib.docker.Engine;
import lib.core.Colour;
import lib.core.Console;
import lib.http.Probe;
import lib.nginx.Reach;
import lib.core.Threads;
import java.util.concurrent.CompletableFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.process.Command;
import lib.stack.Stack;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;

/** Somebody is late, or two act at once, from one checkout or two; a person ends what is at work; the way back. */
@Order(2)
class FaultLateTest extends Faults {
    FaultLateTest() throws IOException {
        super("late", "Late, twice at once, and the way back");
        project.hearing();
    }

    /** What others do before {@code come}: until then a deploy's order to stop its standby is on its way. */
    private interface Meanwhile { void act(Colour standby, Runnable come) throws Exception; }

    private void lateStop(Meanwhile others) throws Exception {
        String version = r.version();
        var late = new AtomicBoolean();
        var comes = new CompletableFuture<Void>();
        withEngine(asked -> {
            if (asked.matches("POST /containers/[^/]+/stop.*") && !late.getAndSet(true)) comes.join();
            return new Faulty.Fate.Pass();
        }, () -> {
            var standby = active().other();
            var deploy = r.until("stop begin", "deploy", "--version", version, "--monitor", "20s");
            while (!late.get() && deploy.isAlive()) Thread.sleep(50);
            others.act(standby, () -> comes.complete(null));
            deploy.inputReader().lines().forEach(_ -> {});
            assertThat(deploy.waitFor()).isEqualTo(4);
            assertThat(active()).isEqualTo(standby);
            assertThat(new Stack(project.config()).container(standby).orElseThrow().running())
                .as("it runs again")
                .isTrue();
        });
        assertThat(late).as("the stop came").isTrue();
    }

    private URI health(Colour colour) { return URI.create(Reach.healthUrl(project.config(), colour)); }

    @TestFactory @Order(1)
    Stream<DynamicTest> late() {
        return Stream.of(
            row("a late install of a killed deployer", 0, () -> withSlowSync(4, () -> {
                r.killedAt("rollback begin", Duration.ofMillis(1500), "switch", "--rollback", "--no-drain");
                var before = Bluegreen.serving(project);
                Thread.sleep(6000);
                assertThat(Bluegreen.serving(project)).as("it was refused").isEqualTo(before);
            }), next("switch", "--rollback", "--no-drain")),
            row("the engine answers an order with an error, and does it all the same 0.3 s later", 0, () -> {
                var before = Bluegreen.serving(project);
                var first = new AtomicBoolean(true);
                withEngine(asked -> asked.matches("(?s)exec .*generation.sh.*install.*") && first.getAndSet(false)
                    ? new Faulty.Fate.RefusedAndDone(Duration.ofMillis(300), "i/o timeout")
                    : new Faulty.Fate.Pass(),
                    () -> Bluegreen.code(5, project, "switch", "--rollback", "--no-drain"));
                assertThat(first).as("the order came").isFalse();
                Thread.sleep(3000);
                assertThat(Bluegreen.serving(project))
                    .as("what was said to serve")
                    .isEqualTo(before.renumbered(Bluegreen.serving(project).number()));
            }, next("switch", "--rollback", "--no-drain")),
            row("a `docker stop` of a deploy comes to the engine when a `switch --rollback --take-over` has given that colour the traffic",
                2 * CLIENTS, () -> lateStop((to, come) -> {
                    Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--take-over");
                    assertThat(active()).isEqualTo(to);
                    come.run();
                }), next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("a `docker stop` of a deploy comes to the engine while a `switch --rollback --take-over` waits for that colour's health",
                2 * CLIENTS, () -> lateStop((to, come) -> {
                    var back = r.until("health begin", "switch", "--rollback", "--no-drain", "--take-over", "--set",
                        "health.stable=3s");
                    while (!Probe.once(health(to), Duration.ofSeconds(1)).good()) Thread.sleep(50);
                    come.run();
                    back.inputReader().lines().forEach(_ -> {});
                    assertThat(back.waitFor()).isZero();
                }), next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("Nginx restarted while a deploy waits in a hook; a colleague switches back; the deploy goes on",
                100_000, () -> {
                    String version = r.version();
                    var go = project.folder.resolve("go");
                    var deploy = r.until("hook begin", "deploy", "--version", version, "--monitor", "1s", "--set",
                        "hooks.pre-switch=sh\n-c\nuntil [ -e " + go + " ]; do sleep 0.2; done");
                    docker("restart", Bluegreen.id(project, "nginx"));
                    for (int i = 0; i < 300 && lib.nginx.Nginx.serving(project.config()).isEmpty(); i++)
                        Thread.sleep(100);
                    var colleague = Bluegreen.serving(project);
                    Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
                    long switched = Bluegreen.serving(project).number();
                    assertThat(switched).isGreaterThan(colleague.number());
                    Files.createFile(go);
                    String said = deploy.inputReader().lines().collect(Collectors.joining("\n"));
                    assertThat(deploy.waitFor()).as(said).isEqualTo(4);
                    assertThat(Bluegreen.serving(project).number())
                        .as("the colleague's switch stands")
                        .isEqualTo(switched);
                    r.countFrom(System.currentTimeMillis());
                }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("a certificate renewed, again and again, while the traffic is switched both ways", 0, () -> {
                var stop = new AtomicBoolean();
                var renewing = Thread.ofPlatform().start(() -> {
                    while (!stop.get()) Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh");
                });
                for (String via : List.of("instant", "reload", "reload", "instant")) {
                    Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--via", via);
                    var switched = Bluegreen.serving(project);
                    Thread.sleep(1500);
                    assertThat(Bluegreen.serving(project)).as("no old configuration came back").isEqualTo(switched);
                }
                stop.set(true);
                renewing.join();
            }, next("switch", "--rollback", "--no-drain")));
    }

    @TestFactory @Order(2)
    Stream<DynamicTest> take_over() {
        return Stream.of("build begin", "watch begin").map(at -> {
            String version = r.version();
            return row("`switch --rollback --take-over` while a deploy is at its " + at.split(" ")[0], 0, () -> {
                var deploy = r.until(at, "deploy", "--version", version, "--monitor", "20s");
                var before = Bluegreen.serving(project);
                Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--take-over");
                var back = Bluegreen.serving(project);
                assertThat(back.active()).isNotEqualTo(before.active());
                deploy.inputReader().lines().forEach(_ -> {});
                assertThat(deploy.waitFor()).isEqualTo(4);
                assertThat(Bluegreen.serving(project).active())
                    .as("the deploy changed nothing after that")
                    .isEqualTo(back.active());
            }, next("switch", "--rollback", "--no-drain"));
        });
    }

    /** The rollback ends the candidate that the deploy waits for. */
    @TestFactory @Order(2)
    Stream<DynamicTest> take_over_of_a_gate() {
        String version = r.version();
        return Stream.of(row("`switch --rollback --take-over` while a deploy waits for health", 0, () -> {
            bad(version, "ENTRYPOINT [\"sh\", \"-c\", \"trap exit TERM; sleep 1000 & wait\"]");
            var deploy = r.until("health begin", "deploy", "--version", version, "--no-build");
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--take-over");
            deploy.inputReader().lines().forEach(_ -> {});
            assertThat(deploy.waitFor()).isEqualTo(4);
        }, next("switch", "--rollback", "--no-drain")));
    }

    @TestFactory @Order(2)
    Stream<DynamicTest> take_over_of_a_start() {
        String version = r.version();
        return Stream.of(row("`switch --rollback --take-over` while a deploy waits for `docker compose up`", 0, () -> {
            var started = new AtomicReference<Process>();
            withDocker("slow-docker", "case \"$*\" in compose*\\ up\\ *app-*) sleep 8 ;; esac",
                () -> started.set(r.until("start begin", "deploy", "--version", version, "--monitor", "20s")));
            var deploy = started.get();
            Bluegreen.ok(project, "switch", "--rollback", "--no-drain", "--take-over");
            String serves = Bluegreen.id(project, active());
            deploy.inputReader().lines().forEach(_ -> {});
            assertThat(deploy.waitFor()).isEqualTo(4);
            Thread.sleep(9000);
            assertThat(Bluegreen.id(project, active())).as("nobody replaced what serves").isEqualTo(serves);
        }, next("deploy", "--version", r.version(), "--monitor", "0s")));
    }

    @TestFactory @Order(3)
    Stream<DynamicTest> two_checkouts() {
        return Stream.of("deploy --abort", "deploy --version").map(then -> {
            String ours = r.version(), theirs = r.version(), third = r.version();
            return row("checkout A's deploy killed, B releases, A runs `" + then + "`", 0, () -> {
                r.killedAt("health begin", Duration.ZERO, "deploy", "--version", ours, "--monitor", "1s");
                try (var other = checkout()) {
                    assertThat(Command.of(Duration.ofMinutes(3), Bluegreen.HOME.resolve("bluegreen").toString(),
                        "deploy", "-C", other.folder.toString(), "--version", theirs, "--monitor", "1s")
                        .with(java.util
                            .Map.of("BLUEGREEN_BUILD_DOCKERFILE",
                                Bluegreen.HOME.resolve("tests/fixtures/faulty/Dockerfile").toString()))
                        .run()
                        .code()).isZero();
                }
                assertThat(Bluegreen.version(project)).isEqualTo(theirs);
                var said = then.endsWith("--abort")
                    ? Bluegreen.code(2, project, "deploy", "--abort")
                    : Bluegreen.ok(project, "deploy", "--version", third, "--monitor", "1s");
                assertThat(said.text()).doesNotContain("back to");
                if (then.endsWith("--version")) Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
                assertThat(Bluegreen.version(project))
                    .as("B's release stays, or is the way back")
                    .isEqualTo(theirs);
            }, next("switch", "--rollback", "--no-drain"));
        });
    }

    private record Checkout(Path folder) implements AutoCloseable {
        @Override public void close() { Command.of(Duration.ofSeconds(10), "rm", "-rf", folder.toString()).run(); }
    }

    /** The same project as a colleague has it: configuration and nginx folder, and nothing that a run left behind. */
    private Checkout checkout() throws IOException {
        Path folder = Files.createTempDirectory("checkout-");
        String yaml = Files.readString(project.folder.resolve("bluegreen.yaml"))
            .replace("\nnginx: nginx\n", "\nnginx: " + project.folder.resolve("nginx") + "\n");
        Files.writeString(folder.resolve("bluegreen.yaml"), yaml);
        return new Checkout(folder);
    }

    @TestFactory @Order(4)
    Stream<DynamicTest> the_way_back() {
        return Stream.of(
            row("a version that never served is in the standby, then `switch --rollback`", 0, () -> {
                String good = r.version(), never = r.version();
                Bluegreen.ok(project, "deploy", "--version", good, "--monitor", "1s");
                String before = Bluegreen.ok(project, "status")
                    .event("status")
                    .at("/" + active().other() + "/version")
                    .asText();
                Bluegreen.ok(project, "deploy", "--version", never, "--no-switch");
                assertThat(Bluegreen.ok(project, "status").text())
                    .contains("to " + before + ", started in " + active().other());
                Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
                assertThat(Bluegreen.version(project)).isEqualTo(before);
            }, next("switch", "--rollback", "--no-drain")),
            row("two `switch --rollback` at once, both wait for the lock", 0, () -> {
                Bluegreen.ok(project, "deploy", "--version", r.version(), "--monitor", "1s");
                var serves = active();
                var both = new ArrayList<CompletableFuture<Project.Said>>();
                var nginx = new Stack(project.config()).nginx();
                try (var _ = Lock.take(Engine.here(), nginx, "a test", Lock.Patience.of(Duration.ZERO),
                    new Console(false, "%s"))) {
                    for (int i = 0; i < 2; i++)
                        both.add(Threads.ask(
                            () -> project.run("switch", "--rollback", "--no-drain", "--wait-lock", "30s")));
                    Thread.sleep(4000);         // for both to begin to wait
                }
                var said = both.stream().map(CompletableFuture::join).toList();
                assertThat(said.stream().map(Project.Said::code)).containsExactlyInAnyOrder(0, 4);
                assertThat(said.stream().map(Project.Said::text)).anyMatch(t -> t.contains("rolled back already"));
                assertThat(active()).isEqualTo(serves.other());
            }, next("switch", "--rollback", "--no-drain")),
            row("a deploy whose health gate failed, then `switch --rollback`", 0, () -> {
                String before = Bluegreen.ok(project, "status")
                    .event("status")
                    .at("/" + active().other() + "/version")
                    .asText();
                Bluegreen.image(project, "sick-2",
                    "FROM " + project.name + ":bluegreen-" + active() + "\nENV APP_VERSION=sick-2 CRASH_AT_START=yes");
                Bluegreen.code(5, project, "deploy", "--version", "sick-2", "--no-build", "--set",
                    "health.timeout=20s");
                assertThat(Bluegreen.ok(project, "status").text())
                    .contains("of sick-2")
                    .contains("failed")
                    .contains("--abort");
                Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
                assertThat(Bluegreen.version(project)).isEqualTo(before);
            }, next("switch", "--rollback", "--no-drain")),
            row("a deploy that failed where the standby had been stopped, then `deploy --abort`", 0, () -> {
                var standby = active().other();
                String image = image(Bluegreen.id(project, standby));
                docker("stop", Bluegreen.id(project, standby));
                Bluegreen.image(project, "sick-3",
                    "FROM " + project.name + ":bluegreen-" + active() + "\nENV APP_VERSION=sick-3 CRASH_AT_START=yes");
                Bluegreen.code(5, project, "deploy", "--version", "sick-3", "--no-build", "--set",
                    "health.timeout=20s");
                Bluegreen.ok(project, "deploy", "--abort");
                var now = new lib.stack.Stack(project.config()).container(standby).orElseThrow();
                assertThat(now.running()).as("it is stopped again").isFalse();
                assertThat(now.image()).isEqualTo(image);
            }, next("switch", "--rollback", "--no-drain")),
            row("a broken compose file and a folder that cannot be written, then `switch --rollback`", 0,
                this::nothingButTheEngine, next("switch", "--rollback", "--no-drain")));
    }

    private void nothingButTheEngine() throws Exception {
        Path broken = Files.writeString(Files.createTempFile("broken", ".yml"), "services: [this is no compose file");
        project.variable("BLUEGREEN_COMPOSE_FILES", broken.toString());
        assertThat(
            Command.of(Duration.ofSeconds(10), "mount", "--bind", project.folder.toString(), project.folder.toString())
                .run()
                .ok())
            .isTrue();
        try {
            assertThat(Command.of(Duration.ofSeconds(10), "mount", "-o", "remount,bind,ro", project.folder.toString())
                .run()
                .ok()).isTrue();
            assertThat(Bluegreen.ok(project, "switch", "--rollback", "--no-drain").text())
                .contains("cannot write the journal");
        } finally {
            Command.of(Duration.ofSeconds(10), "umount", project.folder.toString()).run();
            project.variable("BLUEGREEN_COMPOSE_FILES", null);
            Files.delete(broken);
        }
    }

    @TestFactory @Order(5)
    Stream<DynamicTest> signals() {
        return Stream.of("HUP smoke health", "INT deploy health", "HUP deploy health", "HUP deploy watch")
            .map(where -> {
                String signal = where.split(" ")[0], script = where.split(" ")[1], step = where.split(" ")[2],
                    version = r.version();
                return row("SIG" + signal + " to `" + script + "` during " + step, 0, () -> {
                    String standby = Bluegreen.id(project, active().other()), image = image(standby);
                    var process = script.equals("smoke")
                        ? r.until(step + " begin", script, "--version", version)
                        : r.until(step + " begin", script, "--version", version, "--monitor", "20s");
                    assertThat(Command.of(Duration.ofSeconds(5), "kill", "-" + signal, String.valueOf(process.pid()))
                        .run()
                        .ok()).isTrue();
                    process.inputReader().lines().forEach(_ -> {});
                    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                    assertThat(process.exitValue()).isEqualTo(signal.equals("INT") ? 130 : 143);
                    if (!step.equals("watch"))
                        assertThat(image(Bluegreen.id(project, active().other())))
                            .as("the standby is put back")
                            .isEqualTo(image);
                    if (step.equals("watch")) Bluegreen.ok(project, "deploy", "--abort");
                }, next("switch", "--rollback", "--no-drain"));
            });
    }

    private static String image(String container) {
        return Command.of(Duration.ofSeconds(10), "docker", "inspect", "--format", "{{.Image}}", container)
            .run()
            .out()
            .strip();
    }
}
