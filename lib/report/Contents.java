package lib.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lib.core.Atomic;
import lib.core.Console;
import lib.journal.Journal;

/**
 * reports/index.html: a line a run, the newest first, each with a link to its report; written anew with each report.
 */
final class Contents {
    static final String FILE = "index.html";

    private Contents() {}

    static void write(Path folder, String app, List<Journal.Run> runs) throws IOException {
        var reported = Past.of(runs)
            .stream()
            .filter(past -> Files.exists(folder.resolve(past.run() + ".html")))
            .toList();
        var rows = table(Html.columns("began, UTC", "run", "version", "colour", "by", "took", "outcome"),
            tbody(each(reported, Contents::row)));
        Atomic.writePrivate(folder.resolve(FILE), Page.of(app + ": all reports", Stream.of(
            h1(text(app + ": all reports")), p(reported.size() + " runs, the newest first").withClass("lead"),
            rows)));
    }

    private static DomContent row(Past past) {
        return tr(td(Page.DATE.format(past.at())), td(a(past.command()).withHref(past.run() + ".html")),
            td(Plain.head(past.version().orElse(""), 60)),
            td(past.colour().map(c -> (DomContent) span(c).withClass("name " + c)).orElse(text(""))),
            td(Plain.head(past.by(), 80)), td(Console.seconds(past.took())),
            td(span(past.outcome()).withClass("pill " + past.css())));
    }
}
