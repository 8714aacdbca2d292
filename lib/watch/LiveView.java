package lib.watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Json;
import lib.core.Text;
import lib.nginx.Generation;

/**
 * A watch as a person sees it: on a TTY a few lines under the step, rewritten in place; elsewhere a line every ten
 * seconds.
 */
final class LiveView {
    private static final Duration PLAIN = Duration.ofSeconds(10);
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final int WIDTH = 30;

    private final Console console;
    private final Console.Step step;
    private final Config config;
    private final Generation serving;
    private final Duration length;
    private final String run;
    private final List<Double> p95s = new ArrayList<>();
    private Duration told = Duration.ZERO;

    LiveView(Console console, Console.Step step, Config config, Generation serving, Duration length, String run) {
        this.console = console;
        this.step = step;
        this.config = config;
        this.serving = serving;
        this.length = length;
        this.run = run;
    }

    void show(Sample sample, Judgement so, Duration left) {
        console.event("sample", Json.fields(sample.json(run)));
        var elapsed = length.minus(left);
        if (!console.isLive()) {
            if (elapsed.minus(told).compareTo(PLAIN) < 0) return;
            told = elapsed;
            step.note(so.summary() + ", " + Console.seconds(left) + " left");
            return;
        }
        var mine = sample.of(serving.active()).all();
        p95s.add(mine.requests() == 0 ? Double.NaN : mine.p95());
        step.note(so.summary().replaceFirst(", p95.*", "") + ", " + Console.seconds(left) + " left");
        var lines = new ArrayList<String>();
        double limit = config.thresholds().latency().toMillis();
        lines.add("      p95    " + pad(sparkline(limit), shown())
            + " %s of %.0f ms".formatted(paint("%.0f ms".formatted(mine.p95()), mine.p95() > limit), limit)
            + (so.before().all().requests() == 0
                ? ""
                : console.dim(", before %.0f ms".formatted(so.before().all().p95()))));
        for (Colour colour : Colour.values()) {
            var w = sample.of(colour).all();
            boolean watched = colour == serving.active();
            if (!watched && w.asked() == 0) continue;
            lines.add(
                "      " + console.of(colour) + " ".repeat(7 - colour.toString().length())
                    + "%6.0f/s  5xx %s  4xx %d  p50 %.0f  p99 %.0f ms%s"
                        .formatted(
                            w.requests() / sample.seconds(),
                            paint("%d (%.1f %%)"
                                .formatted(w.errors5xx(), w.requests() == 0 ? 0 : 100.0 * w.errors5xx() / w.requests()),
                                w.errors5xx() > config.thresholds().errors() * w.requests()),
                            w.errors4xx(), w.percentile(50), w.percentile(99),
                            (w.failedOver() == 0 ? "" : console.bad("  %d failed over".formatted(w.failedOver())))
                                + (w.gaveUp() == 0 ? "" : console.bad("  %d gave up waiting".formatted(w.gaveUp())))));
        }
        var probes = so.allProbes();
        lines.add("      probes " + (probes.failed() == 0
            ? console.good(probes.ok() + " good")
            : probes.ok() + " good, " + console.bad(probes.failed() + " failed: " + brief(probes.error()))));
        console.below(lines);
    }

    void end() { console.below(List.of()); }

    private String paint(String s, boolean bad) { return bad ? console.bad(s) : console.bold(s); }
    private static String brief(String said) {
        String s = Text.plain(said);
        return s.length() <= 40 ? s : s.substring(0, 39) + "…";
    }
    private int shown() { return Math.min(WIDTH, p95s.size()); }
    private static String pad(String s, int shown) { return s + " ".repeat(WIDTH - shown); }

    /** The last minute, a mark a sample: half as high as there is room at the threshold, red above it. */
    private String sparkline(double limit) {
        var line = new StringBuilder();
        double top = Math.max(2 * limit / 3, p95s.stream().filter(v -> !v.isNaN()).mapToDouble(v -> v).max().orElse(1));
        for (double v : p95s.subList(p95s.size() - shown(), p95s.size())) {
            String mark = Double.isNaN(v) ? " " : String.valueOf(BARS.charAt((int) Math.min(7, v / top * 7.99)));
            line.append(v > limit ? console.bad(mark) : mark);
        }
        return line.toString();
    }
}
