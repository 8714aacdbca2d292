package lib.nginx;

import java.time.Duration;
import java.util.Map;
import lib.core.Console;
import lib.core.Failure;
import lib.docker.Container;

/** Waiting, on evidence, until the colour that lost the traffic holds nothing any more. */
public final class Drain {
    private Drain() {}

    /**
     * Up to {@code limit}. What remains then is asked to go, if the image says by which signal (label
     * bluegreen.hangup), and else told and left to end by itself: the colour runs on. Returns what became of it.
     */
    public static String watch(Nginx nginx, Container old, Duration limit, Console.Step step)
        throws InterruptedException {
        step.limit(limit);
        try (var draining = nginx.draining(old)) {
            return watch(nginx, draining, old, limit, step);
        }
    }

    private static String watch(Nginx nginx, Draining draining, Container old, Duration limit, Console.Step step)
        throws InterruptedException {
        var holding = await(draining, old, limit, step);
        step.fact("remaining", holding.connections());
        if (holding.none()) return old.service() + ": no connection left";
        String signal = hangup(old.labels());
        String remained = holding + " to " + old.service() + " after " + Console.seconds(limit);
        if (signal == null || !nginx.engine().kill(old.id(), signal))
            return remained + " (streams, websockets, long requests): left to end by themselves";
        var left = await(draining, old, Duration.ofSeconds(5), step);
        step.fact("remaining", left.connections());
        return remained + ", told to reconnect (SIG" + signal + "); " + (left.none() ? "none" : left) + " left";
    }

    /**
     * Only signals that an app means for itself: with KILL or STOP, the label would take the way back away. Null: none.
     */
    public static String hangup(Map<String, String> labels) {
        String signal = labels.getOrDefault("bluegreen.hangup", "").replaceFirst("^SIG", "");
        return signal.matches("HUP|USR1|USR2|WINCH|URG") ? signal : null;
    }

    private static Holding await(Draining draining, Container old, Duration limit, Console.Step step)
        throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (;; Thread.sleep(500)) {
            boolean over = System.nanoTime() >= end;
            try {
                var holding = draining.now();
                if (holding.none() || over) return holding;
                step.note(holding + " to " + old.service());
            } catch (Failure f) {
                if (over) throw f;          // an Nginx or an engine that restarts is seen again
                step.note(f.getMessage());
            }
        }
    }
}
