package lib.report;

import static j2html.TagCreator.b;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.i;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;
import lib.core.Console;

/** A run's steps as horizontal bars over its time, with a line at each switch. HTML, so that it fits any width. */
final class Timeline {
    /** Rows; a deploy has a dozen. */
    private static final int STEPS = 80;
    /** Between two lines of the scale, in seconds. */
    private static final double[] EVERY = {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200,
        14400, 43200, 86400, 604800};

    private final Story story;
    private final Duration whole;
    private final double seconds;

    Timeline(Story story) {
        this.story = story;
        whole = Duration.between(story.began(), story.ended());
        seconds = Math.max(0.001, whole.toMillis() / 1000.0);
    }

    DomContent draw() {
        var steps = story.steps();
        var lines = new ArrayList<DomContent>();
        var labels = new ArrayList<DomContent>();
        double every = every();
        for (int n = 0; n * every <= seconds && n < 100; n++) {
            lines.add(i().withStyle(left(n * every / seconds)));
            labels.add(label(n * every, every));
        }
        for (var m : story.moves()) lines.add(i().withClass("mark").withStyle(left(share(m.at()))));
        return each(
            div(marks())
                .withClass("steps")
                .with(steps.stream().limit(STEPS).map(s -> row(s, each(lines.stream()))))
                .with(scale(each(labels.stream()))),
            iff(steps.size() > STEPS, p("and " + (steps.size() - STEPS) + " more").withClass("small soft")));
    }

    private double every() {
        for (double every : EVERY) if (seconds / every <= 6) return every;
        return EVERY[EVERY.length - 1];
    }

    private DomContent label(double at, double every) {
        String css = at == 0 ? "first" : at > seconds * 0.94 ? "last" : "";
        return span(every >= 60 ? Amount.of(at / 60) + " min" : Amount.of(at) + " s")
            .withCondClass(!css.isEmpty(), css)
            .withStyle(left(at / seconds));
    }

    private DomContent row(Story.Step step, DomContent lines) {
        double from = share(step.from()), to = share(step.to());
        return div(span(Plain.head(step.name(), 60)),
            span(Plain.head(step.note(), 160)).withClass("note"),
            span(lines, b().withStyle(left(Math.min(from, 0.997)) + ";width:" + percent(to - from))).withClass("track"),
            span(ended(step.phase()), text(Console.seconds(step.took()))).withClass("took"))
            .withClass(step.phase().name().toLowerCase(Locale.ROOT))
            .withData("step", step.name())
            .withData("ms", String.valueOf(step.took().toMillis()));
    }

    private static DomContent ended(Story.Phase phase) {
        return switch (phase) {
            case DONE -> each();
            case FAILED -> each(span("failed").withClass("bad"), text(" "));
            case OPEN -> each(span("no end").withClass("warn"), text(" "));
        };
    }

    private static DivTag scale(DomContent track) {
        return div(span(), span(), span(track).withClass("track"), span()).withClass("scale");
    }

    /** What the lines across the bars are; one too close to the one before is left to the charts. */
    private DomContent marks() {
        var marks = new ArrayList<DomContent>();
        double free = 0;
        for (var m : story.moves()) {
            double x = share(m.at());
            if (x >= free)
                marks.add(span(m.back() ? "rollback" : "switch")
                    .withClass("mark" + (x > 0.85 ? " flip" : ""))
                    .withStyle(left(x)));
            free = x + 0.2;
        }
        return iff(!marks.isEmpty(), scale(each(marks.stream())));
    }

    private double share(Instant at) {
        return Math.clamp(Duration.between(story.began(), at).toMillis() / (double) Math.max(1, whole.toMillis()), 0,
            1);
    }
    private static String left(double share) { return "left:" + percent(share); }
    private static String percent(double share) { return Amount.of(share * 100) + "%"; }
}
