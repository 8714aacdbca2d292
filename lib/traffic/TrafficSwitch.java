package lib.traffic;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.nginx.Generation;
import lib.nginx.Holding;
import lib.nginx.Nginx;
import lib.state.State;

/**
 * Moving to another generation with all that belongs to it: journal, confirmation by the workers, state file. It knows
 * the generation that this run confirmed last, which is the fence before whatever the run changes.
 */
public final class TrafficSwitch {
    private final Config config;
    private final Run run;
    private final Nginx nginx;
    private Generation serving;
    private Optional<Instant> moved = Optional.empty();

    /** @param serving what the workers serve now; from here on the run changes something only while that is so */
    public TrafficSwitch(Config config, Run run, Nginx nginx, Generation serving) {
        this.config = config;
        this.run = run;
        this.nginx = nginx;
        this.serving = serving;
        run.fencedBy(this::requireLive);
    }

    /** As the workers confirmed it last. */
    public Generation serving() { return serving; }

    /** When this run last gave the order to move the traffic to another colour. */
    public Optional<Instant> moved() { return moved; }

    /** The fence by itself. @throws Failure (locked) when somebody else moved the traffic */
    public void requireLive() { nginx.requireLive(serving); }

    /** A colour that is to be stopped, and gets no requests; see {@link Nginx#leave}. */
    public Optional<String> leave(Colour colour) { return nginx.leave(colour, serving); }

    /** What Nginx has of a colour now. */
    public Holding holding(Container colour) { return nginx.holding(colour); }

    /** All traffic to a colour, as a generation that is to come. */
    public Generation next(Colour to, boolean backed, Version version, Way via) {
        return Generation.all(nginx.next(), to, backed, version, via);
    }

    /**
     * The traffic goes to another colour: a step that a person sees.
     * @param after what the state file says then
     */
    public void move(Move move, Generation next, State after, Optional<String> reason) {
        var before = serving;
        run.step(move.toString(), facts(next), step -> {
            moved = after.lastSwitch();
            var switched = install(next, after, step);
            run.console()
                .event("switched", Map.of("active", next.active().toString(), "generation", next.number(),
                    "renamedAt", switched.renamed().toString(), "ms", switched.took().toMillis(), "wholeMs",
                    switched.whole().toMillis(),
                    "rollback", move == Move.ROLLBACK, "via", next.via().toString()));
            run.tellOthers(move.event, reason);
            var console = run.console();
            return (before.version().isKnown() ? console.of(next.active().other()) + " → " : "")
                + console.of(next.active())
                + next.version().spaced()
                + ", " + next.via() + ", verified in " + switched.took().toMillis() + " ms (generation " + next.number()
                + ")";
        });
    }

    /** The same colour goes on serving, with or without the other as its backup. */
    public void failover(boolean backed, State after) {
        var next = new Generation(nginx.next(), serving.active(), serving.green(), backed, serving.version(),
            serving.via());
        run.quiet("failover", facts(next), step -> {
            install(next, after.renumbered(next.number()), step);
            return backed ? "armed" : "disarmed";
        });
    }

    private Map<String, ?> facts(Generation next) {
        return Map.of("from", String.valueOf(serving.active()), "to", next.active().toString(), "generation",
            next.number(), "backed", next.backed());
    }

    private Nginx.Switched install(Generation next, State after, Console.Step step) {
        var switched = installed(next, step);
        serving = next;
        step.fact("to", next.active().toString())
            .fact("generation", next.number())
            .fact("ms", switched.took().toMillis());
        // The workers have confirmed: a copy that cannot be written does not make that untrue.
        after.keep(config.project(), run.console());
        return switched;
    }

    private Nginx.Switched installed(Generation next, Console.Step step) {
        try {
            return nginx.install(next, serving);
        } catch (Failure f) {
            // What was put back has a number of its own: from there it may be tried again.
            Nginx.serving(config).filter(live -> isPutBack(live, next)).ifPresent(back -> {
                serving = back;
                step.fact("generation", back.number());         // ours, for who asks later whether somebody else acted
            });
            throw f;
        }
    }

    private boolean isPutBack(Generation live, Generation next) {
        long tries = live.number() - next.number();
        return tries > 0 && tries <= Nginx.PUT_BACKS && live.equals(serving.renumbered(live.number()));
    }
}
