package lib.state;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import lib.core.Colour;
import lib.nginx.AccessLog;

/**
 * What Nginx did by itself: requests of the generation that serves which the other colour answered, by the addresses at
 * the end of the access log. {@code of}: how many requests were looked at; {@code last}: the last one answered so;
 * {@code recent}: so many in the last seconds; {@code most}: of the very newest half or more, so what is over is not
 * meant.
 */
public record Failover(Colour by, long requests, long of, Instant last, long recent, boolean most) {
    private static final Duration RECENT = Duration.ofSeconds(5);
    /** The log is up to a second behind. On a quiet site nothing may be so new: then those that are recent. */
    private static final Duration NEWEST = Duration.ofSeconds(2);

    /** Empty when it did not have to. */
    public static Optional<Failover> of(Observed observed) {
        var serving = observed.serving();
        if (serving.active() == null || !serving.backed()) return Optional.empty();
        var other = observed.container(serving.active().other());
        if (other.isEmpty()) return Optional.empty();
        var addresses = other.get().addresses().stream().map(a -> a + ":" + observed.config().ports().app()).toList();
        var log = observed.picture().requests();
        if (log.isEmpty()) return Optional.empty();
        // Most lines are not its: a look at the text saves reading them as JSON.
        var lines = log.get().lines().stream()
            .filter(l -> l.contains("\"generation\":" + serving.number() + ","))
            .toList();
        var answered = requests(lines.stream().filter(l -> addresses.stream().anyMatch(l::contains)).toList())
            .stream()
            .filter(r -> addresses.contains(r.answeredBy()))
            .toList();
        if (answered.isEmpty()) return Optional.empty();
        var now = log.get().now();
        long recent = since(now.minus(RECENT), answered).size();
        boolean most = recent > 0 && isMost(addresses, since(now.minus(RECENT), requests(lines)), now);
        return Optional.of(new Failover(serving.active().other(), answered.size(), lines.size(),
            answered.getLast().at(), recent, most));
    }

    private static boolean isMost(List<String> addresses, List<AccessLog> recent, Instant now) {
        var newest = since(now.minus(NEWEST), recent);
        var these = newest.isEmpty() ? recent : newest;
        return 2 * these.stream().filter(r -> addresses.contains(r.answeredBy())).count() >= these.size();
    }

    private static List<AccessLog> since(Instant from, List<AccessLog> requests) {
        return requests.stream().filter(r -> r.at().isAfter(from)).toList();
    }

    private static List<AccessLog> requests(List<String> lines) {
        return lines.stream().flatMap(l -> AccessLog.read(l).stream()).toList();
    }

    /** For one line of a screen. */
    public String text() {
        return "failover: %s answered %,d of the last %,d requests for %s, the last at %s"
            .formatted(by, requests, of, by.other(), last.truncatedTo(ChronoUnit.SECONDS));
    }
}
