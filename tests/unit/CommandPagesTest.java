import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lib.cli.Cli;
import lib.cli.Completion;
import lib.cli.Pages;
import lib.process.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What people read of the commands is what --help says; {@code --write-docs} writes docs/COMMANDS.md.
 * It names a script, which no package can.
 */
class CommandPagesTest {
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    private static final Path PAGE = HOME.resolve("docs/COMMANDS.md");

    @Test void the_page_has_each_command_as_its_help_says() throws IOException {
        String page = Files.readString(PAGE);
        int end = page.indexOf("\n## ");
        String head = end < 0 ? page : page.substring(0, end);
        String expected = head + Pages.markdown(Cli.line(new Tool()));
        if (Boolean.getBoolean("bluegreen.write-docs")) Files.writeString(PAGE, expected);
        assertThat(Files.readString(PAGE)).isEqualTo(expected);
    }

    @Test void the_tool_has_each_script_but_the_demo() throws IOException {
        try (var files = Files.list(HOME)) {
            var scripts = files.map(f -> f.getFileName().toString())
                .filter(f -> f.endsWith(".java") && !f.matches("(demo|bluegreen).java"))
                .map(f -> f.replace(".java", ""));
            assertThat(Cli.line(new Tool()).getSubcommands().keySet()).containsAll(scripts.toList());
        }
    }

    @Test void a_manual_page_is_written_for_each_and_has_its_options(@TempDir Path folder) throws IOException {
        var tool = Cli.line(new Tool());
        // itself, and deploy build
        assertThat(Pages.man(tool, folder)).isEqualTo(tool.getSubcommands().size() + 2);
        assertThat(folder.resolve("bluegreen.1")).exists();
        assertThat(Files.readString(folder.resolve("bluegreen-deploy.1")))
            .startsWith(".TH BLUEGREEN-DEPLOY 1\n")
            .contains(".SH SYNOPSIS", "\\-\\-no\\-switch", ".SH EXIT CODES", ".SH EXAMPLE");
        assertThat(folder.resolve("bluegreen-deploy-build.1")).exists();
    }

    @ParameterizedTest @EnumSource(Completion.class)
    void each_shell_is_told_of_each_command_and_its_options(Completion shell) {
        assertThat(shell.script(Cli.line(new Tool())))
            .contains("bluegreen", "deploy", "switch", "incident")
            .contains("no-switch", "take-over", "threshold-latency");
    }

    @Test void bash_completes_a_command_and_a_long_option(@TempDir Path folder) throws IOException {
        assertThat(completed(folder, "bluegreen sw")).contains("switch");
        assertThat(completed(folder, "bluegreen switch --roll")).contains("--rollback");
    }

    /** What bash offers behind the line. */
    private static List<String> completed(Path folder, String line) throws IOException {
        Path script = folder.resolve("completion.bash");
        Files.writeString(script, Completion.BASH.script(Cli.line(new Tool())));
        var words = List.of(line.split(" "));
        var said = Command.of(Duration.ofSeconds(20), "bash", "-c", "source " + script + "; COMP_WORDS=(" + line
            + "); COMP_CWORD=" + (words.size() - 1) + "; COMP_LINE='" + line + "'; COMP_POINT=${#COMP_LINE}; "
            + "$(complete -p bluegreen | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' \"${COMPREPLY[@]}\"").run();
        assertThat(said.ok()).as(said.err()).isTrue();
        return said.out().lines().map(String::strip).toList();
    }
}
