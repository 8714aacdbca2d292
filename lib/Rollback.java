package lib;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import com.fasterxml.jackson.databind.JsonNode;

/** Whether there is a way back now, where to, and how long it would take, by what this project's journal has seen. */
public sealed interface Rollback {
    /** The other colour runs and is healthy: one rename. */
    record Warm(Color to, String version, Duration about) implements Rollback {}
    /** It was stopped, or its container removed: started first, on the image it had. {@code about}: null when no start was seen yet. */
    record Cold(Color to, String version, Duration about) implements Rollback {}
    record Impossible(String reason) implements Rollback {}

    static Rollback of(Truth truth) {
        var config = truth.config();
        var active = truth.serving().active();
        if (active == null) return new Impossible("the workers have no generation");
        Color to = active.other();
        var container = truth.container(to);
        var conflict = container.flatMap(c -> truth.container(active).flatMap(a -> Schema.conflict(to + " (" + c.version() + ")", c.labels(), active + " (" + a.version() + ")", a.labels())));
        if (conflict.isPresent()) return new Impossible(conflict.get());
        var runs = Journal.runs(config);
        Duration move = middle(runs.stream().flatMap(r -> r.line("switch", "done").or(() -> r.line("rollback", "done")).stream()).map(l -> Duration.ofMillis(l.path("ms").asLong())).toList()).orElse(Duration.ofMillis(200));
        if (truth.running(to)) {
            var wrong = Probe.once(URI.create(config.healthUrl(to)), Duration.ofSeconds(2)).wrong(Probe.Expected.of(config, to, truth.version(to)));
            return wrong.isEmpty() ? new Warm(to, truth.version(to), move) : new Impossible(to + " is not healthy: " + wrong.get());
        }
        if (container.isEmpty() && new Stack(config).pinnedImage(to).isEmpty()) return new Impossible(to + " has neither a container nor an image");
        var starts = middle(runs.stream().flatMap(r -> between(r.line("start", "begin"), r.line("health", "done")).stream()).toList());
        return new Cold(to, truth.version(to), starts.map(move::plus).orElse(null));
    }

    private static Optional<Duration> between(Optional<JsonNode> begin, Optional<JsonNode> end) {
        if (begin.isEmpty() || end.isEmpty()) return Optional.empty();
        return Optional.of(Duration.between(Instant.parse(begin.get().path("at").asText()), Instant.parse(end.get().path("at").asText()))).filter(Duration::isPositive);
    }

    private static Optional<Duration> middle(List<Duration> all) { return all.stream().sorted().skip(all.size() / 2).findFirst(); }

    /** For one line of a screen. */
    default String text() {
        return switch (this) {
            case Warm(Color to, String version, Duration about) -> "to " + to + " " + version + ", at once (about " + Console.seconds(about) + ")";
            case Cold(Color to, String version, Duration about) -> "to " + to + (version == null ? "" : " " + version) + ", which is started first"
                + (about == null ? "" : " (about " + Console.seconds(about) + ")");
            case Impossible(String reason) -> "not possible: " + reason;
        };
    }
}
