package lib.state;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lib.journal.Journal;

/** An app that took its whole grace to stop, until it was killed: seen at the newest stop that the journals tell of. */
public record Killed(String service, long seconds, Instant at) {
    /** The usual reasons: a shell is the first process and passes no signal on, or the app does not listen for it. */
    public static final String FIX = "let the app end on SIGTERM (docs/runtime.md); where a shell or nothing passes it on,"
        + " `init: true` in the compose file or CMD [\"…\"]; or a shorter stop_grace_period";

    /** Empty also when no stop is known. */
    public static Optional<Killed> last(List<Journal.Run> runs) {
        return runs.reversed().stream()
            .flatMap(run -> run.lines().reversed().stream())
            .filter(line -> isStop(line) || line.has("killedAfter"))
            .findFirst()
            .filter(stop -> stop.has("killedAfter"))
            .map(
                stop -> new Killed(stop.path("service").asText(), stop.path("killedAfter").asLong(), Journal.at(stop)));
    }

    private static boolean isStop(JsonNode line) {
        return line.path("step").asText().equals("stop") && line.path("phase").asText().equals("done");
    }

    public Duration ago() { return Duration.between(at, Instant.now()); }
}
