package lib;

import java.util.Optional;

/**
 * Serving means answering: a colour serves when it passes its gate now and the other one does not answer its requests. A
 * container that runs proves nothing.
 */
public final class Serving {
    private Serving() {}

    /** Why a colour does not serve what is sent to it; empty when it does. Asked now, for up to 6 s. */
    public static Optional<String> wrong(Truth now, Color color) {
        var container = now.container(color);
        if (container.isEmpty()) return Optional.of(color + " has no container");
        if (!container.get().running() && new Stack(now.config()).running(color).isEmpty())
            return Optional.of(color + (color == now.serving().active() ? " has the traffic but does not run" : " does not run") + ": its container is " + container.get().status());
        return new Gate(now.config(), color, now.version(color)).now().map(why -> color + " does not answer: " + why)
            .or(() -> color == now.serving().active() ? answeredByTheOther(now) : Optional.empty());
    }

    /**
     * Whether Nginx may fail over to a colour: it passes its gate now, as what it was started as, and its version can live
     * with the database of the other one.
     */
    public static boolean canBackUp(Config config, Color color) {
        var containers = new Stack(config).containers();
        if (Schema.conflict(config, containers).isPresent()) return false;
        return Optional.ofNullable(containers.get(config.service(color)))
            .filter(c -> c.running() && new Gate(config, color, c.version()).now().isEmpty()).isPresent();
    }

    private static Optional<String> answeredByTheOther(Truth now) { return failover(now).filter(Failover::most).map(Failover::text); }

    /** A log that cannot be read proves nothing: the gates decide alone. */
    private static Optional<Failover> failover(Truth now) {
        try {
            return Failover.of(now);
        } catch (Failure f) {
            return Optional.empty();
        }
    }

    /** Whether users get their answers from a colour, whatever the generation says, or it is the only one that could give them. */
    public static boolean answersUsers(Truth now, Color color) {
        if (!now.running(color)) return false;
        if (color == now.serving().active()) return true;
        return wrong(now, color.other()).isPresent() && (failover(now).filter(f -> f.recent() > 0).isPresent() || now.schemaConflict().isEmpty() && wrong(now, color).isEmpty());
    }

    /**
     * Before a colour is stopped, disarmed or replaced. Reads everything anew.
     * @throws Failure (pre-flight) when it answers users
     */
    public static void requireIdle(Config config, Color color) {
        var now = Truth.read(config);
        if (now.active().isEmpty() || !answersUsers(now, color)) return;
        throw Failure.preflight(color + " answers your users", wrong(now, color.other()).orElse(color + " has the traffic") + "; " + color + " is not touched",
            "switch " + color + "   moves the traffic to where it is answered; a deploy does that first, too");
    }
}
