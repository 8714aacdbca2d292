package lib.report;

import static j2html.TagCreator.each;

import j2html.tags.DomContent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import lib.config.Config;
import lib.core.Colour;

/** The three charts of a report: requests, latencies and errors over the same time. */
record Charts(Chart.Time time, List<Tick> ticks, Story story, Config config) {
    private static final List<String> PERCENTILES = List.of("p50", "p95", "p99");

    private static DomContent both(Function<Boolean, DomContent> draw) {
        return each(draw.apply(true), draw.apply(false));
    }

    /** Stacked: blue below, green on it. */
    DomContent traffic() {
        double highest = ticks.stream().mapToDouble(t -> t.rate(Colour.BLUE) + t.rate(Colour.GREEN)).max().orElse(0);
        return both(wide -> {
            var chart = new Chart(time, wide, 230, highest * 1.08, "req/s");
            chart.band(ticks, _ -> 0, t -> t.rate(Colour.BLUE), "blue");
            chart.band(ticks, t -> t.rate(Colour.BLUE), t -> t.rate(Colour.BLUE) + t.rate(Colour.GREEN), "green");
            for (Colour colour : Colour.values()) label(chart, colour);
            chart.marks();
            if (wide)
                chart.hover(ticks,
                    t -> clock(t) + sides(t, s -> Amount.whole(s.requests() / t.seconds()) + " requests/s"));
            return chart.svg("Requests per second by colour. " + colours());
        });
    }

    /** In the middle of the longest time in which the colour has most of the traffic, where there is room. */
    private void label(Chart chart, Colour colour) {
        int best = 0, from = 0, length = 0;
        for (int i = 0; i < ticks.size(); i++) {
            length = ticks.get(i).requests(colour) > ticks.get(i).requests(colour.other()) ? length + 1 : 0;
            if (length > best) {
                best = length;
                from = i - length + 1;
            }
        }
        if (best == 0) return;
        var run = ticks.subList(from, from + best);
        double left = chart.x(run.getFirst().from()), right = chart.x(run.getLast().at());
        String text = story.named(colour);
        if (text.length() > 24 || right - left < text.length() * 7.5) return;
        double below = colour == Colour.BLUE ? 0 : median(run, t -> t.rate(Colour.BLUE)),
            above = below + median(run, t -> t.rate(colour));
        if (chart.y(below) - chart.y(above) > 20)
            chart.label((left + right) / 2, (chart.y(below) + chart.y(above)) / 2 + 4, colour.toString(), text);
    }

    DomContent latency() {
        double highest = ticks.stream()
            .flatMap(t -> t.sides().values().stream())
            .mapToDouble(s -> Math.max(Math.max(or0(s.p50()), or0(s.p95())), or0(s.p99())))
            .max()
            .orElse(0);
        double limit = config.thresholds().latency().toMillis();
        // The threshold is worth its room only when the latencies come near it.
        boolean near = limit > 0 && limit <= highest * 2.5;
        return both(wide -> {
            var chart = new Chart(time, wide, 230, Math.max(highest, near ? limit : 0) * 1.05, "ms");
            if (near)
                chart.limit(limit,
                    wide
                        ? "threshold of the p95, " + Amount.of(limit) + " ms"
                        : "threshold " + Amount.of(limit) + " ms");
            var labels = new ArrayList<Chart.EndLabel>();
            var last = Tick.lastToServe(ticks);
            for (Colour colour : Colour.values())
                for (String p : PERCENTILES) {
                    var end = chart.line(ticks.stream()
                        .map(t -> new Chart.Point(middle(t),
                            t.sides().containsKey(colour) ? value(t.sides().get(colour), p) : Double.NaN))
                        .toList(), colour + " " + p);
                    if (last.equals(Optional.of(colour)))
                        end.ifPresent(e -> labels.add(new Chart.EndLabel(chart.x(e.at()), chart.y(e.value()),
                            p + " " + Amount.whole(e.value()), colour.toString())));
                }
            chart.marks().endLabels(labels);
            if (wide)
                chart.hover(ticks, t -> clock(t)
                    + sides(t, s -> "p50 " + Amount.ms(s.p50()) + ", p95 " + Amount.ms(s.p95()) + ", p99 "
                        + Amount.ms(s.p99())));
            return chart.svg("Latency percentiles in milliseconds by colour. " + colours());
        });
    }

    /** Errors to the client and failed probes, as counts of each tick. */
    DomContent errors() {
        double highest = ticks.stream()
            .mapToDouble(t -> t.sum(Tick.Side::errors4xx) + t.sum(Tick.Side::errors5xx) + t.probesFailed())
            .max()
            .orElse(0);
        return both(wide -> {
            var chart = new Chart(time, wide, 150, Math.max(2, highest), "count");
            for (Tick t : ticks) {
                double server = t.sum(Tick.Side::errors5xx), client = server + t.sum(Tick.Side::errors4xx);
                chart.bar(t, 0, server, "e5");
                chart.bar(t, server, client, "e4");
                chart.bar(t, client, client + t.probesFailed(), "probe");
            }
            chart.marks();
            if (wide)
                chart.hover(ticks, t -> clock(t) + sides(t, s -> s.errors5xx() + " × 5xx, " + s.errors4xx() + " × 4xx")
                    + (t.probes() == 0 ? "" : "\n" + t.probesFailed() + " of " + t.probes() + " probes failed"));
            return chart.svg("Errors over time");
        });
    }

    private String colours() {
        var out = new ArrayList<String>();
        for (Colour c : Colour.values()) if (ticks.stream().anyMatch(t -> t.requests(c) > 0)) out.add(story.named(c));
        return String.join(", ", out);
    }

    private String sides(Tick t, Function<Tick.Side, String> says) {
        if (t.sides().isEmpty()) return "\nno requests";
        var out = new StringBuilder();
        t.sides().forEach((c, s) -> out.append('\n').append(c).append(": ").append(says.apply(s)));
        return out.toString();
    }

    static double value(Tick.Side side, String percentile) {
        return percentile.equals("p50") ? side.p50() : percentile.equals("p95") ? side.p95() : side.p99();
    }
    private static double or0(double v) { return Double.isNaN(v) ? 0 : v; }
    private static Instant middle(Tick t) { return t.at().minus(Duration.ofMillis(Math.round(t.seconds() * 500))); }
    private String clock(Tick t) {
        return Chart.CLOCK.format(t.from()) + " UTC" + (t.seconds() < 1 ? "" : ", " + Amount.whole(t.seconds()) + " s");
    }

    static double median(List<Tick> some, ToDoubleFunction<Tick> what) {
        var sorted = some.stream().mapToDouble(what).filter(v -> !Double.isNaN(v)).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
