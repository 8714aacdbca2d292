//DEPS com.j2html:j2html:1.6.0
package lib.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.header;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.Config;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import j2html.tags.specialized.PTag;
import j2html.tags.specialized.SectionTag;
import j2html.tags.specialized.SpanTag;
import j2html.tags.specialized.TheadTag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/**
 * What a report's HTML is made with: j2html, which escapes every text and every value of an attribute, here by
 * {@link Plain}. Empty tags are closed, so that an XML parser reads the page too.
 */
final class Html {
    private static final Config CONFIG = Config.defaults().withTextEscaper(Plain::escape).withEmptyTagsClosed(true);

    private Html() {}

    static String of(DomContent content) {
        try {
            return content.render(FlatHtml.inMemory(CONFIG)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);         // memory has none
        }
    }

    /** @param key beside the title: what the signs below mean */
    static SectionTag titled(String title, DomContent... key) {
        return section(header(h2(title), iff(key.length > 0, div(key).withClass("key"))));
    }

    static TheadTag columns(String... names) { return thead(tr(each(Stream.of(names).map(n -> th(n))))); }

    static PTag soft(String text) { return p(text).withClass("soft"); }
    static SpanTag swatch(Object colour) { return span().withClass("swatch " + colour); }
}
