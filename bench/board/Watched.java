package board;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import load.Project;

/**
 * A monitor, looked at from outside: each sample with what its process had used until then. The first ones are left
 * out, where it starts and reads what was before.
 */
public record Watched(List<Sample> samples) {
    /** {@code nanos}: when it came. */
    public record Sample(long nanos, Duration cpu, long requests) {}

    private static final int FIRST = 2;

    public static Watched run(Project project, int seconds) throws IOException, InterruptedException {
        var monitor = project.start("monitor", "--duration", String.valueOf(seconds));
        var samples = new ArrayList<Sample>();
        var errors = new StringBuilder();
        var err = Thread.ofVirtual()
            .start(() -> monitor.errorReader().lines().forEach(l -> errors.append(l).append('\n')));
        try (var out = monitor.inputReader()) {
            for (String line; (line = out.readLine()) != null;) {
                var event = Json.read(line).filter(e -> e.path("event").asText().equals("sample"));
                // The launcher has become the script: one process.
                event.ifPresent(e -> samples.add(new Sample(System.nanoTime(),
                    monitor.info().totalCpuDuration().orElse(Duration.ZERO), requests(e))));
            }
        }
        int code = monitor.waitFor();
        err.join();
        if (code != 0 || samples.size() < FIRST + 2)
            throw new Failure(ExitCode.FAILED,
                "the monitor ended with " + code + ", after " + samples.size() + " samples in " + seconds + " s",
                errors.toString(), "bench growth --watch 16");
        return new Watched(samples.subList(FIRST - 1, samples.size()));
    }

    private static long requests(JsonNode event) {
        return event.path("blue").path("requests").asLong() + event.path("green").path("requests").asLong();
    }

    private double seconds() { return (samples.getLast().nanos - samples.getFirst().nanos) / 1e9; }

    /** Requests a second that it saw. */
    public double rate() { return samples.stream().skip(1).mapToLong(Sample::requests).sum() / seconds(); }

    /** CPU seconds of its process a second. */
    public double cpu() { return samples.getLast().cpu.minus(samples.getFirst().cpu).toMillis() / 1000.0 / seconds(); }

    /** CPU seconds from the start of its process to the first sample that counts. */
    public double start() { return samples.getFirst().cpu.toMillis() / 1000.0; }

    /** Seconds between two samples: two, as long as it keeps up. */
    public double longest() {
        double longest = 0;
        for (int i = 1; i < samples.size(); i++)
            longest = Math.max(longest, (samples.get(i).nanos - samples.get(i - 1).nanos) / 1e9);
        return longest;
    }
}
