import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import lib.process.Command;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The launcher compiles all scripts as one; each must also stand on its own, as JBang runs it. */
@Order(9)
class ScriptsTest {
    static Stream<String> scripts() throws IOException {
        try (var all = Files.list(Bluegreen.HOME)) {
            return all.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".java")).sorted().toList().stream();
        }
    }

    /** As the launcher runs them: half of the compiler's time. */
    private static final Map<String, String> QUICK = Map.of("JAVA_TOOL_OPTIONS",
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");

    @ParameterizedTest @MethodSource("scripts")
    void each_runs_by_itself_from_any_folder(String name, @TempDir Path elsewhere) {
        Path script = Bluegreen.HOME.resolve(name);
        assertThat(Files.isExecutable(script)).isTrue();
        var said = Command.of(Duration.ofMinutes(3), System.getenv("BLUEGREEN_JBANG"), "--quiet", script.toString(),
            "--help").in(elsewhere).with(QUICK).run();
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out())
            .contains("Usage: " + name.replace(".java", ""))
            .contains("Example:")
            .contains("Exit codes:");
    }
}
