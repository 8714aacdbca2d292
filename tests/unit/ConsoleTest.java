package lib.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A step that waits shows that it does, without anybody telling it to. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class ConsoleTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private Console console(boolean live) {
        return new Console(false, false, "%s", new PrintStream(shown, true, StandardCharsets.UTF_8), live);
    }

    private void await(String said) {
        while (!shown.toString(StandardCharsets.UTF_8).contains(said))
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }

    @Test void on_a_terminal_a_step_counts_the_seconds_up_to_its_limit() {
        var step = console(true).step("stop").limit(Duration.ofSeconds(40));
        step.progress("stopping app-blue");
        await("1 of 40 s");
        await("2 of 40 s");
        step.done("app-blue stopped");
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("stopping app-blue").contains("✓");
    }

    @Test void each_command_of_a_hint_can_be_pasted_and_no_sentence_is_taken_for_one() {
        var console = new Console(false, false, "bg %s -C shop", new PrintStream(shown), false);
        assertThat(console.command("deploy --resume   (goes on)   or   deploy --abort   (undoes it)"))
            .isEqualTo("bg deploy -C shop --resume   (goes on)   or   bg deploy -C shop --abort   (undoes it)");
        assertThat(console.command("switch blue, switch green, or switch --rollback"))
            .isEqualTo("bg switch -C shop blue, bg switch -C shop green, or bg switch -C shop --rollback");
        assertThat(console.command("incident   tells why   or   less /a, b/c.log"))
            .isEqualTo("bg incident -C shop   tells why   or   less /a, b/c.log");
        assertThat(console.command("status")).isEqualTo("bg status -C shop");
        for (String other : new String[] {"deploy a version between them first, or accept it: --force",
            "docker logs shop-app-blue-1", "health.require: [] in bluegreen.yaml"})
            assertThat(console.command(other)).isEqualTo(other);
    }

    @Test void elsewhere_a_step_that_takes_long_has_a_line_in_between() {
        var step = console(false).step("stop").limit(Duration.ofSeconds(40));
        step.progress("stopping app-blue");
        await(" · stop     stopping app-blue, 5 of 40 s\n");
        step.done("app-blue stopped");
        assertThat(shown.toString(StandardCharsets.UTF_8).lines()).hasSize(2);
    }

    private static String printed(boolean plain, Consumer<Console> work) {
        var bytes = new ByteArrayOutputStream();
        work.accept(new Console(false, plain, "%s", new PrintStream(bytes, true, StandardCharsets.UTF_8), false));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test void in_a_log_each_line_of_a_step_begins_with_the_time_of_day_and_they_are_aligned() {
        String text = printed(false, c -> {
            c.step("build").done("app:1");
            var health = c.step("health");
            health.note("waiting");
            health.done("200");
            c.step("switch").fail("no");
            c.step("drain").skip("not asked");
            c.warning("slow");
        });
        assertThat(text.lines())
            .hasSize(6)
            .allSatisfy(line -> assertThat(line).matches("([01]\\d|2[0-3])(:[0-5]\\d){2} [✓✗·!-] .*"));
        assertThat(text).contains(" ✓ build    app:1", " · health   waiting\n", " ✗ switch   no\n");
    }

    @Test void plain_text_has_marks_in_ASCII_and_no_control_sequence() {
        String text = printed(true, c -> {
            c.step("switch").done("blue → green…");
            c.failure(Failure.usage("what").next("status"), false);
        });
        assertThat(text).contains(" + switch   blue -> green...\n", "x what").doesNotContain("\u001b");
        assertThat(text.chars()).allMatch(c -> c < 127);
    }
}
