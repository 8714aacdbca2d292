package lib.watch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import lib.core.Colour;
import lib.core.Json;

/** What was seen in the {@code seconds} up to {@code at}: requests by the colour they were sent to, and the probes. */
public record Sample(Instant at, double seconds, long generation, Map<Colour, Routes> traffic, Probes probes) {

    /**
     * Probes that ended: {@code ok} of them good, within {@code ms} on average; {@code error}: the last one's that was
     * not, or null.
     */
    public record Probes(int ok, int failed, double ms, String error) {
        static final Probes NONE = new Probes(0, 0, 0, null);

        Probes and(Probes other) {
            int good = ok + other.ok;
            return new Probes(good, failed + other.failed, good == 0 ? 0 : (ok * ms + other.ok * other.ms) / good,
                other.error == null ? error : other.error);
        }
    }

    Instant from() { return at.minusMillis(Math.round(seconds * 1000)); }

    /** Nothing, if there was nothing. */
    public Routes of(Colour colour) { return traffic.getOrDefault(colour, new Routes()); }

    /** A line of .deployment/metrics/RUN.jsonl; a colour without requests is left out. */
    String json(String run) {
        var n = Json.object()
            .put("at", at.toString())
            .put("run", run)
            .put("seconds", seconds)
            .put("generation", generation);
        traffic.forEach(
            (colour, routes) -> { if (routes.all().asked() > 0) n.set(colour.toString(), routes.all().json()); });
        n.putObject("probe")
            .put("ok", probes.ok)
            .put("failed", probes.failed)
            .put("ms", Math.round(probes.ms * 10) / 10.0)
            .put("error", probes.error);
        return n.toString();
    }

    /** All in one, for a colour. */
    static Routes sum(List<Sample> samples, Colour colour) {
        var all = new Routes();
        samples.forEach(s -> all.add(s.of(colour)));
        return all;
    }

    private Sample and(Sample next) {
        var both = new EnumMap<Colour, Routes>(Colour.class);
        for (Colour colour : Colour.values()) both.put(colour, sum(List.of(this, next), colour));
        return new Sample(next.at, seconds + next.seconds, next.generation, both, probes.and(next.probes));
    }

    /** Two neighbours become one each: half as many, for a watch of hours. */
    static List<Sample> halved(List<Sample> samples) {
        var half = new ArrayList<Sample>();
        for (int i = 0; i < samples.size(); i += 2)
            half.add(i + 1 < samples.size() ? samples.get(i).and(samples.get(i + 1)) : samples.get(i));
        return half;
    }
}
