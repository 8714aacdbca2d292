package lib.traffic;

import java.util.Map;
import java.util.Optional;
import lib.core.Colour;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Schema;
import lib.stack.Stack;
import lib.state.Failover;
import lib.state.Observed;

/**
 * Serving means answering: a colour serves when it passes its gate now and the other one does not answer its requests.
 * A container that runs proves nothing.
 */
public final class Serving {
    private Serving() {}

    /** Why a colour does not serve what is sent to it; empty when it does. Asked now, for up to 6 s. */
    public static Optional<String> wrong(Observed now, Colour colour) {
        var container = now.container(colour);
        if (container.isEmpty()) return Optional.of(colour + " has no container");
        if (!container.get().running() && now.stack().running(colour).isEmpty())
            return Optional.of(
                colour + (colour == now.serving().active() ? " has the traffic but does not run" : " does not run")
                    + ": its container is " + container.get().status());
        return new Gate(now.stack(), colour, now.version(colour))
            .now()
            .map(why -> colour + " is not healthy: " + why)
            .or(() -> colour == now.serving().active() ? answeredByTheOther(now) : Optional.empty());
    }

    /**
     * Whether Nginx may fail over to a colour: it passes its gate now, as what it was started as, and its version can
     * live with the database of the other one.
     */
    public static boolean canBackUp(Stack stack, Colour colour) {
        return canBackUp(stack, stack.containers(), colour);
    }

    /** The same, of containers that were just listed. */
    public static boolean canBackUp(Stack stack, Map<String, Container> containers, Colour colour) {
        var config = stack.config();
        if (Schema.conflict(config, containers).isPresent()) return false;
        return Optional.ofNullable(containers.get(config.service(colour)))
            .filter(c -> c.running() && new Gate(stack, colour, c.version()).now().isEmpty())
            .isPresent();
    }

    private static Optional<String> answeredByTheOther(Observed now) {
        return failover(now).filter(Failover::most).map(Failover::text);
    }

    /** A log that cannot be read proves nothing: the gates decide alone. */
    private static Optional<Failover> failover(Observed now) {
        try {
            return Failover.of(now);
        } catch (Failure f) {
            return Optional.empty();
        }
    }

    /**
     * Whether users get their answers from a colour, whatever the generation says, or it is the only one that could
     * give them.
     */
    public static boolean answersUsers(Observed now, Colour colour) {
        if (!now.running(colour)) return false;
        if (colour == now.serving().active()) return true;
        return wrong(now, colour.other()).isPresent()
            && (failover(now).filter(f -> f.recent() > 0).isPresent()
                || !answers(now, colour.other()) && now.schemaConflict().isEmpty() && wrong(now, colour).isEmpty());
    }

    /** Its gate asks for more: somebody has changed what health.require says, and that moves no traffic. */
    private static boolean answers(Observed now, Colour colour) {
        return new Gate(now.stack(), colour, now.version(colour)).answers();
    }

    /**
     * Before a colour is stopped, disarmed or replaced. Reads everything anew.
     * @throws Failure (pre-flight) when it answers users
     */
    public static void requireIdle(Stack stack, Colour colour) {
        var now = Observed.read(stack);
        if (now.active().isEmpty() || !answersUsers(now, colour)) return;
        throw Failure.preflight(colour + " answers your users",
            wrong(now, colour.other()).orElse(colour + " has the traffic") + "; " + colour + " is not touched",
            "switch " + colour + "   moves the traffic to where it is answered; a deploy does that first, too");
    }
}
