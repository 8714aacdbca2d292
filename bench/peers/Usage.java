package peers;

import java.time.Instant;
import lib.core.Failure;
import lib.docker.Engine;

/** What a container has used, as its engine counts it. @param at in {@link System#currentTimeMillis} */
record Usage(long at, long cpuNanos, long bytes) {
    static Usage of(String container) {
        var stats = Engine.here()
            .stats(container)
            .orElseThrow(() -> Failure.preflight("no container " + container));
        var memory = stats.path("memory_stats");
        // Without what the kernel would give back: cgroup v2 has the first name, v1 the second.
        long cache = memory.at("/stats/inactive_file").asLong(memory.at("/stats/total_inactive_file").asLong());
        return new Usage(Instant.parse(stats.path("read").asText()).toEpochMilli(),
            stats.at("/cpu_stats/cpu_usage/total_usage").asLong(), memory.path("usage").asLong() - cache);
    }
}
