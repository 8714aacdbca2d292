//DEPS info.picocli:picocli:4.7.7
package lib.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import lib.checks.Facts;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Text;
import lib.docker.Here;
import lib.stack.Stack;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every script's command line shares: options, errors as people read them, exit codes. */
public class Cli {
    @Option(names = "--json", scope = ScopeType.INHERIT, description = "one event a line on stdout; text on stderr")
    boolean json;
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "stack traces")
    boolean verbose;
    @Option(names = {"-h", "--help"}, scope = ScopeType.INHERIT, usageHelp = true, description = "this text")
    boolean help;

    /** How the person calls scripts: the launcher says how it was called itself. */
    private static final String WAY = System.getenv("BLUEGREEN_CALLED") instanceof String launcher
        ? Text.shell(launcher).replace("%", "%%") + " %s"
        : "jbang %s.java";

    private Console console;

    public Console console() {
        if (console == null) console = new Console(json, WAY + where());
        return console;
    }

    /** The options that the next command needs as well. */
    String where() { return ""; }

    /** For scripts about a project. */
    public static final class Project extends Cli {
        @Option(names = "-C", scope = ScopeType.INHERIT, paramLabel = "DIR",
            description = "the project's folder (default: the current one)")
        public Path project = Path.of("");
        @Option(names = "--config", scope = ScopeType.INHERIT, paramLabel = "FILE",
            description = "configuration (default: bluegreen.yaml in the project)")
        Path file;
        @Option(names = "--env", scope = ScopeType.INHERIT, paramLabel = "NAME",
            description = "section of environments: in the configuration")
        public String environment;
        @Option(names = "--set", scope = ScopeType.INHERIT, paramLabel = "KEY=VALUE",
            description = "one configuration key, e.g. --set ports.http=8080")
        Map<String, String> set = new LinkedHashMap<>();
        @Option(names = "--yes", scope = ScopeType.INHERIT, description = "ask nothing")
        boolean yes;

        public Config config() { return config(Map.of()); }

        /** @param flags configuration keys that have an option of their own; they win */
        public Config config(Map<String, String> flags) {
            var all = new LinkedHashMap<>(set);
            all.putAll(flags);
            return Config.load(project, file, environment, all);
        }

        /** What the checks look at. @param limit of each check */
        public Facts facts(Duration limit) {
            var config = config();
            return new Facts(new Stack(config), file == null ? config.project().resolve("bluegreen.yaml") : file,
                environment, limit);
        }

        /** Nobody is to be asked: --yes, or no terminal to ask at. */
        public boolean asksNothing() { return yes || !console().isLive(); }

        @Override String where() {
            return (project.toString().isEmpty() ? "" : " -C " + Text.shell(project.toString()))
                + (file == null ? "" : " --config " + Text.shell(file.toString()))
                + (environment == null ? "" : " --env " + Text.shell(environment));
        }
    }

    /** Waits for the lock; shared by the scripts that change something. */
    public static final class Locking {
        @Option(names = "--wait-lock", paramLabel = "DURATION",
            description = "wait for another deployer, e.g. 5m (default: exit 4)",
            converter = Span.class)
        public Duration wait = Duration.ZERO;
    }

    /** 500ms, 30s, 3m. */
    public static final class Span implements CommandLine.ITypeConverter<Duration> {
        @Override public Duration convert(String text) { return Config.duration(text); }
    }

    /** A plain number is seconds. */
    public static final class Seconds implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) { return Config.duration(text.matches("\\d+") ? text + "s" : text); }
    }

    /** A plain number is milliseconds. */
    public static final class Millis implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) { return Config.duration(text.matches("\\d+") ? text + "ms" : text); }
    }

    /** blue or green. */
    public static final class ColourName implements CommandLine.ITypeConverter<Colour> {
        @Override public Colour convert(String text) { return Colour.of(text); }
    }

    /** instant or reload. */
    public static final class WayName implements CommandLine.ITypeConverter<Way> {
        @Override public Way convert(String text) {
            return switch (text) {
                case "instant" -> Way.INSTANT;
                case "reload" -> Way.RELOAD;
                default -> throw Failure.usage("--via " + text + " is unknown", "there are two ways",
                    "--via instant, or --via reload");
            };
        }
    }

    /** Runs a script and ends the process with its exit code. */
    public static void run(Callable<Integer> script, String... args) {
        int code = execute(script, args);
        Here.leave();
        System.exit(code);
    }

    public static int execute(Callable<Integer> script, String... args) {
        // Whatever the machine speaks: a Turkish i or a German comma belongs into no key, no JSON and no number.
        Locale.setDefault(Locale.ROOT);
        var line = new CommandLine(script).setExpandAtFiles(false);      // --version @FILE would show a file's content
        help(line);
        line.getSubcommands().values().forEach(Cli::help);
        line.setParameterExceptionHandler((e, _) -> {
            var console = new Console(Arrays.asList(args).contains("--json"), WAY);
            Throwable cause = e.getCause();
            console.failure(cause instanceof Failure f
                ? f
                : Failure.usage(e.getMessage(), null,
                    e.getCommandLine().getCommandSpec().qualifiedName() + " --help"));
            return ExitCode.USAGE.code();
        });
        line.setExecutionExceptionHandler((e, at, parsed) -> {
            boolean verbose = parsed.hasMatchedOption("--verbose");
            var console = line.getCommandSpec().mixins().get("cli").userObject() instanceof Cli cli
                ? cli.console()
                : new Console(false, WAY);
            if (verbose) e.printStackTrace();
            if (!(e instanceof Failure))
                e = new Failure(ExitCode.UNCONFIRMED, "unexpected: " + e,
                    verbose ? null : "run again with --verbose for the stack trace", "status", e);
            console.failure((Failure) e);
            return ((Failure) e).code.code();
        });
        return line.execute(args);
    }

    private static void help(CommandLine line) {
        var codes = new LinkedHashMap<String, String>();
        for (ExitCode c : ExitCode.values()) codes.put(String.valueOf(c.code()), c.meaning);
        line.setUsageHelpWidth(110);
        line.getCommandSpec().usageMessage()
            .exitCodeListHeading("%nExit codes:%n")
            .exitCodeList(codes)
            .footerHeading("%nExample:%n")
            .sortOptions(false);
    }
}
