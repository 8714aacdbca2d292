package lib.state;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import lib.core.Colour;
import lib.nginx.AccessLog;

/**
 * What Nginx did by itself: requests of the generation that serves which the other colour answered, by the addresses
 * at the end of the access log. {@code of}: how many requests were looked at; {@code last}: the last one answered so;
 * {@code recent}: so many in the last seconds, and {@code most}: they were half of all, or more.
 */
public record Failover(Colour by, long requests, long of, Instant last, long recent, boolean most) {
    private static final Duration RECENT = Duration.ofSeconds(5);

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
        var since = log.get().now().minus(RECENT);
        long recent = answered.stream().filter(r -> r.at().isAfter(since)).count();
        long all = recent == 0 ? 0 : requests(lines).stream().filter(r -> r.at().isAfter(since)).count();
        return Optional.of(new Failover(serving.active().other(), answered.size(), lines.size(),
            answered.getLast().at(), recent, recent > 0 && recent * 2 >= all));
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
