package lib.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import lib.secrets.Redaction;

/**
 * One external command: an argument list (never a shell string) and a time limit. At the limit, and when the thread
 * that runs it is interrupted, it is ended with all that it started.
 */
public record Command(List<String> arguments, Map<String, String> environment, Path folder, String stdin,
    Duration limit) {
    /** Characters of one stream that are kept: an app's log or a build may have no end. */
    private static final int KEPT = 16 << 20;
    /** For the rest of the output of a process that ended: what it left behind may hold the stream open for ever. */
    private static final Duration REST = Duration.ofSeconds(1);
    /** Options whose value is NAME=VALUE of a variable. */
    private static final Set<String> VARIABLES = Set.of("--build-arg", "--env", "-e");

    /** What it said; the code is also one of those below. */
    public record Result(int code, String out, String err) {
        public static final int LATE = -1, INTERRUPTED = -2, NOT_STARTED = 127;

        public boolean ok() { return code == 0; }
        public boolean ended() { return code != LATE; }
        /** The last thing it said, for a person. */
        public String last() {
            String text = (err.isBlank() ? out : err).strip();
            return text.substring(text.lastIndexOf('\n') + 1);
        }
        /** How it ended, for a person: "failed with exit code 7". */
        public String end() {
            return switch (code) {
                case 0 -> "is done";
                case LATE -> "did not end in time";
                case INTERRUPTED -> "was interrupted";
                case NOT_STARTED -> "could not be started (exit code 127)";
                default -> "failed with exit code " + code;
            };
        }
    }

    public static Command of(Duration limit, String... arguments) {
        return new Command(List.of(arguments), Map.of(), null, null, limit);
    }

    public Command with(Map<String, String> variables) {
        return new Command(arguments, variables, folder, stdin, limit);
    }
    public Command in(Path dir) { return new Command(arguments, environment, dir, stdin, limit); }
    public Command input(String text) { return new Command(arguments, environment, folder, text, limit); }
    public Command and(String... more) {
        var all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return new Command(all, environment, folder, stdin, limit);
    }

    public Result run() { return run(line -> {}); }

    /**
     * Runs to the end; each line of stderr goes to {@code progress} as it comes. To cancel it, interrupt the thread:
     * the result says so, and the thread stays interrupted.
     */
    public Result run(Consumer<String> progress) {
        final Process process;
        try {
            process = start();
        } catch (IOException e) {
            return new Result(Result.NOT_STARTED, "", e.getMessage());
        }
        var out = new Output(process.getInputStream(), line -> {});
        var err = new Output(process.getErrorStream(), progress);
        Thread.ofVirtual().start(() -> write(process.getOutputStream(), progress));     // it may never read all of it
        try {
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (ended) return new Result(process.exitValue(), out.all(), err.all());
            ProcessFamily.end(process);
            err.add("no answer within " + limit.toSeconds() + " s");
            return new Result(Result.LATE, out.all(), err.all());
        } catch (InterruptedException e) {
            ProcessFamily.end(process);
            err.add("interrupted");
            var result = new Result(Result.INTERRUPTED, out.all(), err.all());
            Thread.currentThread().interrupt();
            return result;
        }
    }

    /** Starts it and leaves it running: the caller holds its streams. */
    public Process start() throws IOException {
        var all = new ArrayList<>(ProcessFamily.OWN_SESSION);
        all.addAll(arguments);
        var builder = new ProcessBuilder(all);
        try {
            builder.environment().putAll(environment);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);        // a NUL, or = in a name
        }
        if (folder != null) builder.directory(folder.toFile());
        return builder.start();
    }

    private void write(OutputStream to, Consumer<String> progress) {
        try (to) {
            if (stdin != null) to.write(stdin.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            progress.accept("it did not read its input: " + e.getMessage());      // its exit code tells the rest
        }
    }

    /** One stream of a process, read beside it. */
    private static final class Output {
        private final StringBuilder text = new StringBuilder();      // guarded by this
        private final Thread reader;
        private volatile boolean over;

        Output(InputStream from, Consumer<String> progress) {
            reader = Thread.ofVirtual().start(() -> read(from, progress));
        }

        /** All of it, when the process has ended. */
        String all() {
            try {
                reader.join(REST);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();         // seen by the caller's next wait
            }
            over = true;
            synchronized (this) {
                return text.toString();
            }
        }

        /** A line of ours, at the end of what it said so far. */
        synchronized void add(String line) {
            if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') text.append('\n');
            text.append(line);
        }

        private synchronized void keep(char[] buffer, int n) {
            text.append(buffer, 0, n);
            if (text.length() > KEPT) text.delete(0, KEPT / 2);       // the end is what tells
        }

        private void read(InputStream from, Consumer<String> progress) {
            try (var reader = new InputStreamReader(from, StandardCharsets.UTF_8)) {
                var line = new StringBuilder();
                var buffer = new char[8192];
                for (int n; (n = reader.read(buffer)) > 0;) {
                    keep(buffer, n);
                    line.append(buffer, 0, n);
                    for (int end; (end = line.indexOf("\n")) >= 0; line.delete(0, end + 1))
                        if (!over) progress.accept(line.substring(0, end));
                    if (line.length() > 8192) line.setLength(0);             // no sign of life for a person
                }
            } catch (IOException e) {
                add("(" + e.getMessage() + ")");        // the pipe of a killed process
            }
        }
    }

    /** For people: without the values of variables, and what else looks secret. */
    @Override public String toString() {
        var shown = new ArrayList<String>();
        String option = "";
        for (String argument : arguments) {
            shown.add(VARIABLES.contains(option) ? nameOnly(argument) : joined(argument));
            option = argument;
        }
        return Redaction.plain().apply(String.join(" ", shown));
    }

    /** --env=NAME=VALUE, too. */
    private static String joined(String argument) {
        int at = argument.indexOf('=');
        boolean variable = at > 0 && VARIABLES.contains(argument.substring(0, at));
        return variable ? argument.substring(0, at + 1) + nameOnly(argument.substring(at + 1)) : argument;
    }

    /** What it does, without its other arguments: "docker build". */
    public String verb() { return String.join(" ", arguments.subList(0, Math.min(2, arguments.size()))); }

    private static String nameOnly(String variable) {
        int at = variable.indexOf('=');
        return at < 0 ? variable : variable.substring(0, at + 1) + Redaction.MARK;
    }
}
