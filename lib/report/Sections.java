package lib.report;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;

/** The sections of a report, from top to bottom. {@code ticks}: the series' own, thinned for the charts. */
record Sections(Config config, Story story, Tick.Series series, List<Tick> ticks, StringBuilder page) {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss", Locale.ENGLISH)
        .withZone(ZoneOffset.UTC);
    /** Bytes of HTML for what has no limit of its own; together with the charts (about 130 KB) below 300 KB. */
    private static final int HOOKS = 40_000, DIFFS = 40_000, TEXT = 6_000;

    void all(Snapshot now, String earlier, Snapshot then) {
        top();
        why();
        if (!story.steps().isEmpty()) {
            section("Steps", "");
            new Timeline(story, page).draw();
            add("</section>\n");
        }
        charts();
        verdict();
        new Changes(story, page).all(now, earlier, then, DIFFS);
        hooks();
        numbers();
        add("<footer>", Page.escape(story.run().name()), " · written by bluegreen, ", DATE.format(Instant.now()),
            " UTC · all times are UTC</footer>\n");
    }

    private void add(String... html) { for (String s : html) page.append(s); }

    // ---- what happened

    /** "blue 1.0.0 → green 2.0.0" */
    String headline() {
        return stations().isEmpty()
            ? story.run().command()
            : String.join(" → ", stations().stream().map(story::named).toList());
    }

    /** The colours that had the traffic, in turn; without any move what was asked for, or seen. */
    private List<Colour> stations() {
        var out = new ArrayList<Colour>();
        var moves = story.moves();
        if (moves.isEmpty()) {
            if (story.asked("from") != null && story.run().asked("fromVersion") != null) out.add(story.asked("from"));
            if (story.asked("to") != null && !out.contains(story.asked("to"))) out.add(story.asked("to"));
            if (out.isEmpty()) Tick.lastToServe(ticks).ifPresent(out::add);
        } else if (moves.getFirst().from() != null && moves.getFirst().from() != moves.getFirst().to())
            out.add(moves.getFirst().from());
        moves.forEach(m -> out.add(m.to()));
        return out;
    }

    private record Outcome(String css, String text) {}

    private Outcome outcome() {
        boolean moved = !story.moves().isEmpty();
        return switch (story.code()) {
            case -1 -> new Outcome("warn", "… no end");
            case 0 -> switch (story.run().command()) {
                case "monitor" -> series.verdict() == null
                    ? new Outcome("good", "✓ watched")
                    : new Outcome(verdictCss(series.verdict().verdict()), series.verdict().verdict());
                case "deploy" -> new Outcome("good", moved ? "✓ deployed" : "✓ standby is ready");
                default ->
                    new Outcome("good", "true".equals(story.run().asked("rollback")) ? "✓ rolled back" : "✓ done");
            };
            case 1 -> new Outcome("bad", "✗ unhealthy");
            case 3 -> new Outcome("warn", "✗ refused, nothing changed");
            case 6 -> new Outcome("warn", "↺ rolled back");
            case 7 -> new Outcome("bad", "! unconfirmed: act by hand");
            case 130, 143 -> new Outcome("warn", "✗ interrupted");
            default -> new Outcome("bad", "✗ failed");
        };
    }

    private static String verdictCss(String verdict) {
        return verdict.equals("pass") ? "good" : verdict.equals("fail") ? "bad" : "warn";
    }

    private void top() {
        var outcome = outcome();
        add("<div class=\"top\"><b>", Page.escape(config.app()), "</b><span>", Page.escape(story.run().command()),
            "</span><time datetime=\"", story.began().toString(), "\">",
            DATE.format(story.began()), " UTC</time><span class=\"pill ", outcome.css, "\">", Page.escape(outcome.text),
            "</span></div>\n<h1>");
        var stations = stations();
        if (stations.isEmpty()) add(Page.escape(story.run().command()));
        for (int i = 0; i < stations.size(); i++) {
            String colour = stations.get(i).toString(), named = story.named(stations.get(i));
            add(i == 0 ? "" : " ", named.length() > 24 ? "<span>" : "<span class=\"station\">", "<span class=\"name ",
                colour, "\">", colour, "</span>", Page.escape(named.substring(colour.length())),
                i == stations.size() - 1 ? "" : " <span class=\"to\">→</span>", "</span>");
        }
        add("</h1>\n<p class=\"lead\">", lead(), "</p>\n<dl class=\"figures\">");
        figures();
        add("</dl>\n");
    }

    private long requests() { return series.sum(Tick.Side::requests); }
    private long failed() { return series.sum(Tick.Side::errors5xx); }

