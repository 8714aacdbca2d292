package board;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import lib.core.ExitCode;
import lib.core.Failure;

/** A command as a person types it, from the start of its process to the end. {@code cpu}: with all that it started. */
public record Timed(double ms, double cpu) {
    /** What the shell says of its children: "0m0.120s 0m0.040s". */
    private static final Pattern TIMES = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");

    /** @throws Failure when it does not end well */
    public static Timed of(List<String> command) throws IOException, InterruptedException {
        // The shell waits for it, and so knows its CPU time.
        var all = new ArrayList<>(List.of("sh", "-c", "\"$@\" >/dev/null; code=$?; times; exit $code", "sh"));
        all.addAll(command);
        long began = System.nanoTime();
        var process = new ProcessBuilder(all).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        double ms = (System.nanoTime() - began) / 1e6;
        var times = TIMES.matcher(said);
        if (code != 0 || !times.find())
            throw new Failure(ExitCode.FAILED, String.join(" ", command) + " ended with " + code, said);
        return new Timed(ms, seconds(times.group(1), times.group(2)) + seconds(times.group(3), times.group(4)));
    }

    private static double seconds(String minutes, String seconds) {
        return 60 * Double.parseDouble(minutes) + Double.parseDouble(seconds);
    }

    /** One that takes longer than this is not called again: what it needs is known well enough. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** The same command, several times. */
    public record Series(List<Timed> all) {
        public static Series none() { return new Series(new ArrayList<>()); }

        public static Series of(int times, List<String> command) throws IOException, InterruptedException {
            var series = none();
            long end = System.nanoTime() + PATIENCE.toNanos();
            for (int i = 0; i < times && (i == 0 || System.nanoTime() < end); i++) series.all.add(Timed.of(command));
            return series;
        }

        public double median() { return middle(all.stream().map(Timed::ms).toList()); }
        public double worst() { return all.stream().mapToDouble(Timed::ms).max().orElseThrow(); }
        public double cpu() { return middle(all.stream().map(Timed::cpu).toList()); }
    }

    public static double middle(List<Double> all) { return all.stream().sorted().toList().get(all.size() / 2); }
}
