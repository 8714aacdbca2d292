import static load.Project.renamedAt;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.http.Connection;
import lib.process.Command;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** A new version is bad: how soon it is gone, whatever goes on beside the watch. */
@Tag(All.QUIET)
class FaultBadVersionTest extends Faults {
    /**
     * ms from the rename to the rollback: a few samples and no hook's 60 s, on a slow machine as well; see bench
     * rollback.
     */
    private static final long SOON = 20_000;

    FaultBadVersionTest() throws IOException { super("bad", "A bad version"); }

    @TestFactory Stream<DynamicTest> the_watch_decides() {
        return Stream.of(
            row("a new version answers 500 while an old request runs for 30 s and a post-switch hook for 60 s", 100_000,
                () -> {
                    String version = r.version();
                    bad(version, "ENV ERROR_SHARE=1");
                    long back = backAfter(version, "hooks.post-switch=sleep\n60");
                    assertThat(back).as("ms from the rename to the rollback").isLessThan(SOON);
                    r.countFrom(System.currentTimeMillis());
                }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("a new version dies 1 s after the switch, the old one is warm", 0, () -> {
                String version = r.version();
                bad(version, "ENV CLOSES=yes");
                var to = active().other();
                var death = new AtomicReference<CompletableFuture<Void>>();
                var said = project.run(
                    line -> { if (line.contains("✓ switch")) death.set(CompletableFuture.runAsync(() -> dies(to))); },
                    "deploy", "--version", version, "--no-build", "--monitor", "30s");
                death.get().join();
                assertThat(said.code()).as(said.text()).isEqualTo(6);
                var moves = said.events("switched");
                assertThat(renamedAt(moves.getLast()) - renamedAt(moves.getFirst()))
                    .as("ms from the rename to the rollback")
                    .isLessThan(SOON);
            }, next("deploy", "--version", r.version(), "--monitor", "0s")));
    }

    /** From the rename to the rollback, in ms; what runs beside is ended then. */
    private long backAfter(String version, String hook) throws Exception {
        var slow = Thread.ofVirtual().start(() -> slowRequest(30_000));
        Thread.sleep(300);
        var deploy = project.start("deploy", "--version", version, "--no-build", "--monitor", "30s", "--set", hook);
        Thread.ofVirtual().start(() -> deploy.errorReader().lines().forEach(_ -> {}));
        long switched = 0, back = 0;
        for (String line; back == 0 && (line = deploy.inputReader().readLine()) != null;) {
            var event = lib.core.Json.read(line).orElseThrow();
            if (!event.path("event").asText().equals("switched")) continue;
            if (switched == 0) switched = renamedAt(event);
            else back = renamedAt(event);
        }
        deploy.toHandle().destroy();        // SIGTERM: the hook is not waited for
        Thread.ofVirtual().start(() -> deploy.inputReader().lines().forEach(_ -> {}));
        assertThat(deploy.waitFor(30, TimeUnit.SECONDS)).as("it ends with the hook").isTrue();
        assertThat(deploy.exitValue()).isEqualTo(6);
        slow.interrupt();
        return back - switched;
    }

    private void slowRequest(int ms) {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(40))) {
            connection.get("/slow?ms=" + ms);
        } catch (IOException e) {
            return;         // interrupted at the end of the row
        }
    }

    /**
     * A second from now, between two requests: nobody gets in any more, and when those who are in have their answer the
     * kernel takes it. A process that only stopped listening would lose what the kernel had accepted for it.
     */
    private void dies(Colour colour) {
        String id = Bluegreen.id(project, colour);
        String process = Command.of(Duration.ofSeconds(10), "docker", "inspect", "--format", "{{.State.Pid}}", id)
            .run()
            .out()
            .strip();
        try {
            Thread.sleep(1000);
            var refused = Command.of(Duration.ofSeconds(10), "nsenter", "--target", process, "--net", "iptables",
                "--insert", "INPUT",
                "--protocol", "tcp", "--dport", "3008", "--syn", "--jump", "REJECT", "--reject-with", "tcp-reset")
                .run();
            assertThat(refused.ok()).as(refused.err()).isTrue();
            Thread.sleep(300);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        docker("kill", id);
    }
}
