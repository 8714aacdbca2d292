package lib.report;

import j2html.tags.DomContent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The pieces of an SVG chart over time: a frame with labelled axes and a line at each switch, areas, bars and lines
 * in it. Drawn at its real size, so that its text stays readable: once for a page, once for a phone.
 */
final class Chart {
    /** What all charts of a page share. {@code zero}: the switch, or the first moment if there was none. */
    record Time(Instant from, Instant to, Instant zero, List<Story.Move> moves) {
        double seconds(Instant at) { return Duration.between(zero, at).toMillis() / 1000.0; }
    }
    /** A value at a moment; NaN: none, the line is broken. */
    record Point(Instant at, double value) {}
    /** A text beside the end of a line. */
    record EndLabel(double x, double y, String text, String css) {}

    private static final int TOP = 26, BOTTOM = 36;
    private static final double[] STEPS = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200,
        86400, 604800};
    static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

    final Time time;
    final boolean wide;
    private final int width, height, left, right;
    private final double top, step;                      // of the value axis
    private final List<DomContent> shapes = new ArrayList<>();

    /** @param highest the largest value to be drawn; @param unit of the value axis */
    Chart(Time time, boolean wide, int height, double highest, String unit) {
        this.time = time;
        this.wide = wide;
        this.height = height;
        width = wide ? 840 : 340;
        left = wide ? 48 : 40;
        right = wide ? 58 : 50;
        step = nice(Math.max(highest, 0.001) / (height > 160 ? 4 : 2));
        top = Math.max(1, Math.ceil(highest / step - 1e-9)) * step;
        axes(unit);
    }

    private static double nice(double rough) {
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        for (double f : new double[] {1, 2, 2.5, 5}) if (rough <= f * power * 1.0001) return f * power;
        return 10 * power;
    }

    double x(Instant at) {
        return left + (width - left - right) * (Duration.between(time.from, at).toMillis()
            / (double) Math.max(1, Duration.between(time.from, time.to).toMillis()));
    }
    double y(double value) { return TOP + (height - TOP - BOTTOM) * (1 - Math.min(value, top) / top); }
    double floor() { return height - BOTTOM; }
    boolean holds(double value) { return value <= top; }

    private void axes(String unit) {
        for (int i = 0; i * step <= top * 1.0001; i++) {
            double y = y(i * step);
            line(left, y, width - right, y, i == 0 ? "axis" : "grid");
            text(left - 7, y + 4, "end", "",
                i * step < 1000 ? Amount.of(i * step) : Amount.count(Math.round(i * step)));
        }
        text(left - 7, 12, "end", "unit", unit);
        double first = time.seconds(time.from), last = time.seconds(time.to), every = STEPS[STEPS.length - 1];
        for (double s : STEPS) if ((last - first) / s <= (wide ? 9 : 4)) {
            every = s;
            break;
        }
        for (double s = Math.ceil(first / every) * every; s <= last + 0.001; s += every) {
            double x = x(time.zero.plusMillis(Math.round(s * 1000)));
            line(x, floor(), x, floor() + 4, "axis");
            text(x, floor() + 16, "middle", "", (s > 0 && !time.moves.isEmpty() ? "+" : "") + clock(s, every));
        }
        text(width - right, floor() + 31, "end", "unit",
            time.moves.isEmpty()
                ? "time since " + CLOCK.format(time.zero) + " UTC"
                : wide ? "time from the switch at " + CLOCK.format(time.zero) + " UTC" : "time from the switch");
    }
    private static String clock(double s, double every) {
        if (s == 0) return "0";
        String sign = s < 0 ? "−" : "";
        return sign + (every >= 3600
            ? Amount.of(Math.abs(s) / 3600) + " h"
            : every >= 60 ? Amount.of(Math.abs(s) / 60) + " min" : Amount.of(Math.abs(s)) + " s");
    }

    /** A vertical line at each move, last so that it is on top. */
    Chart marks() {
        double free = 0;
        for (var move : time.moves) {
            if (move.at().isBefore(time.from) || move.at().isAfter(time.to)) continue;
            double x = x(move.at());
            line(x, TOP - 6, x, floor(), "mark");
            String label = move.back() ? "rollback" : "switch";
            boolean flip = x > width - right - 60;
            if (x >= free) text(flip ? x - 4 : x + 4, TOP - 8, flip ? "end" : "start", "switch", label);
            free = x + 56;
        }
        return this;
    }

    /** A band between two values, in steps: each tick is as wide as the time it counts. */
    void band(List<Tick> ticks, ToDoubleFunction<Tick> low, ToDoubleFunction<Tick> high, String css) {
        for (int i = 0; i < ticks.size();) {
            int end = i;
            while (end < ticks.size() && high.applyAsDouble(ticks.get(end)) > low.applyAsDouble(ticks.get(end))) end++;
            if (end == i) {
                i++;
                continue;
            }
            var run = ticks.subList(i, end);
            var edge = new StringBuilder();
            for (Tick t : run)
                edge.append(edge.isEmpty() ? "M" : "L")
                    .append(at(x(t.from()), y(high.applyAsDouble(t))))
                    .append('H')
                    .append(Amount.of(x(t.at())));
            var area = new StringBuilder(edge);
            for (Tick t : run.reversed())
                area.append('V').append(Amount.of(y(low.applyAsDouble(t)))).append('H').append(Amount.of(x(t.from())));
            path(area.append('Z').toString(), "area " + css);
            path(edge.toString(), "edge " + css);
            i = end;
        }
    }

    /** A bar a tick, on top of another value; never lower than can be seen. */
    void bar(Tick t, double low, double high, String css) {
        if (high <= low) return;
        double x = x(t.from()), y = Math.min(y(high), y(low) - 2);
        shapes.add(Svg.bar(css, x + 0.5, y, Math.max(2, x(t.at()) - x - 1), y(low) - y));
    }

    /** A line through the points, and a dot where one stands alone. Returns the last one. */
    Optional<Point> line(List<Point> points, String css) {
        var path = new StringBuilder();
        var last = Optional.<Point>empty();
        for (int i = 0; i < points.size(); i++) {
            var p = points.get(i);
            if (Double.isNaN(p.value)) continue;
            boolean joined = i > 0 && !Double.isNaN(points.get(i - 1).value),
                goesOn = i + 1 < points.size() && !Double.isNaN(points.get(i + 1).value);
            if (joined || goesOn) path.append(joined ? 'L' : 'M').append(at(x(p.at), y(p.value)));
            else shapes.add(Svg.dot(css, x(p.at), y(p.value)));
            last = Optional.of(p);
        }
        if (!path.isEmpty()) path(path.toString(), "line " + css);
        return last;
    }

    /** A value that must not be passed. */
    void limit(double value, String label) {
        line(left, y(value), width - right, y(value), "limit");
        text(left + 5, y(value) - 5, "start", "limit", label);
    }

    /** Labels beside the lines' ends, moved apart where they would lie on each other. */
    void endLabels(List<EndLabel> labels) {
        var sorted = new ArrayList<>(labels);
        sorted.sort(Comparator.comparingDouble(EndLabel::y));
        double[] ys = sorted.stream().mapToDouble(EndLabel::y).toArray();
        for (int i = 1; i < ys.length; i++) ys[i] = Math.max(ys[i], ys[i - 1] + 13);
        for (int i = ys.length - 1; i >= 0; i--) ys[i] = Math.min(ys[i], i == ys.length - 1 ? floor() : ys[i + 1] - 13);
        for (int i = 0; i < ys.length; i++)
            text(sorted.get(i).x + 6, ys[i] + 4, "start", sorted.get(i).css, sorted.get(i).text);
    }

    /** A label inside the plot, around which what lies below is kept clear. */
    void label(double x, double y, String css, String text) { text(x, y, "middle", "inside " + css, text); }

    /** A column over each tick that tells its numbers. */
    void hover(List<Tick> ticks, Function<Tick, String> says) {
        for (Tick t : ticks)
            shapes.add(Svg.hit(x(t.from()), TOP, Math.max(1, x(t.at()) - x(t.from())), floor() - TOP, says.apply(t)));
    }

    private void line(double x1, double y1, double x2, double y2, String css) {
        path("M" + at(x1, y1) + "L" + at(x2, y2), css);
    }
    private void path(String d, String css) { shapes.add(Svg.path(css, d)); }
    private void text(double x, double y, String anchor, String css, String text) {
        shapes.add(Svg.text(css, x, y, anchor, text));
    }
    private static String at(double x, double y) { return Amount.of(x) + "," + Amount.of(y); }

    /** @param what said by a screen reader */
    DomContent svg(String what) {
        return Svg.svg()
            .attr("class", wide ? "wide" : "narrow")
            .attr("viewBox", "0 0 " + width + " " + height)
            .attr("role", "img")
            .attr("aria-label", what)
            .with(shapes);
    }
}