    private String lead() {
        var said = new ArrayList<String>();
        if (requests() > 0) said.add(Page.count(failed()) + " failed");
        if (series.verdict() != null) said.add("verdict " + Page.escape(series.verdict().verdict()));
        var moves = story.moves();
        if (moves.isEmpty()) {
            if (!story.run().command().equals("monitor"))
                said.add(story.code() < 0 ? "no switch so far" : "the traffic was not moved");
        } else if (moves.getLast().back()) said.add("back on " + moves.getLast().to());
        else if (requests() == 0) said.add("confirmed by all workers in " + moves.getLast().took().toMillis() + " ms");
        String text = String.join(", ", said);
        return text.isEmpty()
            ? "No requests were counted."
            : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
    }

    private void figures() {
        if (requests() > 0)
            figure("Failed requests", Page.count(failed()), "of " + Page.count(requests()) + " at Nginx");
        if (!story.moves().isEmpty())
            figure(story.moves().getFirst().back() ? "Rollback" : "Switch",
                story.moves().getFirst().took().toMillis() + " ms", "until all workers had confirmed");
        typical();
        figure("Whole run", Console.seconds(Duration.between(story.began(), story.ended())),
            Page.count(story.steps().size()) + " steps");
    }

    /** The p95 before the first switch and after it, as the median of the ticks: one odd tick does not count. */
    private void typical() {
        if (requests() == 0) return;
        var at = story.moves().isEmpty() ? null : story.moves().getFirst().at();
        var until = story.moves().size() < 2 ? Instant.MAX : story.moves().get(1).at();
        var before = series.ticks().stream().filter(t -> at != null && !t.at().isAfter(at)).toList();
        var after = series.ticks().stream()
            .filter(t -> at == null || !t.from().isBefore(at) && !t.at().isAfter(until))
            .toList();
        double was = p95(before), is = p95(after);
        if (Double.isNaN(is)) figure("p95 before the switch", Charts.ms(was), "median of the ticks");
        else
            figure(at == null ? "p95" : "p95 after the switch", Charts.ms(is),
                Double.isNaN(was) ? "median of the ticks" : Charts.ms(was) + " before it");
    }
    private static double p95(List<Tick> some) {
        return Charts.median(some,
            t -> t.sides().values().stream().mapToDouble(Tick.Side::p95).max().orElse(Double.NaN));
    }

    private void figure(String term, String value, String note) {
        add("<div><dt>", term, "</dt><dd>", value, " <small>", note, "</small></dd></div>");
    }

    private void why() {
        if (story.code() == -1)
            add("<div class=\"why warn\"><p><b>The journal has no end of this run.</b> ",
                story.run().inHand()
                    .map(s -> "Its last line is the begin of <b>" + Page.escape(s)
                        + "</b>: it was killed there, or it still runs.")
                    .orElse("It was killed between two steps, or it still runs."),
                "</p></div>\n");
        else if (story.why() != null) add("<div class=\"why\"><p>", Page.head(story.why(), TEXT), "</p></div>\n");
    }

    private void section(String title, String aside) {
        add("<section><header><h2>", title, "</h2>", aside.isEmpty() ? "" : "<div class=\"key\">" + aside + "</div>",
            "</header>\n");
    }

    // ---- what the clients saw

    private static final String LINES = """
        <span><svg class="sample"><path class="line" d="M0 4H26"/></svg>p99</span><span><svg class="sample"><path class="line p95" d="M0 4H26"/></svg>p95</span>\
        <span><svg class="sample"><path class="line p50" d="M0 4H26"/></svg>p50</span>""";
    private static String bars(long server, long client, long probes) {
        return (server == 0 ? "" : chip("e5", "5xx")) + (client == 0 ? "" : chip("e4", "4xx"))
            + (probes == 0 ? "" : chip("probe", "failed probes"));
    }
    private static String chip(String css, String name) {
        return "<span><span class=\"chip\"><svg><rect class=\"bar " + css
            + "\" width=\"11\" height=\"11\"/></svg></span>" + name + "</span>";
    }

