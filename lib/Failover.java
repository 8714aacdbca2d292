package lib;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What Nginx did by itself: requests of the generation that serves which the other colour answered, by the addresses
 * at the end of the access log. {@code of}: how many requests were looked at; {@code last}: the last one answered so.
 */
public record Failover(Color by, long requests, long of, Instant last) {
    /** From the end of the log: seconds of a busy site, minutes of a quiet one, and a tenth of a second to read. */
    private static final int LINES = 5_000;

    /** Empty when it did not have to. */
    public static Optional<Failover> of(Truth truth) {
        var serving = truth.serving();
        if (serving.active() == null || !serving.backed()) return Optional.empty();
        var other = truth.container(serving.active().other());
        if (other.isEmpty()) return Optional.empty();
        var addresses = other.get().addresses().stream().map(a -> a + ":" + truth.config().ports().app()).toList();
        var nginx = truth.containers().get(truth.config().nginxService());
        // Most lines are not its: a look at the text saves reading them as JSON.
        var lines = AccessLogReader.tail(nginx.id(), LINES).stream().filter(l -> l.contains("\"generation\":" + serving.number() + ",")).toList();
        var answered = lines.stream().filter(l -> addresses.stream().anyMatch(l::contains)).flatMap(l -> AccessLog.read(l).stream()).filter(r -> addresses.contains(r.answeredBy())).toList();
        if (answered.isEmpty()) return Optional.empty();
        return Optional.of(new Failover(serving.active().other(), answered.size(), lines.size(), answered.getLast().at()));
    }

    /** For one line of a screen. */
    public String text() {
        return "failover: %s answered %,d of the last %,d requests for %s, the last at %s".formatted(by, requests, of, by.other(), last.truncatedTo(ChronoUnit.SECONDS));
    }
}
