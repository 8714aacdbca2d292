package lib.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.core.Colour;
import lib.core.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A command line that is refused says what, why, and what to type. Its options exclude each other as those of switch.
 */
@Tag("quiet")
@ResourceLock(Resources.SYSTEM_OUT)
class MisuseTest {
    @Command(name = "switch")
    static final class Tell implements Callable<Integer> {
        @ArgGroup Aim aim = new Aim();
        @Mixin Locking locking;
        @Mixin Switching switching;
        @Mixin Project cli;
        static String seen;

        static final class Aim {
            @Parameters(arity = "0..1", paramLabel = "COLOUR", description = "blue or green")
            Optional<Colour> colour = Optional.empty();
            @Option(names = "--target", paramLabel = "COLOUR", description = "as an option")
            Optional<Colour> target = Optional.empty();
            @ArgGroup(exclusive = false)
            Back back = new Back();
        }

        static final class Back {
            @Option(names = "--rollback", required = true, description = "back")
            boolean rollback;
            @Option(names = "--take-over", description = "at once")
            boolean takeOver;
        }

        @Override public Integer call() {
            seen = aim.colour + " " + aim.target + " " + aim.back.rollback + " " + aim.back.takeOver + " "
                + switching.via;
            return 0;
        }
    }

    private static String refused(String line) {
        var bytes = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(Cli.execute(new Tell(), line.split(" "))).isEqualTo(ExitCode.USAGE.code());
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "blue --target green|blue and --target green exclude each other|--target: as an option",
        "--target green blue|--target green and blue exclude each other|--target: as an option",
        "blue green|blue and green exclude each other|COLOUR: blue or green",
        "--rollback green|--rollback and green exclude each other|--rollback: back",
        "--rollback --take-over green|--rollback and green exclude each other|--rollback: back",
        "green --rollback|green and --rollback exclude each other|--rollback: back",
        "--target blue --target blue|--target blue is given twice|switch --target blue",
        "--take-over|--take-over goes with --rollback|switch --rollback --take-over",
        "--take-over green|--take-over goes with --rollback|--take-over: at once",
        "purple|'purple' is not a colour|it is blue or green",
        "--target purple|--target purple is unknown|--target blue, or --target green",
        "--via sometimes green|--via sometimes is unknown|--via instant, or --via reload",
        "--wait-lock soon green|'soon' is not a duration|write 500ms",
        "--rolback|Unknown option: '--rolback'|did you mean --rollback?",
        "--nope|Unknown option: '--nope'|switch --help"})
    void a_command_line_that_is_refused_says_what_and_why_and_what_to_type(String line, String what, String more) {
        assertThat(refused(line)).contains("✗ " + what + "\n").contains(more);
    }

    @Test void a_value_is_taken_in_upper_case_too() {
        assertThat(Cli.execute(new Tell(), "GREEN", "--via", "Reload")).isZero();
        assertThat(Tell.seen).isEqualTo("Optional[green] Optional.empty false false Optional[reload]");
    }

    @Test void a_take_over_is_a_rollback_at_once() {
        assertThat(Cli.execute(new Tell(), "--take-over", "--rollback")).isZero();
        assertThat(Tell.seen).isEqualTo("Optional.empty Optional.empty true true Optional.empty");
    }
}
