package lib;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What Nginx did by itself: requests of the generation that serves which the other colour answered, by the addresses
 * at the end of the access log. {@code of}: how many requests were looked at; {@code last}: the last one answered so.
 */
public record Failover(Color by, long requests, long of, Instant last) {
    /** From the end of the log: seconds of a busy site, minutes of a quiet one, and a tenth of a second to read. */
    private static final int LINES = 5_000;
    private static final Duration RECENT = Duration.ofSeconds(5);

    /** Empty when it did not have to. */
    public static Optional<Failover> of(Truth truth) { return of(truth, lines(truth)); }

    /** The same of the last seconds, by the clock of the engine, which the log's times are from. */
    static Optional<Failover> recent(Truth truth) {
        var nginx = truth.containers().get(truth.config().nginxService());
        var clock = Docker.exec(nginx.id(), "date", "+%s%3N");
        var since = Instant.ofEpochMilli(Long.parseLong(clock.out().strip())).minus(RECENT);
        return of(truth, lines(truth).stream().filter(l -> AccessLog.read(l).filter(r -> r.at().isAfter(since)).isPresent()).toList());
    }

    private static Optional<Failover> of(Truth truth, List<String> lines) {
        var serving = truth.serving();
        if (serving.active() == null || !serving.backed()) return Optional.empty();
        var other = truth.container(serving.active().other());
        if (other.isEmpty()) return Optional.empty();
        var addresses = other.get().addresses().stream().map(a -> a + ":" + truth.config().ports().app()).toList();
        var answered = lines.stream().filter(l -> addresses.stream().anyMatch(l::contains))
            .flatMap(l -> AccessLog.read(l).stream()).filter(r -> addresses.contains(r.answeredBy())).toList();
        if (answered.isEmpty()) return Optional.empty();
        return Optional.of(new Failover(serving.active().other(), answered.size(), lines.size(), answered.getLast().at()));
    }

    /** Of the generation that serves. Most are not the other colour's: a look at the text saves reading them as JSON. */
    private static List<String> lines(Truth truth) {
        var nginx = truth.containers().get(truth.config().nginxService());
        return AccessLogReader.tail(nginx.id(), LINES).stream()
            .filter(l -> l.contains("\"generation\":" + truth.serving().number() + ",")).toList();
    }

    /** Half of them or more: no odd request, but a colour that does not answer. */
    boolean isMost() { return requests * 2 >= of; }

    /** For one line of a screen. */
    public String text() {
        return "failover: %s answered %,d of the last %,d requests for %s, the last at %s".formatted(by, requests, of, by.other(), last.truncatedTo(ChronoUnit.SECONDS));
    }
}
