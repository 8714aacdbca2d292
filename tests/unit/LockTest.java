package lib.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.FakeEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The lock when its process in the Nginx container goes away; what that process does is nginx/lock.sh's, and tested
 * there.
 */
class LockTest {
    private static final int TAKEN = 75, KILLED = 137;

    private final FakeEngine engine = new FakeEngine();
    private final Deque<Integer> ends = new ArrayDeque<>();      // exit codes of the next holders, which end at once
    private volatile String note = "";
    private volatile boolean dies;                               // the one that holds it, at its next line
    private Lock lock;

    @BeforeEach void held() {
        String nginx = engine.add("shop", "nginx", "nginx:1.30");
        engine.program(command -> command.contains("take"), this::hold);
        engine.program(command -> command.contains("/dev/shm/bluegreen.lock.holder"), process -> {
            process.say(note);
            return 0;
        });
        lock = Lock.take(engine, engine.container(nginx).orElseThrow(), "deploy 2",
            Lock.Patience.of(Duration.ZERO), new Console(false, "%s"));
    }

    private int hold(FakeEngine.Process process) throws IOException {
        if (!ends.isEmpty()) return ends.pop();
        var lines = new BufferedReader(new InputStreamReader(process.stdin(), StandardCharsets.UTF_8));
        boolean first = true;
        for (String line; (line = lines.readLine()) != null; first = false) {
            if (first) note = line;
            if (dies) {
                dies = false;
                return KILLED;
            }
            process.say(line + "\n");
        }
        return 0;
    }

    @Test void while_it_is_held_a_line_comes_back() { assertThat(lock.tell("a")).isTrue(); }

    @Test void lost_it_is_taken_again_and_that_is_told() {
        dies = true;
        assertThat(lock.tell("a")).isFalse();
        assertThat(lock.tell("b")).isTrue();
    }

    /** A restart of the container ends the process that was to take it again, and /dev/shm is a new one. */
    @Test void a_container_that_restarts_is_not_another_deployer() {
        dies = true;
        note = "";
        ends.addAll(List.of(KILLED, KILLED));
        assertThat(lock.tell("a")).isFalse();
    }

    @Test void another_deployer_is_named() {
        dies = true;
        ends.add(TAKEN);
        note = "{\"who\":\"kim\",\"doing\":\"deploy 3\",\"token\":\"theirs\"}";
        assertThatThrownBy(() -> lock.tell("a")).isInstanceOfSatisfying(Failure.class, f -> {
            assertThat(f.code).isEqualTo(ExitCode.LOCKED);
            assertThat(f.why().orElseThrow()).contains("kim").contains("deploy 3");
        });
    }
}
