package lib;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One external command: an argument list (never a shell string) and a time limit. */
public record Command(List<String> arguments, Map<String, String> environment, Path folder, String stdin, Duration limit) {
    /** Characters of one stream that are kept: an app's log or a build may have no end. */
    private static final int KEPT = 16 << 20;

    /** A Ctrl-C in the terminal goes to a whole process group: it must not end the step in hand behind our back. */
    private static final List<String> OWN_SESSION = Files.isExecutable(Path.of("/usr/bin/setsid")) ? List.of("/usr/bin/setsid", "--wait") : List.of();

    /** What it said. {@code code} is -1 when it was ended at its limit. */
    public record Result(int code, String out, String err) {
        public boolean ok() { return code == 0; }
        public boolean ended() { return code != -1; }
        /** The last thing it said, for a person. */
        public String last() {
            String text = (err.isBlank() ? out : err).strip();
            return text.substring(text.lastIndexOf('\n') + 1);
        }
    }

    public static Command of(Duration limit, String... arguments) {
        return new Command(List.of(arguments), Map.of(), null, null, limit);
    }

    public Command with(Map<String, String> variables) { return new Command(arguments, variables, folder, stdin, limit); }
    public Command in(Path dir) { return new Command(arguments, environment, dir, stdin, limit); }
    public Command input(String text) { return new Command(arguments, environment, folder, text, limit); }
    public Command and(String... more) {
        var all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return new Command(all, environment, folder, stdin, limit);
    }

    public Result run() { return run(line -> {}); }

    /** Runs to the end; each line of stderr goes to {@code progress} as it comes. */
    public Result run(Consumer<String> progress) {
        Process process = null;
        try {
            process = start();
            var from = process;
            var out = new StringBuilder();
            var err = new StringBuilder();
            Thread readOut = Thread.ofVirtual().start(() -> copy(from.getInputStream(), out, line -> {}));
            Thread readErr = Thread.ofVirtual().start(() -> copy(from.getErrorStream(), err, progress));
            if (stdin != null) {
                try (OutputStream to = process.getOutputStream()) {
                    to.write(stdin.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    progress.accept("it did not read its input: " + e.getMessage());   // its exit code tells the rest
                }
            } else process.getOutputStream().close();
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) process.destroyForcibly().waitFor();
            readOut.join(1000);
            readErr.join(1000);
            synchronized (out) { synchronized (err) {
                return ended ? new Result(process.exitValue(), out.toString(), err.toString())
                             : new Result(-1, out.toString(), err + "no answer within " + limit.toSeconds() + " s");
            } }
        } catch (IOException e) {
            return new Result(127, "", e.getMessage());
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            return new Result(-1, "", "interrupted");
        }
    }

    /** Starts it and leaves it running: the caller holds its streams. */
    public Process start() throws IOException {
        var all = new ArrayList<>(OWN_SESSION);
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

    private static void copy(InputStream from, StringBuilder to, Consumer<String> progress) {
        try (var reader = new InputStreamReader(from, StandardCharsets.UTF_8)) {
            var line = new StringBuilder();
            var buffer = new char[8192];
            for (int n; (n = reader.read(buffer)) > 0; ) {
                synchronized (to) {
                    to.append(buffer, 0, n);
                    if (to.length() > KEPT) to.delete(0, KEPT / 2);       // the end is what tells
                }
                line.append(buffer, 0, n);
                for (int end; (end = line.indexOf("\n")) >= 0; line.delete(0, end + 1)) progress.accept(line.substring(0, end));
                if (line.length() > 8192) line.setLength(0);             // no sign of life for a person
            }
        } catch (IOException e) {
            synchronized (to) { to.append("(").append(e.getMessage()).append(")"); }   // the pipe of a killed process
        }
    }

    /** What it does, without its other arguments: "docker build". */
    String verb() { return String.join(" ", arguments.subList(0, Math.min(2, arguments.size()))); }

    @Override public String toString() { return String.join(" ", arguments); }
}
