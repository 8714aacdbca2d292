package lib.docker;

import java.time.Instant;

/** How a container ended. */
public final class Death {
    private Death() {}

    /** One that ran at {@code started}: "died: out of memory (exit code 137)". */
    public static String of(Engine engine, Container now, Instant started) {
        var until = now.running() ? now.started() : Instant.now();
        var events = engine.events(started, until, "container=" + now.id(), "event=die", "event=oom");
        var died = events.stream()
            .filter(e -> e.path("Action").asText().equals("die"))
            .findFirst()
            .map(e -> e.at("/Actor/Attributes/exitCode").asText());
        boolean memory = events.stream().anyMatch(e -> e.path("Action").asText().equals("oom"));
        String code = died.orElse(now.running() ? "unknown" : String.valueOf(now.exitCode()));
        return (memory ? "died: out of memory" : "died") + " (exit code " + code + ")";
    }
}
