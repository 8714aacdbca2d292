import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.cli.Cli;
import lib.core.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the pages tell people to type is understood as it stands. It names a script, which no package can. */
class DocumentedCommandsTest {
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    /** Those of the launcher's own. */
    private static final Set<String> LAUNCHER = Set.of("demo", "check", "test", "format", "bench", "setup", "clean",
        "sbom",
        "pin", "completion", "man", "help");
    /** At the beginning of a line, behind "run:" or "- ", or between backquotes. */
    private static final Pattern COMMAND = Pattern.compile("(?m)(?:^|run: |^ +- |\\[|`)"
        + "((?:[.\\w]*/)*bluegreen|npm run [\\w:-]+(?: --)?|jbang \\w+\\.java) ((?:[a-z-][^`#\\n]*))");

    static Stream<Path> pages() throws IOException {
        try (var docs = Files.list(HOME.resolve("docs"))) {
            return Stream.concat(Stream.of(HOME.resolve("README.md")),
                docs.filter(f -> f.toString().endsWith(".md")).sorted().toList().stream());
        }
    }

    @ParameterizedTest @MethodSource("pages")
    void each_command_of_a_page_is_understood(Path page) throws IOException {
        for (var found : COMMAND.matcher(Files.readString(page)).results().toList())
            understood(command(found.group(1), found.group(2)), found.group());
    }

    /** What follows the command's name is told apart from it by two spaces or more, or by a bracket that closes. */
    private static List<String> command(String how, String rest) throws IOException {
        var words = new ArrayList<String>();
        if (how.startsWith("npm")) words.addAll(script(how.split(" ")[2]));
        if (how.startsWith("jbang")) words.add(how.replaceAll("jbang |\\.java", ""));
        for (String word : rest.strip().split("   .*|[\\])].*", 2)[0].split(" +"))
            words.add(word.replaceAll("[\"']", "").replaceAll("[,;:.]$", ""));
        return words;
    }

    private static List<String> script(String name) throws IOException {
        var scripts = Json.read(Files.readString(HOME.resolve("package.json"))).orElseThrow().path("scripts");
        assertThat(scripts.has(name)).as("npm run " + name).isTrue();
        return new ArrayList<>(List.of(scripts.path(name).asText().replace("./bluegreen ", "").split(" ")));
    }

    private static void understood(List<String> words, String shown) {
        if (LAUNCHER.contains(words.getFirst()) || words.getFirst().startsWith("-")) return;
        assertThat(Cli.line(new Tool()).getSubcommands()).as(shown).containsKey(words.getFirst());
        var given = words.stream()
            .map(w -> w.replaceAll("^\\$\\{?VERSION}?$|^\\$\\{.*}$", "1")
                .replaceAll("^[A-Z][A-Z:_]*$|^\\.\\.\\.$|^…$", "1"))
            .toArray(String[]::new);
        try {
            Cli.line(new Tool()).parseArgs(given);
        } catch (CommandLine.ParameterException e) {
            throw new AssertionError(shown + ": " + e.getMessage(), e);
        }
    }
}
