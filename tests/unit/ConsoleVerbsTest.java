package lib.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The console's verbs, and files of them, over scripts that only note what they were called with. */
@Tag("quiet")
public class ConsoleVerbsTest {
    private static final Path FILE = Path.of("night.jsh");
    private static final List<String> CALLED = new ArrayList<>();
    private static Thread on;

    /** A verb of the tests' own, for snippets. */
    public static void note(String said) { CALLED.add(said); }

    @Command(name = "script")
    static final class Script implements Callable<Integer> {
        private final String name;
        private final int code;
        @Parameters(arity = "0..1")
        String colour = "";
        @Option(names = "--plan")
        boolean plan;
        @Option(names = "--rollback")
        boolean rollback;
        @Mixin Project cli;

        Script(String name, int code) {
            this.name = name;
            this.code = code;
        }

        @Override public Integer call() {
            on = Thread.currentThread();
            CALLED.add(name + " " + colour + (rollback ? "back" : "") + (plan ? " plan" : "") + cli.where());
            if (code == ExitCode.FAILED.code()) throw new Failure(ExitCode.FAILED, "it went wrong");
            return code;
        }
    }

    @BeforeEach void nothing() { CALLED.clear(); }

    private static void open(Optional<Path> file, String... options) {
        var given = new Holding();
        new CommandLine(given).parseArgs(options);
        Verbs.open(new Verbs.Shell(given.cli, Map.of("status", () -> new Script("status", 0),
            "health", () -> new Script("health", 1), "switch", () -> new Script("switch", 0),
            "incident", () -> new Script("incident", 5)), file));
    }

    @Command static final class Holding {
        @Mixin Project cli;
    }

    private static int file(String text, String... options) throws IOException {
        open(Optional.of(FILE), options);
        String begin = Files.readString(Path.of(System.getenv("BLUEGREEN_HOME"), "ops.jsh"));
        return Jsh.file(begin + "import static lib.cli.ConsoleVerbsTest.note;\n", FILE.toString(), text);
    }

    @Test void a_file_ends_with_the_exit_code_of_its_first_verb_that_fails() throws IOException {
        assertThat(file(
            "status();\n// Java all the same\nfor (int i = 0; i < 2; i++)\n    note(\"\" + i);\nincident();\nstatus();\n"))
            .isEqualTo(5);
        assertThat(CALLED).containsExactly("status ", "0", "1", "incident ");
    }

    @Test void a_verb_that_fails_can_be_caught() throws IOException {
        assertThat(file("try { health(GREEN); } catch (Verbs.Failed f) { note(f.getMessage()); }\nstatus();"))
            .isZero();
        assertThat(CALLED).containsExactly("health green", "health(GREEN) ended with exit code 1", "status ");
    }

    @Test void of_a_file_that_is_not_java_nothing_runs() {
        assertThatThrownBy(() -> file("status();\n\nint x = ;\n"))
            .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.code).isEqualTo(ExitCode.USAGE))
            .hasMessage("night.jsh line 3 cannot be run");
        assertThat(CALLED).isEmpty();
    }

    @Test void what_is_wrong_in_it_is_told_with_its_line() {
        assertThatThrownBy(() -> file("status();\nnothing();"))
            .hasMessage("night.jsh line 2 cannot be run")
            .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.why().orElseThrow()).contains("method nothing()"));
        assertThatThrownBy(() -> file("\n\nList.of().getFirst();"))
            .hasMessage("night.jsh line 3 cannot be run")
            .isInstanceOfSatisfying(Failure.class,
                f -> assertThat(f.why().orElseThrow()).contains("NoSuchElementException"));
    }

    @Test void without_a_terminal_no_traffic_moves_unless_yes_was_said() throws IOException {
        assertThat(file("switchTo(GREEN);")).isEqualTo(ExitCode.USAGE.code());
        assertThat(CALLED).isEmpty();
        assertThat(file("switchTo(GREEN);\nrollback();", "--yes", "-C", "shop", "--env", "production")).isZero();
        assertThat(CALLED)
            .containsExactly("switch green -C shop --env production",
                "switch back -C shop --env production");
    }

    @Test void the_console_goes_on_after_a_verb_that_failed_and_runs_it_where_its_ctrl_c_does_not_reach() {
        open(Optional.empty());
        Verbs.incident();
        Verbs.health(Colour.BLUE);
        assertThat(CALLED).containsExactly("incident ", "health blue");
        assertThat(Verbs.failed()).isEqualTo(1);
        assertThat(on).isNotSameAs(Thread.currentThread());
    }
}
