package lib.report;

import static j2html.TagCreator.emptyTag;
import static j2html.TagCreator.tag;
import static j2html.TagCreator.title;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;

/** The elements of SVG that are drawn with. */
final class Svg {
    private Svg() {}

    static ContainerTag<?> svg() { return tag("svg"); }

    static DomContent path(String css, String d) { return emptyTag("path").attr("class", css).attr("d", d); }

    static DomContent bar(String css, double x, double y, double width, double height) {
        return emptyTag("rect")
            .attr("class", "bar " + css)
            .attr("x", Amount.of(x))
            .attr("y", Amount.of(y))
            .attr("width", Amount.of(width))
            .attr("height", Amount.of(height));
    }

    static DomContent square(String css, int side) {
        return emptyTag("rect").attr("class", css).attr("width", side).attr("height", side);
    }

    /** Not seen; it tells its text where the pointer is. */
    static DomContent hit(double x, double y, double width, double height, String says) {
        return tag("rect")
            .attr("class", "hit")
            .attr("x", Amount.of(x))
            .attr("y", Amount.of(y))
            .attr("width", Amount.of(width))
            .attr("height", Amount.of(height))
            .with(title(says));
    }

    static DomContent dot(String css, double x, double y) {
        return emptyTag("circle")
            .attr("class", "dot " + css)
            .attr("cx", Amount.of(x))
            .attr("cy", Amount.of(y))
            .attr("r", 2);
    }

    static DomContent text(String css, double x, double y, String anchor, String text) {
        return tag("text")
            .attr("x", Amount.of(x))
            .attr("y", Amount.of(y))
            .attr("text-anchor", anchor)
            .condAttr(!css.isEmpty(), "class", css)
            .withText(text);
    }
}
