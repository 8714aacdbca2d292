package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import lib.core.Failure;

/** How a container ended. */
public final class Death {
    private Death() {}

    /** One that ran at {@code started}: "died: out of memory (exit code 137)". An engine that does not tell hides no death. */
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

    private static List<JsonNode> events(Engine engine, Container now, Instant started) {
        try {
            var until = now.running() ? Optional.of(now.started()) : finished(engine, now);
            if (until.isEmpty()) return List.of();
            return engine.events(started, until.get().plusSeconds(1), "container=" + now.id(), "event=die",
                "event=oom");
        } catch (Failure f) {
            return List.of();
        }
    }

    /** By the engine's clock: it would wait for a moment of ours that is to come for it. */
    private static Optional<Instant> finished(Engine engine, Container ended) {
        return engine.inspect(ended.id()).map(n -> n.at("/State/FinishedAt").asText()).flatMap(Death::time);
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
