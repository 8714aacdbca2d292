package lib.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lib.core.Failure;
import lib.process.Command.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is promised of every engine. The scripts are sh's; an engine without one gives functions that do the same. */
@Timeout(60)
public abstract class EngineContract {
    protected static final String PROJECT = "bgtest-contract-" + ProcessHandle.current().pid();
    protected static final int BIG = 20 << 20;
    /** It says three lines, and ends at SIGTERM. */
    protected static final String APP = "trap 'exit 0' TERM; echo erste Zeile; sleep 0.3; echo grün; echo fehlt >&2; touch /tmp/said; while :; do sleep 0.1; done";
    protected static final String SPEAK = "echo \"$WORD\"; echo wrong >&2; exit 7", PRINT = "printf %s \"$WORD\"",
        FOREVER = "echo begun; sleep 30", ECHO = "echo $$; exec cat",
        FILL = "head -c " + BIG + " /dev/zero | tr '\\0' x",
        ALIVE = "test -d /proc/$PID && echo yes || echo no", SIGKILL = "kill -9 $PID",
        ONE_OFF = "echo out; echo err >&2; exit 3",
        MAKE = "mkdir -p /tmp/a/b && echo ü > /tmp/a/b/c.txt && mkdir -p /tmp/z", READ = "cat /tmp/z/b/c.txt";
    private static final Duration SHORT = Duration.ofMillis(700), LONG = Duration.ofSeconds(30);

    protected abstract Engine engine();
    /** A running container of an image with a shell, which has said its lines. */
    protected abstract String running(String service);
    protected abstract String image();
    /** A second name of that image. */
    protected final String spare = PROJECT + ":spare";

    private static String[] sh(String script) { return new String[] {"sh", "-c", script}; }
    private Result sh(String id, Map<String, String> variables, String script) {
        return engine().exec(id, LONG, variables, sh(script));
    }
    private String status(String id) { return engine().container(id).orElseThrow().status(); }

    @Test void a_project_s_containers_by_service() {
        String one = running("app"), other = running("db");
        assertThat(engine().containers(PROJECT)).containsOnlyKeys("app", "db");
        assertThat(engine().containers(PROJECT).get("db").id()).isEqualTo(other);
        assertThat(engine().containers("bgtest-nobody")).isEmpty();
        engine().stop(one, Duration.ofSeconds(5));
        assertThat(engine().containers(PROJECT).get("app").status())
            .as("also one that does not run")
            .isEqualTo("exited");
        String again = running("app");
        assertThat(engine().containers(PROJECT).get("app").id()).as("of two, the one that runs").isEqualTo(again);
        assertThat(engine().inspect(other.substring(0, 62)).orElseThrow().at("/State/Status").asText())
            .isEqualTo("running");
    }

    @Test void what_is_not_there() {
        assertThat(engine().inspect("nobody")).isEmpty();
        assertThat(engine().container("nobody")).isEmpty();
        assertThat(engine().stats("nobody")).isEmpty();
        assertThat(engine().image("nobody:1")).isEmpty();
        assertThat(engine().kill("nobody", "HUP")).isFalse();
        assertThat(engine().remove("nobody")).isFalse();
        assertThat(engine().untag("nobody:1")).isFalse();
        assertThat(engine().exec("nobody", "true").code()).isEqualTo(1);
        assertThat(engine().exec("nobody", "true").last()).contains("No such container");
        var failure = catchThrowableOfType(Failure.class, () -> engine().start("nobody"));
        assertThat(failure.why().orElseThrow()).contains("No such container");
        assertThat(catchThrowableOfType(Failure.class, () -> engine().hold("nobody", LONG, "cat"))).isNotNull();
        assertThat(catchThrowableOfType(Failure.class, () -> engine().logs("nobody", 1))).isNotNull();
    }

    @Test void the_states_of_a_container() {
        String id = running("app");
        engine().start(id);
        engine().pause(id);
        assertThat(status(id)).isEqualTo("paused");
        engine().unpause(id);
        engine().rename(id, engine().container(id).orElseThrow().name() + "-renamed");
        assertThat(engine().container(id).orElseThrow().name()).endsWith("-renamed");
        engine().leaveDown(id);
        assertThat(engine().container(id).orElseThrow().restart()).isEqualTo("unless-stopped");
        assertThat(catchThrowableOfType(Failure.class, () -> engine().unpause(id)).why().orElseThrow())
            .contains("not paused");
        engine().stop(id, Duration.ofSeconds(5));
        engine().stop(id, Duration.ofSeconds(5));
        assertThat(engine().container(id).orElseThrow().exitCode()).isZero();
        assertThat(engine().kill(id, "HUP")).isFalse();
        assertThat(engine().exec(id, "true").last()).contains("is not running");
        var before = engine().container(id).orElseThrow().started();
        engine().start(id);
        assertThat(engine().container(id).orElseThrow().started()).isAfter(before);
        assertThat(engine().kill(id, "SIGKILL")).isTrue();
        until(() -> status(id).equals("exited"));
        assertThat(engine().container(id).orElseThrow().exitCode()).isEqualTo(137);
        assertThat(engine().remove(id)).isTrue();
        assertThat(engine().inspect(id)).isEmpty();
    }

