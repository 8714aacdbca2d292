import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import lib.process.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other programs run to their end, and never hold us longer than their limit. */
@Timeout(20)
@Execution(ExecutionMode.CONCURRENT)        // it waits most of its time
class CommandTest {
    private static final Duration SHORT = Duration.ofMillis(500), LONG = Duration.ofMinutes(5);

    @TempDir Path folder;

    private Command sh(Duration limit, String script) { return Command.of(limit, "sh", "-c", script).in(folder); }

    /** The sleeper of a script, which wrote its id. */
    private ProcessHandle child() throws IOException, InterruptedException {
        Path note = folder.resolve("pid");
        for (int i = 0; i < 100 && (!Files.exists(note) || Files.size(note) == 0); i++) Thread.sleep(20);
        return ProcessHandle.of(Long.parseLong(Files.readString(note).strip())).orElseThrow();
    }

    @AfterEach void nothing_stays_behind() throws IOException {
        if (!Files.exists(folder.resolve("pid"))) return;
        ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("pid")).strip()))
            .ifPresent(ProcessHandle::destroyForcibly);
    }

    private static boolean ends(ProcessHandle process) throws Exception {
        for (int i = 0; i < 100 && process.isAlive(); i++) Thread.sleep(20);
        return !process.isAlive();
    }

    @Test void its_exit_code_its_output_and_its_input_are_passed_on() {
        var result = sh(LONG, "cat; echo said >&2; exit 7").input("in").run();
        assertThat(result).isEqualTo(new Command.Result(7, "in", "said\n"));
        assertThat(result.end()).isEqualTo("failed with exit code 7");
        assertThat(Command.of(LONG, "/no/such/program").run().code()).isEqualTo(Command.Result.NOT_STARTED);
    }

    @ParameterizedTest @ValueSource(strings = {
        "sleep 600 & echo $! >pid; wait",                                       // waits for it
        "(sleep 600 & echo $! >pid); sleep 600",                                // its parent has ended
        "trap '' TERM; sleep 600 & echo $! >pid; wait; wait",                   // deaf to SIGTERM
        "setsid sleep 600 & echo $! >pid; wait"})                               // in a session of its own
    void at_its_limit_it_takes_its_children_along(String script) throws Exception {
        var run = new FutureTask<>(() -> sh(SHORT, script + "; echo never").run());
        Thread.ofPlatform().start(run);
        var child = child();
        assertThat(child.isAlive()).isTrue();
        var result = run.get(10, TimeUnit.SECONDS);
        assertThat(result.code()).isEqualTo(Command.Result.LATE);
        assertThat(result.out()).isEmpty();
        assertThat(result.last()).isEqualTo("no answer within 0 s");
        assertThat(ends(child)).as("the child has ended").isTrue();
    }

    @Test void an_interrupt_ends_it_with_its_children_and_the_result_says_so() throws Exception {
        var interrupted = new FutureTask<>(() -> {
            var result = sh(LONG, "echo so far; sleep 600 & echo $! >pid; wait").run();
            assertThat(Thread.currentThread().isInterrupted()).as("the thread stays interrupted").isTrue();
            return result;
        });
        var thread = Thread.ofVirtual().start(interrupted);
        var child = child();
        thread.interrupt();
        var result = interrupted.get(10, TimeUnit.SECONDS);
        assertThat(result).isEqualTo(new Command.Result(Command.Result.INTERRUPTED, "so far\n", "interrupted"));
        assertThat(ends(child)).as("the child has ended").isTrue();
    }

    @Test void what_it_leaves_behind_on_purpose_lives_on_and_does_not_hold_us() throws Exception {
        long began = System.nanoTime();
        var result = sh(LONG, "sleep 600 & echo $! >pid; echo done").run();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(result).isEqualTo(new Command.Result(0, "done\n", ""));
        assertThat(child().isAlive()).isTrue();
    }

    @Test void one_that_does_not_read_its_input_is_ended_at_its_limit() {
        assertThat(sh(SHORT, "sleep 600").input("x".repeat(1 << 20)).run().code()).isEqualTo(Command.Result.LATE);
    }

    @Test void it_shows_no_values_of_variables() {
        var build = Command.of(LONG, "docker", "build", "--build-arg", "A=hunter2", "--build-arg=B=hunter2", "-e",
            "C=hunter2",
            "--env", "INHERITED", "--password", "hunter2", "--label", "version=1", "postgres://u:hunter2@db/x", ".");
        assertThat(build.toString())
            .isEqualTo("docker build --build-arg A=[redacted] --build-arg=B=[redacted] -e C=[redacted] "
                + "--env INHERITED --password [redacted] --label version=1 postgres://[redacted]@db/x .");
        assertThat(build.arguments())
            .isEqualTo(List.of("docker", "build", "--build-arg", "A=hunter2", "--build-arg=B=hunter2", "-e",
                "C=hunter2", "--env", "INHERITED", "--password", "hunter2", "--label", "version=1",
                "postgres://u:hunter2@db/x", "."));
    }
}
