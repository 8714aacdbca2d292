package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import lib.core.Failure;

/** How a container ended. */
public final class Death {
    private Death() {}

    /**
     * One that ran at {@code started}: "died: out of memory (exit code 137)". An engine that does not tell hides no
     * death.
     */
    public static String of(Engine engine, Container now, Instant started) {
        var events = events(engine, now, started);
        var died = events.stream()
            .filter(e -> e.path("Action").asText().equals("die"))
            .findFirst()
            .map(e -> e.at("/Actor/Attributes/exitCode").asText());
        boolean memory = events.stream().anyMatch(e -> e.path("Action").asText().equals("oom"));
        String code = died.orElse(now.running() ? "unknown" : String.valueOf(now.exitCode()));
        return (memory ? "died: out of memory" : "died") + " (exit code " + code + ")";
    }

    /** By the engine's clock: for a moment of ours that is to come for it, it would wait. */
    private static List<JsonNode> events(Engine engine, Container now, Instant started) {
        var until = now.running() ? now.started() : now.ended().plusSeconds(1);
        try {
            return engine.events(started, until, "container=" + now.id(), "event=die", "event=oom");
        } catch (Failure f) {
            return List.of();
        }
    }
}