    @Test void a_process_has_its_code_its_variables_and_two_streams() {
        String id = running("app");
        assertThat(sh(id, Map.of("WORD", "größer 'als' $1 €"), SPEAK))
            .isEqualTo(new Result(7, "größer 'als' $1 €\n", "wrong\n"));
        assertThat(engine().exec(id, "no-such-program").code()).isIn(126, 127);
    }

    /** Each has three bytes, and the engine's frames are cut anywhere. */
    @Test void letters_that_are_cut_in_two_are_whole_again() {
        String word = "x" + "€".repeat(5000);
        assertThat(sh(running("app"), Map.of("WORD", word), PRINT).out()).isEqualTo(word);
    }

    @Test void a_process_that_hangs() {
        String id = running("app");
        long began = System.nanoTime();
        var failure = catchThrowableOfType(Failure.class, () -> engine().exec(id, SHORT, Map.of(), sh(FOREVER)));
        assertThat(failure.whatAndWhy())
            .isEqualTo("Docker does not answer: docker exec: no answer within 0.70 s");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(SHORT, Duration.ofSeconds(5));
        assertThat(sh(id, Map.of("WORD", "after"), PRINT).out()).isEqualTo("after");
    }

    @Test void an_interrupt_ends_the_wait() throws Exception {
        String id = running("app");
        var task = new FutureTask<>(() -> {
            var result = engine().exec(id, LONG, Map.of(), sh(FOREVER));
            assertThat(Thread.currentThread().isInterrupted()).as("it stays interrupted").isTrue();
            return result.code();
        });
        var thread = Thread.ofVirtual().start(task);
        Thread.sleep(SHORT);
        thread.interrupt();
        assertThat(task.get(5, TimeUnit.SECONDS)).isEqualTo(Result.INTERRUPTED);
    }

    @Test void much_output_is_whole() {
        String out = sh(running("app"), Map.of(), FILL).out();
        assertThat(out.length()).isEqualTo(BIG);
        assertThat(out.chars().allMatch(c -> c == 'x')).isTrue();
    }

    private static BufferedReader reader(Held held) {
        return new BufferedReader(new InputStreamReader(held.out(), StandardCharsets.UTF_8));
    }
    private boolean lives(String id, String pid) {
        return sh(id, Map.of("PID", pid), ALIVE).out().strip().equals("yes");
    }

    @Test void what_is_held_answers_at_once_and_ends_with_its_connection() throws Exception {
        String id = running("app");
        var held = engine().hold(id, LONG, sh(ECHO));
        var out = reader(held);
        String pid = out.readLine();
        for (String line : List.of("one", "zwölf")) {
            held.stdin().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            assertThat(out.readLine()).isEqualTo(line);
        }
        assertThat(held.isAlive()).isTrue();
        assertThat(lives(id, pid)).isTrue();
        held.close();
        assertThat(held.onExit().get(5, TimeUnit.SECONDS)).isEqualTo(OptionalInt.empty());
        assertThat(out.readLine()).isNull();
        until(() -> !lives(id, pid));
    }

    @Test void what_is_held_and_killed_there() throws Exception {
        String id = running("app");
        try (var held = engine().hold(id, LONG, sh(ECHO))) {
            var out = reader(held);
            sh(id, Map.of("PID", out.readLine()), SIGKILL);
            assertThat(held.onExit().get(5, TimeUnit.SECONDS)).isEqualTo(OptionalInt.of(137));
            assertThat(held.isAlive()).isFalse();
            assertThat(out.readLine()).isNull();
        }
    }

    @Test void what_is_held_says_how_it_ended_and_why() throws Exception {
        try (var held = engine().hold(running("app"), LONG, sh(ONE_OFF))) {
            assertThat(held.onExit().get(5, TimeUnit.SECONDS)).isEqualTo(OptionalInt.of(3));
            assertThat(held.err()).isEqualTo("err\n");
            assertThat(new String(held.out().readAllBytes())).isEqualTo("out\n");
        }
    }

    @Test void a_limit_ends_what_is_held() throws Exception {
        try (var held = engine().hold(running("app"), SHORT, sh(FOREVER))) {
            assertThat(new String(held.out().readAllBytes())).isEqualTo("begun\n");
            assertThat(held.onExit().get(5, TimeUnit.SECONDS)).isEmpty();
        }
    }

    /** More than any buffer on the way holds. */
    @Test void a_stream_that_is_closed_in_the_middle_of_it() throws Exception {
        String id = running("app");
        try (var held = engine().hold(id, LONG, sh(FILL))) {
            assertThat(held.out().readNBytes(100)).hasSize(100);
        }
        assertThat(sh(id, Map.of("WORD", "after"), PRINT).out()).isEqualTo("after");
    }

