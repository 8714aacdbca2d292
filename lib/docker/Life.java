package lib.docker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether a colour's container still may get healthy. One end without a restart is final. With a restart policy three
 * are: an app that waits for its database by ending is given two more tries; with the engine's pauses of 0.1, 0.2 and
 * 0.4 s a version that dies at its start is known within seconds of its own start time.
 */
public final class Life {
    private static final int EXITS = 3;
    /** After so long the engine takes a start for a success: restarts before it are history. */
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private final Engine engine;
    private final Container first;
    private final int before;        // restarts that are none of this gate's

    public Life(Engine engine, Container container) {
        this.engine = engine;
        first = container;
        before = container.running() && container.started().isBefore(Instant.now().minus(SETTLED))
            ? container.restarts()
            : 0;
    }

    /**
     * {@code ended}: why it will not get healthy any more; empty: it may. {@code started} and {@code addresses}: others
     * after a restart.
     */
    public record Seen(Optional<String> ended, Instant started, List<String> addresses) {}

    public Seen look() { return look(EXITS); }

    /** Where no more tries are waited for, one end is the reason. */
    public Optional<String> diedSoFar() { return look(1).ended(); }

    private Seen look(int exits) {
        var found = engine.container(first.id());
        return found.map(now -> new Seen(ended(now, exits), now.started(), now.addresses()))
            .orElseGet(() -> new Seen(Optional.of("its container was removed"), first.started(), List.of()));
    }

    private Optional<String> ended(Container now, int enough) {
        int exits = now.restarts() - before;
        if (!now.up() && !now.status().equals("created"))
            return Optional.of(now.status().equals("paused") ? "its container is paused" : "it " + death(now));
        String often = exits == 1 ? "died once" : "died " + exits + " times";
        return exits < enough ? Optional.empty() : Optional.of("it " + death(now).replaceFirst("died", often));
    }

    /** Told from a moment before the first look, which may have come after the first end. */
    private String death(Container now) { return Death.of(engine, now, first.started().minusSeconds(5)); }
}
