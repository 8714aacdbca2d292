import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;

/**
 * Our own process is killed at any moment, told to stop, or there twice: no request fails, and the next command
 * recovers.
 */
@Order(3)
class FaultKilledTest extends Faults {
    private static final Duration AT_ONCE = Duration.ZERO, HALF_WAY = Duration.ofMillis(60);

    FaultKilledTest() throws IOException { super("killed", "Killed, stopped, or there twice"); }

    /** The next command in turn: the same deploy again, --resume, --abort, and another version. */
    @TestFactory @Order(1)
    Stream<DynamicTest> kill_9_of_deploy() {
        var rows = new ArrayList<DynamicTest>();
        for (String at : List.of("build begin", "build done", "failover begin", "failover done", "stop begin",
            "stop done", "start begin", "start done", "health begin", "health done",
            "switch begin", "switch done", "drain begin", "drain done", "watch begin", "watch done", "images begin",
            "images done")) {
            String version = r.version(), another = r.version(), step = at.split(" ")[0];
            boolean during = at.endsWith("begin");
            int turn = rows.size() % 4;
            var then = switch (step.equals("images") ? 0 : turn) {
                case 0 -> next("deploy", "--version", version, "--monitor", "0s");
                case 1 -> next("deploy", "--resume");
                case 2 -> next("deploy", "--abort");
                default -> next("deploy", "--version", another, "--monitor", "0s");
            };
            rows.add(row(
                "kill -9 of `deploy` " + (during ? "during " : "after ") + step
                    + (at.startsWith("failover") ? " off" : ""),
                0,
                () -> r.killedAt(at, during ? HALF_WAY : AT_ONCE, "deploy", "--version", version, "--monitor", "1s"),
                then));
        }
        return rows.stream();
    }

    @TestFactory @Order(2)
    Stream<DynamicTest> kill_9_of_switch() {
        var rows = new ArrayList<DynamicTest>();
        for (String via : List.of("instant", "reload"))
            for (String at : List.of("rollback begin", "rollback done", "drain begin")) {
                boolean during = at.endsWith("begin");
                rows.add(row(
                    "kill -9 of `switch --rollback --via " + via + "` " + (during ? "during the " : "after the ")
                        + at.split(" ")[0],
                    0,
                    () -> r.killedAt(at, during ? HALF_WAY : AT_ONCE, "switch", "--rollback", "--via", via),
                    next("switch", "--rollback", "--no-drain")));
            }
        return rows.stream();
    }

    @TestFactory @Order(3)
    Stream<DynamicTest> sigterm() {
        return Stream.of("build begin", "stop begin", "health begin", "switch begin", "watch begin").map(at -> {
            String version = r.version();
            return row("SIGTERM to `deploy` during " + at.split(" ")[0], 0,
                () -> r.terminatedAt(at, "deploy", "--version", version, "--monitor", "20s"),
                at.startsWith("health") || at.startsWith("watch")
                    ? next("deploy", "--abort")
                    : next("deploy", "--resume", "--monitor", "1s"));
        });
    }

    @TestFactory @Order(4)
    Stream<DynamicTest> two_people() {
        return Stream.of(row("two deploys in the same second", 0, () -> {
            String one = r.version(), two = r.version();
            var first = project.start("deploy", "--version", one, "--monitor", "1s");
            var second = project.start("deploy", "--version", two, "--monitor", "1s");
            var said = Stream.of(first, second).map(p -> {
                Thread.ofVirtual().start(() -> p.inputReader().lines().forEach(_ -> {}));
                return p.errorReader().lines().reduce("", (a, b) -> a + b + "\n");
            }).toList();
            assertThat(List.of(first.waitFor(), second.waitFor())).as(said.toString()).containsExactlyInAnyOrder(0, 4);
            assertThat(said.get(first.exitValue() == 4 ? 0 : 1))
                .contains("locked")
                .contains("deploy " + (first.exitValue() == 4 ? two : one));
        }, next("switch", "--rollback", "--no-drain")));
    }
}
