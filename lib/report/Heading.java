package lib.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.b;
import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.small;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.time;

import j2html.tags.DomContent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lib.core.Colour;
import lib.core.Console;

/** The top of a report: what the run was, how it ended and why, and the four numbers that matter. */
record Heading(String app, Story story, Tick.Series series) {
    /** Characters of a station that stays on one line. */
    private static final int WIDEST = 24;
    /** Bytes of HTML. */
    private static final int LONGEST_WHY = 6_000;

    DomContent draw() {
        return each(line(), h1(stations().isEmpty() ? text(story.run().command()) : way()),
            p(lead()).withClass("lead"), from(), dl(figures().toArray(DomContent[]::new)).withClass("figures"), why());
    }

    private DomContent line() {
        var outcome = Outcome.of(story, series.verdict());
        return div(b(app), span(story.run().command()),
            time(Page.DATE.format(story.began()) + " UTC").withDatetime(story.began().toString()),
            span(outcome.text()).withClass("pill " + outcome.css())).withClass("top");
    }

    /** Who ran it, of which commit, and the CI's page of the job. */
    private DomContent from() {
        var job = story.asked("job").filter(url -> url.matches("https?://\\S{1,500}"));
        return p(text("by " + Plain.head(story.by(), 120)),
            text(story.asked("commit").map(c -> ", commit " + Plain.head(c, 80)).orElse("")),
            each(job.stream().map(url -> each(text(", "), a("its job").withHref(url))))).withClass("small soft");
    }

    /** "blue 1.0.0 → green 2.0.0" */
    String title() {
        return stations().isEmpty()
            ? story.run().command()
            : String.join(" → ", stations().stream().map(story::named).toList());
    }

    /** Each station with the arrow behind it, so that a line ends after an arrow. */
    private DomContent way() {
        var stations = stations();
        var out = new ArrayList<DomContent>();
        for (int i = 0; i < stations.size(); i++) {
            var colour = stations.get(i);
            boolean isLast = i == stations.size() - 1;
            out.add(span(span(colour.toString()).withClass("name " + colour),
                text(story.version(colour).map(v -> " " + v).orElse("")),
                iff(!isLast, each(text(" "), span("→").withClass("to"))))
                .withCondClass(story.named(colour).length() <= WIDEST, "station"));
            if (!isLast) out.add(text(" "));
        }
        return each(out.stream());
    }

    /** The colours that had the traffic, in turn; without any move what was asked for, or seen. */
    private List<Colour> stations() {
        var out = new ArrayList<Colour>();
        var moves = story.moves();
        if (moves.isEmpty()) {
            if (story.asked("fromVersion").isPresent()) story.colour("from").ifPresent(out::add);
            story.colour("to").filter(to -> !out.contains(to)).ifPresent(out::add);
            if (out.isEmpty()) Tick.lastToServe(series.ticks()).ifPresent(out::add);
        } else if (moves.getFirst().leaves()) moves.getFirst().from().ifPresent(out::add);
        moves.forEach(m -> m.to().ifPresent(out::add));
        return out;
    }

    private String lead() {
        var said = new ArrayList<String>();
        if (series.requests() > 0) said.add(Amount.count(series.failed()) + " failed");
        series.verdict().ifPresent(v -> said.add("verdict " + v.verdict()));
        traffic().ifPresent(said::add);
        String text = String.join(", ", said);
        return text.isEmpty()
            ? "No requests were counted."
            : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
    }

    private Optional<String> traffic() {
        var moves = story.moves();
        if (moves.isEmpty() && story.run().command().equals("monitor")) return Optional.empty();
        if (moves.isEmpty()) return Optional.of(story.code() < 0 ? "no switch so far" : "the traffic was not moved");
        var last = moves.getLast();
        if (last.back()) return last.to().map(to -> "back on " + to);
        return series.requests() == 0
            ? Optional.of("confirmed by all workers in " + last.took().toMillis() + " ms")
            : Optional.empty();
    }

    private List<DomContent> figures() {
        var out = new ArrayList<DomContent>();
        if (series.requests() > 0)
            out.add(figure("Failed requests", Amount.count(series.failed()),
                "of " + Amount.count(series.requests()) + " at Nginx"));
        story.moves()
            .stream()
            .findFirst()
            .ifPresent(m -> out.add(figure(m.back() ? "Rollback" : "Switch", m.took().toMillis() + " ms",
                "until all workers had confirmed")));
        if (series.requests() > 0) out.add(typical());
        out.add(figure("Whole run", Console.seconds(Duration.between(story.began(), story.ended())),
            Amount.count(story.steps().size()) + " steps"));
        return out;
    }

    /** The p95 before the first switch and after it, as the median of the ticks: one odd tick does not count. */
    private DomContent typical() {
        var moves = story.moves();
        if (moves.isEmpty()) return figure("p95", Amount.ms(p95(series.ticks())), "median of the ticks");
        var at = moves.getFirst().at();
        var until = moves.size() < 2 ? Instant.MAX : moves.get(1).at();
        double was = p95(series.ticks().stream().filter(t -> !t.at().isAfter(at)).toList());
        double is = p95(
            series.ticks().stream().filter(t -> !t.from().isBefore(at) && !t.at().isAfter(until)).toList());
        if (Double.isNaN(is)) return figure("p95 before the switch", Amount.ms(was), "median of the ticks");
        return figure("p95 after the switch", Amount.ms(is),
            Double.isNaN(was) ? "median of the ticks" : Amount.ms(was) + " before it");
    }
    private static double p95(List<Tick> some) {
        return Charts.median(some,
            t -> t.sides().values().stream().mapToDouble(Tick.Side::p95).max().orElse(Double.NaN));
    }

    private static DomContent figure(String term, String value, String note) {
        return div(dt(term), dd(text(value + " "), small(note)));
    }

    private DomContent told() {
        return each(each(story.told("detail").stream().map(d -> pre(Plain.tail(d, LONGEST_WHY)))),
            each(story.told("next").stream().map(n -> p(text("next: "), code(Plain.head(n, 1000))))));
    }

    private DomContent why() {
        if (story.code() != -1)
            return each(story.why().stream().map(w -> div(p(Plain.head(w, LONGEST_WHY)), told()).withClass("why")));
        var where = story.run()
            .inHand()
            .map(s -> each(text("Its last line is the begin of "), b(s),
                text(": it was killed there, or it still runs.")))
            .orElse(text("It was killed between two steps, or it still runs."));
        return div(p(b("The journal has no end of this run."), text(" "), where)).withClass("why warn");
    }
}
