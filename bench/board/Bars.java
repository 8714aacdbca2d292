//DEPS com.j2html:j2html:1.6.0
package board;

import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.tag;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** A chart of horizontal bars, an SVG that is readable by day and by night. */
public record Bars(String title, List<Bar> bars) {
    /** @param says the figure as text; @param ours bluegreen's: in colour */
    public record Bar(String label, double value, String says, boolean ours) {}

    private static final int WIDTH = 760, LABELS = 230, FIGURES = 110, ROW = 26, TOP = 40;
    private static final String CSS = """
        text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 }
        .bar { fill: #8c959f } .ours { fill: #1f7a4d }
        @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #3fb374 } }""";

    public static Bars of(String title) { return new Bars(title, new ArrayList<>()); }

    public Bars add(String label, double value, String says, boolean ours) {
        bars.add(new Bar(label, value, says, ours));
        return this;
    }

    public String svg() {
        double most = Math.max(1e-9, bars.stream().mapToDouble(Bar::value).max().orElse(1));
        var shapes = new ArrayList<DomContent>();
        shapes.add(tag("style").with(rawHtml(CSS)));
        shapes.add(text(0, 18, "start", "title", title));
        for (int i = 0; i < bars.size(); i++) {
            var bar = bars.get(i);
            int y = TOP + i * ROW;
            long width = Math.max(1, Math.round(bar.value / most * (WIDTH - LABELS - FIGURES)));
            shapes.add(text(LABELS - 10, y + 13, "end", "label", bar.label));
            shapes.add(tag("rect")          // an empty tag is not closed, which is HTML and no SVG
                .attr("class", bar.ours ? "ours" : "bar")
                .attr("x", LABELS)
                .attr("y", y)
                .attr("width", width)
                .attr("height", ROW - 8));
            shapes.add(text(LABELS + width + 8, y + 13, "start", "figure", bar.says));
        }
        int height = TOP + bars.size() * ROW;
        return tag("svg")
            .attr("xmlns", "http://www.w3.org/2000/svg")
            .attr("viewBox", "0 0 " + WIDTH + " " + height)
            .attr("width", WIDTH)
            .attr("height", height)
            .attr("role", "img")
            .attr("aria-label", title)
            .with(shapes)
            .render() + "\n";
    }

    private static DomContent text(long x, long y, String anchor, String css, String text) {
        return tag("text").attr("x", x).attr("y", y).attr("text-anchor", anchor).attr("class", css).withText(text);
    }
}
