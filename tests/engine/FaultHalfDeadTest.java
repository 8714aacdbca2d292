import static load.Project.renamedAt;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;

/**
 * Something is half broken: a colour that runs and does not answer, a call that fails once after the switch, a rename
 * that is not taken.
 */
@Order(4)
class FaultHalfDeadTest extends Faults {
    /** The generations lie on a disk that can be filled. */
    FaultHalfDeadTest() throws IOException {
        super("half", "Half dead", "volumes: {active: {driver_opts: {type: tmpfs, device: tmpfs, o: size=2m}}}");
    }

    @TestFactory @Order(1)
    Stream<DynamicTest> the_active_colour_does_not_answer() {
        return Stream.of(
            row("the active colour cut off from its network; a candidate that never gets healthy", 2 * CLIENTS, () -> {
                var answers = active().other();
                String id = Bluegreen.id(project, answers), network = project.name + "_edge";
                sick("sick-1");
                docker("network", "disconnect", network, Bluegreen.id(project, active()));
                var said = Bluegreen.code(5, project, "deploy", "--version", "sick-1", "--no-build", "--set",
                    "health.timeout=4s");
                r.countFrom(renamedAt(said.event("switched")));
                assertThat(Bluegreen.serving(project).active())
                    .as("the traffic went to the colour that answers")
                    .isEqualTo(answers);
                assertThat(Bluegreen.id(project, answers)).as("which nobody touched").isEqualTo(id);
            }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("the active colour frozen (SIGSTOP)", 0, () -> {
                String frozen = Bluegreen.id(project, active());
                docker("kill", "--signal", "STOP", frozen);
                var deploy = r.until("switch done", "deploy", "--version", r.version(), "--monitor", "1s");
                r.countFrom(System.currentTimeMillis());
                docker("kill", "--signal", "CONT", frozen);         // else its stop takes the whole grace
                deploy.inputReader().lines().forEach(_ -> {});
                assertThat(deploy.waitFor()).isZero();
            }, next("switch", "--rollback", "--no-drain")),
            row("the active colour paused for 2 s as a deploy begins; what never got healthy runs in the other one", 0,
                () -> {
                    String version = r.version();
                    sick("sick-4");
                    Bluegreen.code(5, project, "deploy", "--version", "sick-4", "--no-build", "--set",
                        "health.timeout=4s");
                    docker("pause", Bluegreen.id(project, active()));
                    var again = CompletableFuture.runAsync(() -> docker("unpause", Bluegreen.id(project, active())),
                        CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS));
                    var said = Bluegreen.ok(project, "deploy", "--version", version, "--monitor", "0s");
                    again.join();
                    assertThat(said.events("switched")).as(said.text()).hasSize(1);
                }, next("switch", "--rollback", "--no-drain")),
            row("the active colour frozen; what was rolled back runs in the other one; `switch --rollback`", 100_000,
                () -> {
                    String good = r.version(), bad = r.version(), before = Bluegreen.version(project);
                    Bluegreen.ok(project, "deploy", "--version", good, "--monitor", "0s");
                    bad(bad, "ENV ERROR_SHARE=1");
                    Bluegreen.code(6, project, "deploy", "--version", bad, "--no-build", "--monitor", "30s");
                    String frozen = Bluegreen.id(project, active());
                    docker("kill", "--signal", "STOP", frozen);
                    Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
                    docker("kill", "--signal", "CONT", frozen);
                    assertThat(Bluegreen.version(project))
                        .as("the last one that was good before")
                        .isEqualTo(before);
                    r.countFrom(System.currentTimeMillis());
                }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("what serves never answered as health.require asks now; a candidate that never gets healthy", 0, () -> {
                String odd = r.version();
                Bluegreen.image(project, odd,
                    "FROM " + project.name + ":bluegreen-" + active() + "\nENV APP_VERSION=another");
                Bluegreen.ok(project, "deploy", "--version", odd, "--no-build", "--monitor", "0s", "--set",
                    "health.require=status");
                var serves = active();
                sick("sick-5");
                Bluegreen.code(5, project, "deploy", "--version", "sick-5", "--no-build", "--set", "health.timeout=4s");
                assertThat(active()).as("the traffic stays where it is answered").isEqualTo(serves);
                Bluegreen.ok(project, "deploy", "--version", r.version(), "--monitor", "0s");
            }, next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("the active colour killed, then `switch --retire`", 2 * CLIENTS, () -> {
                docker("kill", Bluegreen.id(project, active()));
                Thread.sleep(1500);
                assertThat(Bluegreen.code(3, project, "switch", "--retire", "--set", "standby=1s").text())
                    .contains(active().other() + " answers your users");
            }, next("deploy", "--version", r.version(), "--monitor", "0s")));
    }

    @TestFactory @Order(2)
    Stream<DynamicTest> one_call_fails_after_the_switch() {
        var calls = Map.of("reading Nginx's connections", "exec .*/proc/net/tcp.*", "reading its clock",
            "exec .*date.*",
            "listing containers", "GET /containers/json.*", "inspecting a container", "GET /containers/[^/]+/json.*");
        return calls.entrySet().stream().map(call -> {
            String version = r.version();
            return row("after the switch, " + call.getKey() + " fails once at the engine; the new version answers 500",
                100_000, () -> {
                    bad(version, "ENV ERROR_SHARE=1");
                    var failing = new FailsOnce(call.getValue(), Bluegreen.serving(project).green());
                    withEngine(failing, () -> Bluegreen.code(6, project, "deploy", "--version", version, "--no-build",
                        "--monitor", "30s"));
                    assertThat(failing.failed).as("the call was made, and failed").isTrue();
                    r.countFrom(System.currentTimeMillis());
                }, next("deploy", "--version", r.version(), "--monitor", "0s"));
        });
    }

    @TestFactory @Order(3)
    Stream<DynamicTest> a_rename_that_is_not_taken() {
        return Stream.of(
            row("each `sync` takes 17 s", 0,
                () -> withSlowSync(17, () -> Bluegreen.ok(project, "switch", "--rollback", "--no-drain")),
                next("switch", "--rollback", "--no-drain")),
            row("each `sync` takes 28 s", 0,
                () -> withSlowSync(28,
                    () -> assertThat(Bluegreen.code(5, project, "switch", "--rollback", "--no-drain").text())
                        .contains("longer than 25 s")),
                next("switch", "--rollback", "--no-drain")),
            row("the disk of the generations full, then `switch --rollback`", 0, () -> {
                Bluegreen.nginx(project, "sh", "-c",
                    "dd if=/dev/zero of=/etc/nginx/active/filler bs=4k 2>/dev/null; true");
                assertThat(Bluegreen.nginx(project, "sh", "-c", "echo more >/etc/nginx/active/more").ok())
                    .as("it is full")
                    .isFalse();
                Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
                Bluegreen.nginx(project, "rm", "/etc/nginx/active/filler");
            }, next("switch", "--rollback", "--no-drain")));
    }

    private void sick(String version) {
        Bluegreen.image(project, version, "FROM " + project.name + ":bluegreen-" + active()
            + "\nENTRYPOINT [\"sh\", \"-c\", \"trap exit TERM; sleep 1000 & wait\"]");
    }

    /** The first request like this after the traffic was moved to another colour. */
    private static final class FailsOnce implements Faulty.Rule {
        private static final Pattern INSTALL = Pattern.compile("generation.sh.*\"(0|100)\",\"(backed|alone)\"");
        private final String request;
        private final int before;
        private volatile boolean switched, failed;

        FailsOnce(String request, int greenBefore) {
            this.request = request;
            this.before = greenBefore;
        }

        @Override public synchronized Faulty.Fate of(String asked) {
            var install = INSTALL.matcher(asked);
            if (install.find() && Integer.parseInt(install.group(1)) != before)
                return new Faulty.Fate.PassAnd(() -> switched = true);
            if (!switched || failed || !asked.matches("(?s)" + request)) return new Faulty.Fate.Pass();
            failed = true;
            return new Faulty.Fate.Refused("the test says so");
        }
    }
}
