//FILES META-INF/services/jdk.jshell.spi.ExecutionControlProvider=../../setup/jshell.provider
package lib.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.execution.LocalExecutionControlProvider;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import jdk.jshell.tool.JavaShellToolBuilder;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Text;

/** JShell in this process, so that its snippets have our objects: as a console, or over a file. */
public final class Jsh {
    private static final String ENGINE = "bluegreen";

    private Jsh() {}

    /**
     * JShell's own execution here; and what a person types while a verb asks. Found by the name in
     * setup/jshell.provider.
     */
    public static final class Here implements ExecutionControlProvider {
        @Override public String name() { return ENGINE; }

        @Override public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            Verbs.typedAt(env.userIn());
            return new LocalExecutionControlProvider().generate(env, parameters);
        }
    }

    /** Until /exit or Ctrl-D; returns what /exit was given, or 0. @param begin imports */
    public static int console(String begin) throws IOException {
        Path startup = Files.createTempFile("bluegreen", ".jsh");
        try {
            Files.writeString(startup, begin);
            return JavaShellToolBuilder.builder()
                .start("--execution", ENGINE, "--feedback", "concise", "--class-path", classPath(),
                    "--startup", startup.toString());
        } catch (Exception e) {
            throw new Failure(ExitCode.UNCONFIRMED, "JShell broke off: " + e).next("shell").causedBy(e);
        } finally {
            Files.delete(startup);
        }
    }

    private static String classPath() { return System.getProperty("java.class.path"); }

    /** A piece of a file, and the line on which it begins. */
    private record Piece(String text, int line) {}

    /**
     * To its first failure, which is the exit code; all of it is parsed before any of it is run.
     * @param begin imports @param name of the file, for people
     */
    public static int file(String begin, String name, String text) {
        try (var shell = JShell.builder().executionEngine(new LocalExecutionControlProvider(), Map.of()).build()) {
            for (String jar : classPath().split(":")) shell.addToClasspath(jar);
            for (var piece : pieces(shell, "ops.jsh", begin)) run(shell, "ops.jsh", piece);
            for (var piece : pieces(shell, name, text)) {
                int code = run(shell, name, piece);
                if (code != 0) return code;
            }
            return ExitCode.DONE.code();
        }
    }

    /** @throws Failure (usage) for what is no Java */
    private static List<Piece> pieces(JShell shell, String name, String text) {
        var pieces = new ArrayList<Piece>();
        for (String rest = text.stripLeading(); !rest.isEmpty();) {
            int line = 1
                + (int) text.substring(0, text.length() - rest.length()).chars().filter(c -> c == '\n').count();
            var next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            switch (next.completeness()) {
                case COMPLETE, COMPLETE_WITH_SEMI -> pieces.add(new Piece(next.source(), line));
                case EMPTY -> {}                         // comments
                default -> throw wrong(name, line, "this is not Java: " + Text.brief(rest.lines().findFirst().get()));
            }
            rest = next.remaining().stripLeading();
        }
        return pieces;
    }

    /**
     * Returns the exit code of a verb that failed in it, and that nothing caught.
     * @throws Failure (usage) any other error
     */
    private static int run(JShell shell, String name, Piece piece) {
        for (SnippetEvent event : shell.eval(piece.text)) {
            if (event.status() == Snippet.Status.REJECTED)
                throw wrong(name, piece.line, shell.diagnostics(event.snippet())
                    .map(d -> d.getMessage(Locale.ROOT))
                    .collect(Collectors.joining("\n")));
            if (event.exception() instanceof EvalException e && e.getExceptionClassName().equals(FAILED))
                return Verbs.failed();
            if (event.exception() != null) throw wrong(name, piece.line, thrown(event.exception()));
        }
        return ExitCode.DONE.code();
    }
    private static final String FAILED = Verbs.Failed.class.getName();

    private static String thrown(JShellException e) {
        String what = e instanceof EvalException own ? own.getExceptionClassName() : "not defined";
        return what + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    private static Failure wrong(String name, int line, String why) {
        return Failure.usage(name + " line " + line + " cannot be run", why, "shell   and try it there");
    }
}
