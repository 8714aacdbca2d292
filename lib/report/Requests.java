package lib.report;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;

/** What the clients saw: the charts, and their numbers. {@code ticks}: the series' own, thinned. */
record Requests(Config config, Story story, Tick.Series series, List<Tick> ticks) {

    Stream<DomContent> charts() {
        if (ticks.isEmpty())
            return Stream.of(Html.titled("Traffic")
                .with(Html.soft("No metrics were kept for this run, so there is nothing to draw: "
                    + "they are written while a deployment is watched.")));
        var moves = story.moves();
        var from = ticks.getFirst().from();
        var time = new Chart.Time(from, ticks.getLast().at(), moves.isEmpty() ? from : moves.getFirst().at(), moves);
        var charts = new Charts(time, ticks, story, config);
        return series.requests() > 0
            ? Stream.of(rates(charts), latency(charts), errors(charts))
            : Stream.of(instead("traffic", "Requests per second", text("No requests came in while it was watched.")),
                errors(charts));
    }

    private DomContent rates(Charts charts) {
        return chart("traffic", "Requests per second", colours(), charts.traffic(), thinned());
    }

    private DomContent latency(Charts charts) {
        return chart("latency", "Latency", each(colours(), lines()), charts.latency(),
            thinned().map(t -> t + ", with the highest of its values"));
    }

    private DomContent errors(Charts charts) {
        long failed = series.failed(), client = series.sum(Tick.Side::errors4xx),
            probes = series.ticks().stream().mapToLong(Tick::probesFailed).sum(),
            asked = series.ticks().stream().mapToLong(Tick::probes).sum();
        if (failed + client + probes == 0)
            return instead("errors", "Errors", each(span("✓").withClass("good"),
                text(" None: no 5xx and no 4xx in " + Amount.count(series.requests()) + " requests"
                    + (asked == 0 ? "" : ", none of " + Amount.count(asked) + " probes failed") + ".")));
        var key = each(iff(failed > 0, chip("e5", "5xx")), iff(client > 0, chip("e4", "4xx")),
            iff(probes > 0, chip("probe", "failed probes")));
        return chart("errors", "Errors", key, charts.errors(),
            Optional.of("A request failed when Nginx answered it with 5xx: " + Amount.count(failed) + " of "
                + Amount.count(series.requests()) + ". 4xx: " + Amount.count(client) + ". Failed probes: "
                + Amount.count(probes) + " of " + Amount.count(asked) + "."));
    }

    private DomContent chart(String id, String title, DomContent key, DomContent drawn, Optional<String> caption) {
        return Html.titled(title, key)
            .with(figure(drawn, iff(caption, c -> figcaption(c).withClass("small")))
                .withId(id)
                .withData("points", String.valueOf(ticks.size())));
    }
    private static DomContent instead(String id, String title, DomContent said) {
        return Html.titled(title).with(p(said).withClass("soft").withId(id));
    }

    /** What a point stands for, where it is not one tick. */
    private Optional<String> thinned() {
        return ticks.size() == series.ticks().size()
            ? Optional.empty()
            : Optional.of("Each point covers " + Amount.of(ticks.getFirst().seconds()) + " s");
    }

    private DomContent colours() {
        return each(Stream.of(Colour.values())
            .filter(c -> series.requests(c) > 0)
            .map(c -> span(Html.swatch(c), text(Plain.head(story.named(c), 200)))));
    }
    private static DomContent lines() {
        return each(sample("line", "p99"), sample("line p95", "p95"), sample("line p50", "p50"));
    }
    private static DomContent sample(String css, String name) {
        return span(Svg.svg().attr("class", "sample").with(Svg.path(css, "M0 4H26")), text(name));
    }
    private static DomContent chip(String css, String name) {
        return span(span(Svg.svg().with(Svg.square("bar " + css, 11))).withClass("chip"), text(name));
    }

    /** The charts' values once more, for those who copy them, or cannot see them. */
    Optional<DomContent> numbers() {
        if (series.requests() == 0) return Optional.empty();
        var rows = ticks.stream()
            .flatMap(t -> t.sides().entrySet().stream().map(e -> row(t, e.getKey(), e.getValue())));
        return Optional.of(Html.titled("The numbers")
            .with(details(
                summary(Amount.count(ticks.size()) + " rows: requests per second, p50, p95, p99 in ms, errors"),
                div(table(Html.columns("UTC", "colour", "req/s", "p50", "p95", "p99", "4xx", "5xx"), tbody(each(rows)))
                    .withClass("n")).withClass("scroll"))));
    }
    private static DomContent row(Tick tick, Colour colour, Tick.Side side) {
        return tr(each(Stream.of(Chart.CLOCK.format(tick.from()), colour.toString(),
            Amount.whole(side.requests() / tick.seconds()), Amount.of(side.p50()), Amount.of(side.p95()),
            Amount.of(side.p99()), String.valueOf(side.errors4xx()), String.valueOf(side.errors5xx()))
            .map(value -> td(value))));
    }
}
