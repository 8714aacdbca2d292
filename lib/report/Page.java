package lib.report;

import static j2html.TagCreator.body;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.link;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.style;
import static j2html.TagCreator.tag;
import static j2html.TagCreator.title;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Stream;

/** The page around a report. Everything is in the file; nothing is fetched. */
final class Page {
    static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss", Locale.ENGLISH)
        .withZone(ZoneOffset.UTC);
    /** It forbids every request: even markup that slipped through could not call out. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    private Page() {}

    static String of(String title, Stream<DomContent> sections) {
        return Html.of(each(document(), html(metadata(title), body(patterns(), main(each(sections)))).withLang("en")));
    }

    /** The style sheet is a constant, and the one thing here that is not escaped. */
    private static DomContent metadata(String title) {
        return head(meta().withCharset("utf-8"), named("viewport", "width=device-width, initial-scale=1"),
            named("color-scheme", "light dark"),
            meta().attr("http-equiv", "Content-Security-Policy").withContent(POLICY),
            link().withRel("icon").withHref("data:,"), title(title), style(rawHtml(Style.SHEET)));
    }
    private static DomContent named(String name, String content) {
        return meta().withName(name).withContent(content);
    }

    /** What areas and bars are filled with. */
    private static DomContent patterns() {
        return Svg.svg()
            .attr("width", 0)
            .attr("height", 0)
            .attr("style", "position:absolute")
            .attr("aria-hidden", "true")
            .with(tag("defs")
                .with(
                    pattern("hatch", 6, Svg.path("hatch green", "M0 0V6")).attr("patternTransform", "rotate(45)"),
                    pattern("dots", 4, Svg.path("hatch warn", "M0 0L4 4M-1 3L1 5M3 -1L5 1"))));
    }
    private static ContainerTag<?> pattern(String id, int side, DomContent path) {
        return tag("pattern")
            .attr("id", id)
            .attr("width", side)
            .attr("height", side)
            .attr("patternUnits", "userSpaceOnUse")
            .with(path);
    }
}