    @Test void a_log_is_told_apart_and_by_time() {
        String id = running("app");
        var all = engine().logs(id, 100);
        assertThat(all)
            .extracting(LogLine::text)
            .containsExactlyInAnyOrder("erste Zeile", "grün", "fehlt")
            .startsWith("erste Zeile");
        assertThat(all)
            .filteredOn(l -> l.stream() == LogLine.Stream.ERR)
            .extracting(LogLine::text)
            .containsExactly("fehlt");
        var first = all.getFirst().at();
        assertThat(engine().logs(id, 100, first.plusNanos(1), Instant.MAX)).as("within a second").hasSize(2);
        assertThat(engine().logs(id, 100, Instant.EPOCH, first)).hasSize(1);
        assertThat(engine().logs(id, 2)).hasSize(2).noneMatch(l -> l.text().startsWith("erste"));
    }

    @Test void what_happened_and_what_happens() throws Exception {
        String id = running("app"), other = running("db");
        BlockingQueue<JsonNode> seen = new LinkedBlockingQueue<>();
        var began = Instant.now().minusSeconds(60);
        try (var following = engine().follow(seen::add, "container=" + id, "event=die", "event=start")) {
            engine().kill(other, "KILL");
            engine().kill(id, "KILL");
            var event = seen.poll(5, TimeUnit.SECONDS);
            assertThat(event.path("Action").asText()).isEqualTo("die");
            assertThat(event.at("/Actor/ID").asText()).isEqualTo(id);
            assertThat(event.at("/Actor/Attributes/exitCode").asText()).isEqualTo("137");
            following.close();
            following.onEnd().get(5, TimeUnit.SECONDS);
            engine().start(id);
            assertThat(seen.poll(300, TimeUnit.MILLISECONDS)).isNull();
        }
        var died = engine().events(began, Instant.now(), "container=" + id, "event=die");
        assertThat(died).hasSize(1);
        var at = Instant.ofEpochSecond(0, died.getFirst().path("timeNano").asLong());
        assertThat(engine().events(at.plusNanos(1), Instant.now(), "container=" + id))
            .extracting(e -> e.path("Action").asText())
            .contains("start")
            .doesNotContain("die");
    }

    @Test void a_container_for_one_command() {
        assertThat(engine().run(image(), "none", LONG, sh(ONE_OFF))).isEqualTo(new Result(3, "out\n", "err\n"));
        assertThat(engine().run("nobody:1", "none", LONG, "true").code()).isEqualTo(125);
        var failure = catchThrowableOfType(Failure.class, () -> engine().run(image(), "none", SHORT, sh(FOREVER)));
        assertThat(failure).hasMessage("Docker does not answer");
    }

    @Test void a_folder_goes_from_one_container_to_another() {
        String from = running("app"), to = running("db");
        sh(from, Map.of(), MAKE);
        sh(to, Map.of(), MAKE);
        assertThat(sh(to, Map.of(), READ).ok()).isFalse();
        engine().copy(from, "/tmp/a", to, "/tmp/z");
        assertThat(sh(to, Map.of(), READ).out()).isEqualTo("ü\n");
        assertThat(catchThrowableOfType(Failure.class, () -> engine().copy(from, "/tmp/nothing", to, "/tmp/z"))
            .why()
            .orElseThrow())
            .contains("/tmp/nothing");
    }

    @Test void a_second_name_of_an_image() {
        String id = engine().image(image()).orElseThrow().path("Id").asText();
        engine().tag(id, spare);
        assertThat(engine().image(spare).orElseThrow().path("Id").asText()).isEqualTo(id);
        assertThat(engine().images("reference=" + PROJECT)).extracting(n -> n.path("Id").asText()).containsExactly(id);
        assertThat(engine().untag(spare)).isTrue();
        assertThat(engine().untag(spare)).isFalse();
        assertThat(engine().images("reference=" + PROJECT)).isEmpty();
        assertThat(engine().image(image())).as("its other name").isPresent();
        assertThat(engine().images("label=bluegreen.app=bgtest-nobody")).isEmpty();
    }

    @Test void what_it_is() {
        assertThat(engine().info().path("ServerVersion").asText())
            .isEqualTo(engine().version().path("Version").asText())
            .isNotEmpty();
        assertThat(engine().stats(running("app")).orElseThrow().at("/memory_stats/usage").asLong()).isPositive();
    }

    @Test void many_at_once() throws Exception {
        String id = running("app");
        var done = new CountDownLatch(20);
        for (int i = 0; i < 20; i++) {
            String word = "word " + i;
            Thread.ofVirtual()
                .start(() -> { if (sh(id, Map.of("WORD", word), PRINT).out().equals(word)) done.countDown(); });
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    protected static void until(java.util.function.BooleanSupplier so) {
        for (long end = System.nanoTime() + Duration.ofSeconds(10).toNanos(); !so.getAsBoolean();)
            if (System.nanoTime() > end) throw new AssertionError("it did not become so within 10 s");
    }
}