    private void charts() {
        if (ticks.isEmpty()) {
            section("Traffic", "");
            add("<p class=\"soft\">No metrics were kept for this run, so there is nothing to draw: they are written while a deployment is watched.</p></section>\n");
            return;
        }
        var moves = story.moves();
        var from = ticks.getFirst().from();
        var time = new Chart.Time(from, ticks.getLast().at(), moves.isEmpty() ? from : moves.getFirst().at(), moves);
        var charts = new Charts(time, ticks, story, config);
        var key = new StringBuilder();
        for (Colour c : Colour.values())
            if (series.requests(c) > 0)
                key.append("<span><span class=\"swatch ")
                    .append(c)
                    .append("\"></span>")
                    .append(Page.head(story.named(c), 200))
                    .append("</span>");
        String each = ticks.size() == series.ticks().size()
            ? ""
            : "Each point covers " + Chart.n(ticks.getFirst().seconds()) + " s";
        chart("traffic", "Requests per second", requests() > 0, key.toString(), () -> charts.traffic(),
            "No requests came in while it was watched.", each);
        chart("latency", "Latency", requests() > 0, key + LINES, () -> charts.latency(), "",
            each.isEmpty() ? "" : each + ", with the highest of its values");
        long client = series.sum(Tick.Side::errors4xx),
            probes = series.ticks().stream().mapToLong(Tick::probesFailed).sum(),
            asked = series.ticks().stream().mapToLong(Tick::probes).sum();
        chart("errors", "Errors", failed() + client + probes > 0, bars(failed(), client, probes), () -> charts.errors(),
            "<span class=\"good\">✓</span> None: no 5xx and no 4xx in " + Page.count(requests()) + " requests"
                + (asked == 0 ? "" : ", none of " + Page.count(asked) + " probes failed") + ".",
            "A request failed when Nginx answered it with 5xx: " + Page.count(failed()) + " of "
                + Page.count(requests()) + ". 4xx: " + Page.count(client) + ". Failed probes: " + Page.count(probes)
                + " of " + Page.count(asked) + ".");
    }

    private void chart(String id, String title, boolean drawn, String key, Supplier<String> svg, String instead,
        String caption) {
        if (!drawn && instead.isEmpty()) return;
        section(title, drawn ? key : "");
        if (drawn)
            add("<figure id=\"", id, "\" data-points=\"" + ticks.size(), "\">", svg.get(),
                caption.isEmpty() ? "" : "<figcaption class=\"small\">" + caption + "</figcaption>", "</figure>");
        else
            add("<p class=\"soft\" id=\"", id, "\">", instead, "</p>");
        add("</section>\n");
    }

    private void verdict() {
        var verdict = series.verdict();
        if (verdict == null) return;
        section("Verdict", "");
        add("<p><span class=\"pill ", verdictCss(verdict.verdict()), "\">", Page.head(verdict.verdict(), 60),
            "</span></p>");
        if (!verdict.reasons().isEmpty()) {
            add("<ul class=\"small\">");
            verdict.reasons().stream().limit(12).forEach(r -> add("<li>", Page.head(r, 500), "</li>"));
            add("</ul>");
        }
        add("</section>\n");
    }

    private void hooks() {
        var hooks = story.hooks();
        if (hooks.isEmpty()) return;
        section("Hooks", "");
        for (var h : hooks) {
            String output = h.path("output").asText();
            int code = h.path("code").asInt();
            add("<h3>", Page.head(h.path("hook").asText(), 60),
                code == 0 ? "" : " <span class=\"bad\">exit code " + code + "</span>", "</h3>",
                output.isBlank()
                    ? "<p class=\"small soft\">no output</p>"
                    : "<pre>" + Page.tail(output, HOOKS / Math.max(hooks.size(), 4)) + "</pre>",
                "\n");
        }
        add("</section>\n");
    }

    /** The charts' values once more, for those who copy them, or cannot see them. */
    private void numbers() {
        if (requests() == 0) return;
        section("The numbers", "");
        add("<details><summary>", Page.count(ticks.size()),
            " rows: requests per second, p50, p95, p99 in ms, errors</summary><div class=\"scroll\"><table class=\"n\"><thead><tr><th>UTC</th><th>colour</th>",
            "<th>req/s</th><th>p50</th><th>p95</th><th>p99</th><th>4xx</th><th>5xx</th></tr></thead><tbody>\n");
        for (Tick t : ticks)
            t.sides()
                .forEach((c, s) -> add("<tr><td>", Chart.CLOCK.format(t.from()), "</td><td>", c.toString(), "</td><td>",
                    Charts.whole(s.requests() / t.seconds()), "</td><td>", Charts.bare(s.p50()),
                    "</td><td>", Charts.bare(s.p95()), "</td><td>", Charts.bare(s.p99()), "</td><td>" + s.errors4xx(),
                    "</td><td>" + s.errors5xx(), "</td></tr>\n"));
        add("</tbody></table></div></details></section>\n");
    }
}
