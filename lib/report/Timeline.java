package lib.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import lib.core.Console;

/** A run's steps as horizontal bars over its time, with a line at each switch. HTML, so that it fits any width. */
record Timeline(Story story, StringBuilder page) {
    /** Rows; a deploy has a dozen. */
    private static final int STEPS = 80;

    private void add(String... html) { for (String s : html) page.append(s); }

    void draw() {
        var steps = story.steps();
        var whole = Duration.between(story.began(), story.ended());
        double seconds = Math.max(0.001, whole.toMillis() / 1000.0), every = 0.1;
        for (double s : new double[] {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400,
            43200, 86400, 604800}) if (seconds / (every = s) <= 6) break;
        var lines = new StringBuilder();
        var labels = new StringBuilder();
        for (int i = 0; i * every <= seconds && i < 100; i++) {
            String x = percent(i * every / seconds);
            lines.append("<i style=\"left:").append(x).append("\"></i>");
            labels.append("<span")
                .append(i == 0 ? " class=\"first\"" : i * every > seconds * 0.94 ? " class=\"last\"" : "")
                .append(" style=\"left:")
                .append(x)
                .append("\">")
                .append(every >= 60 ? Chart.n(i * every / 60) + " min" : Chart.n(i * every) + " s")
                .append("</span>");
        }
        for (var m : story.moves())
            lines.append("<i class=\"mark\" style=\"left:").append(percent(share(m.at(), whole))).append("\"></i>");
        add("<div class=\"steps\">\n", marks(whole));
        for (var s : steps.subList(0, Math.min(STEPS, steps.size()))) {
            double from = share(s.from(), whole), to = share(s.to(), whole);
            add("<div class=\"", s.phase().name().toLowerCase(Locale.ROOT), "\" data-step=\"", Page.escape(s.name()),
                "\" data-ms=\"" + s.took().toMillis(), "\"><span>", Page.head(s.name(), 60),
                "</span><span class=\"note\">",
                Page.head(s.note(), 160), "</span><span class=\"track\">", lines.toString(), "<b style=\"left:",
                percent(Math.min(from, 0.997)), ";width:", percent(to - from), "\"></b></span><span class=\"took\">",
                switch (s.phase()) {
                    case DONE -> "";
                    case FAILED -> "<span class=\"bad\">failed</span> ";
                    case OPEN -> "<span class=\"warn\">no end</span> ";
                }, Console.seconds(s.took()), "</span></div>\n");
        }
        add("<div class=\"scale\"><span></span><span></span><span class=\"track\">", labels.toString(),
            "</span><span></span></div></div>\n");
        if (steps.size() > STEPS) add("<p class=\"small soft\">", "and " + (steps.size() - STEPS), " more</p>\n");
    }

    /** What the lines across the bars are; one too close to the one before is left to the charts. */
    private String marks(Duration whole) {
        var out = new StringBuilder();
        double free = 0;
        for (var m : story.moves()) {
            double x = share(m.at(), whole);
            if (x >= free)
                out.append("<span class=\"mark")
                    .append(x > 0.85 ? " flip" : "")
                    .append("\" style=\"left:")
                    .append(percent(x))
                    .append("\">")
                    .append(m.back() ? "rollback" : "switch")
                    .append("</span>");
            free = x + 0.2;
        }
        return out.isEmpty()
            ? ""
            : "<div class=\"scale\"><span></span><span></span><span class=\"track\">" + out
                + "</span><span></span></div>\n";
    }

    private double share(Instant at, Duration whole) {
        return Math.clamp(Duration.between(story.began(), at).toMillis() / (double) Math.max(1, whole.toMillis()), 0,
            1);
    }
    private static String percent(double share) { return Chart.n(share * 100) + "%"; }
}
