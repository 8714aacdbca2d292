package lib.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import lib.core.Colour;
import lib.core.Json;

/**
 * One line of .deployment/metrics/RUN.jsonl: what Nginx answered in the {@code seconds} up to {@code at}, by the
 * colour that served. A colour without requests is missing.
 */
public record Tick(Instant at, double seconds, Map<Colour, Side> sides, long probes, long probesFailed) {

    /** Latencies in ms; NaN: not said. */
    public record Side(long requests, long errors4xx, long errors5xx, double p50, double p95, double p99) {}

    /** pass, fail or inconclusive, with its reasons. */
    public record Verdict(String verdict, List<String> reasons) {}

    /** A run's whole file; no verdict: none was reached. */
    public record Series(List<Tick> ticks, Optional<Verdict> verdict) {
        public long sum(ToLongFunction<Side> what) {
            return ticks.stream().flatMap(t -> t.sides.values().stream()).mapToLong(what).sum();
        }
        public long requests(Colour colour) { return ticks.stream().mapToLong(t -> t.requests(colour)).sum(); }
        public long requests() { return sum(Side::requests); }
        /** Answered with 5xx. */
        public long failed() { return sum(Side::errors5xx); }
    }

    public Instant from() { return at.minus(Duration.ofMillis(Math.round(seconds * 1000))); }
    public long requests(Colour colour) { return sides.containsKey(colour) ? sides.get(colour).requests : 0; }
    public double rate(Colour colour) { return requests(colour) / seconds; }
    public long sum(ToLongFunction<Side> what) { return sides.values().stream().mapToLong(what).sum(); }

    /** No file: no ticks. Lines that cannot be read (a crash while writing) are left out. */
    public static Series read(Path file) throws IOException {
        var ticks = new ArrayList<Tick>();
        var verdict = Optional.<Verdict>empty();
        String text = Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
        for (var n : text.lines().flatMap(l -> Json.read(l).stream()).toList()) {
            if (n.path("verdict").isTextual()) verdict = Optional.of(verdict(n));
            else tick(n).ifPresent(ticks::add);
        }
        return new Series(List.copyOf(ticks), verdict);
    }

    private static Verdict verdict(JsonNode n) {
        var reasons = new ArrayList<String>();
        n.path("reasons").forEach(r -> reasons.add(r.asText()));
        return new Verdict(n.path("verdict").asText(), reasons);
    }

    private static Optional<Tick> tick(JsonNode n) {
        double seconds = n.path("seconds").asDouble();
        if (!(seconds > 0)) return Optional.empty();
        try {
            var sides = new EnumMap<Colour, Side>(Colour.class);
            for (Colour colour : Colour.values())
                if (n.path(colour.toString()) instanceof JsonNode s && s.path("requests").asLong() > 0)
                    sides.put(colour, new Side(s.path("requests").asLong(), s.path("errors4xx").asLong(),
                        s.path("errors5xx").asLong(), millis(s, "p50"), millis(s, "p95"), millis(s, "p99")));
            var probe = n.path("probe");
            return Optional.of(new Tick(Instant.parse(n.path("at").asText()), seconds, sides,
                probe.path("ok").asLong() + probe.path("failed").asLong(), probe.path("failed").asLong()));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
    private static double millis(JsonNode side, String name) {
        return side.path(name).isNumber() ? side.path(name).asDouble() : Double.NaN;
    }

    /** The colour with most of the last requests there were. */
    public static Optional<Colour> lastToServe(List<Tick> ticks) {
        return ticks.reversed().stream()
            .filter(t -> !t.sides.isEmpty())
            .findFirst()
            .map(t -> t.requests(Colour.BLUE) > t.requests(Colour.GREEN) ? Colour.BLUE : Colour.GREEN);
    }

    /** At most so many: neighbours become one, with their sums, and the highest of their latencies. */
    public static List<Tick> thinned(List<Tick> ticks, int most) {
        int size = Math.ceilDiv(ticks.size(), most);
        if (size <= 1) return ticks;
        var thin = new ArrayList<Tick>();
        for (int i = 0; i < ticks.size(); i += size)
            thin.add(merged(ticks.subList(i, Math.min(ticks.size(), i + size))));
        return thin;
    }

    private static Tick merged(List<Tick> some) {
        var sides = new EnumMap<Colour, Side>(Colour.class);
        for (Colour colour : Colour.values()) {
            var own = some.stream().flatMap(t -> Optional.ofNullable(t.sides.get(colour)).stream()).toList();
            if (!own.isEmpty())
                sides.put(colour,
                    new Side(own.stream().mapToLong(Side::requests).sum(),
                        own.stream().mapToLong(Side::errors4xx).sum(),
                        own.stream().mapToLong(Side::errors5xx).sum(), highest(own, Side::p50), highest(own, Side::p95),
                        highest(own, Side::p99)));
        }
        return new Tick(some.getLast().at, some.stream().mapToDouble(Tick::seconds).sum(), sides,
            some.stream().mapToLong(Tick::probes).sum(),
            some.stream().mapToLong(Tick::probesFailed).sum());
    }
    private static double highest(List<Side> sides, ToDoubleFunction<Side> what) {
        return sides.stream().mapToDouble(what).filter(v -> !Double.isNaN(v)).max().orElse(Double.NaN);
    }
}
