package lib.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.ContainerSecrets;
import lib.nginx.AccessLog;
import lib.nginx.AccessLogReader;
import lib.stack.Stack;
import lib.state.Observed;

/**
 * What a person types in the console, and what a file for it says (ops.jsh imports them). A verb is a script, run in
 * this process as its command line would be; one that moves traffic asks first. Static: a snippet of JShell reaches
 * nothing else.
 */
public final class Verbs {
    /**
     * @param scripts by name ("switch"), each made anew for each call
     * @param file whose first verb that fails ends it; empty: a console, that goes on
     */
    public record Shell(Project cli, Map<String, Supplier<Callable<Integer>>> scripts, Optional<Path> file) {}

    /** A verb of a file failed: caught, the file goes on. */
    public static final class Failed extends RuntimeException {
        Failed(String verb, int code) { super(verb + " ended with exit code " + code); }
    }

    /** Each verb and what it is for, as help() shows it. */
    static final List<Map.Entry<String, String>> ALL = List.of(
        Map.entry("status()", "which colour serves what, the way back, any drift"),
        Map.entry("health()", "the app as users reach it; health(GREEN): a colour on its own port"),
        Map.entry("logs(BLUE, 50)", "the last lines that a colour said, redacted"),
        Map.entry("tail()", "requests as they come, until Ctrl-C; tail(20): so many"),
        Map.entry("plan(\"1.0.1\")", "what a deploy of it would do"),
        Map.entry("deploy(\"1.0.1\")", "build, start, switch, watch; asks first"),
        Map.entry("switchTo(GREEN)", "move the traffic; asks first"),
        Map.entry("rollback()", "back to the last version that was good; asks first"),
        Map.entry("validate()", "what a deploy needs, with each fix"),
        Map.entry("incident()", "why the last run went wrong"),
        Map.entry("observed()", "the picture as an object; config() and stack() too"));

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.of("UTC"));
    /** Nginx writes its log at least once a second. */
    private static final Duration LOOK = Duration.ofMillis(500), READ = Duration.ofSeconds(10);

    private static Shell shell;
    private static ThreadGroup outside;
    private static InputStream typed = System.in;
    private static int failed;

    private Verbs() {}

    public static void open(Shell opened) {
        shell = opened;
        outside = Thread.currentThread().getThreadGroup();
    }

    /** Where answers come from while JShell has the terminal. */
    static void typedAt(InputStream in) { typed = in; }

    /** The exit code of the verb that failed last. */
    static int failed() { return failed; }

    public static void help() {
        int width = ALL.stream().mapToInt(v -> v.getKey().length()).max().orElseThrow();
        var console = shell.cli.console();
        ALL.forEach(v -> console.line("  " + v.getKey() + " ".repeat(width - v.getKey().length()) + "  "
            + console.dim(v.getValue())));
        console.line(console.dim("  Tab completes; /exit leaves; everything else is Java: docs/console.md"));
    }

    public static void status() { script("status()", "status"); }
    public static void health() { script("health()", "health"); }
    public static void health(Colour colour) { script("health(" + colour.name() + ")", "health", colour.toString()); }
    public static void validate() { script("validate()", "validate"); }
    public static void incident() { script("incident()", "incident"); }
    public static void plan(String version) { script("plan()", "deploy", "--plan", "--version", version); }

    public static void deploy(String version) { moving("deploy()", "deploy", "--version", version); }
    public static void switchTo(Colour to) { moving("switchTo(" + to.name() + ")", "switch", to.toString()); }
    public static void rollback() { moving("rollback()", "switch", "--rollback"); }

    public static Config config() { return shell.cli.config(); }
    public static Stack stack() { return new Stack(config()); }
    public static Observed observed() { return Observed.read(stack()); }

    public static void logs(Colour colour) { logs(colour, 50); }
    public static void logs(Colour colour, int lines) {
        run("logs(" + colour.name() + ")", () -> {
            var stack = stack();
            var container = stack.container(colour)
                .orElseThrow(() -> new Failure(ExitCode.UNHEALTHY, colour + " has no container").next("status"));
            var redaction = ContainerSecrets.redaction(stack.config(), stack.engine());
            stack.engine()
                .logs(container.id(), lines)
                .forEach(line -> shell.cli.console().line(redaction.apply(line.toString())));
            return ExitCode.DONE.code();
        });
    }

    public static void tail() { tail(Integer.MAX_VALUE); }
    public static void tail(int requests) { run("tail()", () -> follow(stack(), requests)); }

    private static int follow(Stack stack, int requests) throws InterruptedException {
        var nginx = stack.nginx();
        var redaction = ContainerSecrets.redaction(stack.config(), stack.engine());
        var log = new AccessLogReader(stack.engine(), Instant.now());
        try {
            log.read(nginx.id(), READ, _ -> true);          // what is there already is no news
        } catch (IOException e) {
            throw unread(e);
        }
        for (var left = new AtomicInteger(requests); left.get() > 0; Thread.sleep(LOOK)) try {
            log.read(nginx.id(), READ, line -> {
                AccessLog.read(line).filter(r -> !r.asksForHealth(stack.config())).ifPresent(r -> {
                    shell.cli.console().line(redaction.apply(text(r)));
                    left.decrementAndGet();
                });
                return left.get() > 0;
            });
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) throw new InterruptedException();
            throw unread(e);
        }
        return ExitCode.DONE.code();
    }

    private static Failure unread(IOException e) {
        return new Failure(ExitCode.UNHEALTHY, "the access log cannot be read: " + e.getMessage()).next("status");
    }

    private static String text(AccessLog r) {
        return "%s  %-5s %d  %s %s  %.0f ms%s"
            .formatted(TIME.format(r.at()), r.deployment(), r.status(), r.method(),
                r.uri(), r.millis(), r.failedOver() ? "  failed over" : "");
    }

    private static void script(String verb, String name, String... arguments) {
        run(verb, () -> execute(name, arguments));
    }

    private static int execute(String name, String... arguments) {
        var line = Stream.concat(shell.cli.options().stream(), Stream.of(arguments)).toArray(String[]::new);
        return Cli.execute(shell.scripts.get(name).get(), line);
    }

    /** What it would do is shown, and a person agrees, or said --yes for all. */
    private static void moving(String verb, String name, String... arguments) {
        run(verb, () -> {
            if (!shell.cli.saysYes()) {
                if (shell.cli.asksNothing())
                    throw Failure.usage(verb + " may move traffic, and there is no terminal to ask at",
                        "nothing was done", "shell " + shell.file.map(Path::toString).orElse("FILE.jsh") + " --yes");
                var plan = new ArrayList<>(List.of(arguments));
                plan.add("--plan");
                int code = execute(name, plan.toArray(String[]::new));
                if (code != 0) return code;
                if (!agreed(verb + ": go on?")) {
                    shell.cli.console().line("  nothing was done");
                    return ExitCode.INTERRUPTED.code();
                }
            }
            return execute(name, arguments);
        });
    }

    private static boolean agreed(String question) throws IOException {
        System.out.print(question + " [y/N] ");
        System.out.flush();
        var answer = new StringBuilder();
        try {
            for (int c; (c = typed.read()) >= 0 && c != '\n';) answer.append((char) c);
        } catch (InterruptedIOException e) {            // Ctrl-C
            return false;
        }
        return answer.toString().strip().matches("(?i)y(es)?");
    }

    /**
     * On a thread of its own: the console's Ctrl-C interrupts the one that called, and all of its group, but a step
     * that changes something ends first.
     */
    private static void run(String verb, Callable<Integer> work) {
        var code = new AtomicInteger(ExitCode.UNCONFIRMED.code());
        var thread = new Thread(outside, () -> code.set(ended(work)), verb);
        thread.start();
        for (boolean over = false; !over;) try {
            thread.join();
            over = true;
        } catch (InterruptedException e) {
            Interruption.key(thread);
        }
        Interruption.leave();
        if (code.get() == 0) return;
        failed = code.get();
        if (shell.file.isPresent()) throw new Failed(verb, failed);
    }

    private static int ended(Callable<Integer> work) {
        try {
            return work.call();
        } catch (InterruptedException e) {
            return ExitCode.INTERRUPTED.code();
        } catch (Exception e) {
            return shell.cli.told(e, false);
        }
    }
}
