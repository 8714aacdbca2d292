//DEPS info.picocli:picocli:4.7.7
package lib.cli;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.concurrent.Callable;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Threads;
import lib.docker.Here;
import lib.http.Http;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** What every script's command line shares: options, errors as people read them, exit codes. A mixin called cli. */
public class Cli {
    @Option(names = "--json", scope = ScopeType.INHERIT, description = "one event a line on stdout; text on stderr")
    boolean json;
    @Option(names = "--plain", scope = ScopeType.INHERIT,
        description = "no colour, no line that is rewritten, marks in ASCII")
    boolean plain;
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "stack traces")
    boolean verbose;
    @Option(names = {"-h", "--help"}, scope = ScopeType.INHERIT, usageHelp = true, description = "this text")
    boolean help;

    /** How the person calls scripts, of the one that runs. */
    private static volatile String way = "%s";

    private Console console;

    public Console console() {
        if (console == null) console = new Console(json, plain, way + where());
        return console;
    }

    /** The options that the next command needs as well. */
    String where() { return ""; }

    /**
     * Runs a script and ends the process with its exit code. No shutdown hook runs: System.exit would look into every
     * jar for a logger to tell of it, which takes 26 ms.
     */
    public static void run(Callable<Integer> script, String... args) {
        Runtime.getRuntime().halt(ended(script, args));
    }

    /** The same, for a script with a shutdown hook, which ends the process itself. */
    public static int ended(Callable<Integer> script, String... args) {
        Threads.start(Json::prepare);
        int code = execute(script, args);
        Here.leave();
        Http.leave();
        return code;
    }

    public static int execute(Callable<Integer> script, String... args) {
        // Whatever the machine speaks: a Turkish i or a German comma belongs into no key, no JSON and no number.
        Locale.setDefault(Locale.ROOT);
        var line = line(script);
        way = Called.as(line.getCommandName());
        return line.execute(args);
    }

    /** As it is read, and told about: for completion and pages as well. */
    public static CommandLine line(Callable<Integer> script) {
        var line = new CommandLine(script)
            .setExpandAtFiles(false)                                     // --version @FILE would show a file's content
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(Duration.class, Config::duration)
            .setParameterExceptionHandler(Cli::refused)
            .setExecutionExceptionHandler(Cli::failed);
        help(line);
        return line;
    }

    private static int refused(ParameterException e, String... args) {
        var given = Arrays.asList(args);
        new Console(given.contains("--json"), given.contains("--plain"), way).failure(Misuse.told(e), false);
        return ExitCode.USAGE.code();
    }

    private static int failed(Exception e, CommandLine at, ParseResult parsed) {
        var mixins = parsed.commandSpec().mixins();
        boolean plans = mixins.get("planning") instanceof CommandSpec m && ((Planning) m.userObject()).only;
        return of(at).told(e, mixins.containsKey("locking") && !plans);
    }

    /** What went wrong, as people are told; returns the exit code. */
    int told(Exception e, boolean changes) {
        if (verbose) e.printStackTrace();
        var failure = e instanceof Failure f ? f : unexpected(e);
        console().failure(failure, changes);
        return failure.code.code();
    }

    /** Of a subcommand, perhaps the one above has it. */
    private static Cli of(CommandLine at) {
        return at.getMixins().get("cli") instanceof Cli cli
            ? cli
            : at.getParent() == null ? new Cli() : of(at.getParent());
    }

    private Failure unexpected(Exception e) {
        var failure = new Failure(ExitCode.UNCONFIRMED, "unexpected: " + e).next("status").causedBy(e);
        return verbose ? failure : failure.why("run again with --verbose for the stack trace");
    }

    private static void help(CommandLine line) {
        var codes = new LinkedHashMap<String, String>();
        for (ExitCode c : ExitCode.values()) codes.put(String.valueOf(c.code()), c.meaning);
        line.setUsageHelpWidth(110);
        if (System.console() != null && System.console().isTerminal()) line.setUsageHelpAutoWidth(true);
        line.getCommandSpec().usageMessage()
            .exitCodeListHeading("%nExit codes:%n")
            .exitCodeList(codes)
            .footerHeading("%nExample:%n")
            .sortOptions(false);
        line.getSubcommands().values().forEach(Cli::help);
    }
}
