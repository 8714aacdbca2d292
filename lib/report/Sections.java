package lib.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import com.fasterxml.jackson.databind.JsonNode;
import j2html.tags.DomContent;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** The sections of a report, from top to bottom. */
record Sections(Heading heading, Story story, Requests requests, Changes changes) {
    /**
     * Bytes of HTML for all that hooks and migrations said; with the files' lines and the charts (about 130 KB) below
     * 300 KB.
     */
    private static final int COMMANDS = 40_000;

    Stream<DomContent> all() {
        return Stream.of(Stream.of(heading.draw()), steps().stream(), requests.charts(), verdict().stream(),
            changes.all(), commands().stream(), requests.numbers().stream(), Stream.of(end()))
            .flatMap(sections -> sections);
    }

    private Optional<DomContent> steps() {
        if (story.steps().isEmpty()) return Optional.empty();
        return Optional.of(Html.titled("Steps").with(new Timeline(story).draw()));
    }

    private Optional<DomContent> verdict() {
        return requests.series()
            .verdict()
            .map(v -> Html.titled("Verdict").with(p(pill(v)), iff(!v.reasons().isEmpty(), reasons(v))));
    }
    private static DomContent pill(Tick.Verdict verdict) {
        return span(Plain.head(verdict.verdict(), 60)).withClass("pill " + Outcome.of(verdict).css());
    }
    private static DomContent reasons(Tick.Verdict verdict) {
        return ul(each(verdict.reasons().stream().limit(12).map(r -> li(Plain.head(r, 500))))).withClass("small");
    }

    private Optional<DomContent> commands() {
        var commands = story.commands();
        if (commands.isEmpty()) return Optional.empty();
        int most = COMMANDS / Math.max(commands.size(), 4);
        boolean migrates = commands.stream().anyMatch(c -> !c.has("hook"));
        return Optional.of(Html.titled(migrates ? "Hooks and migrations" : "Hooks")
            .with(each(commands, c -> command(c, most))));
    }
    private static DomContent command(JsonNode command, int most) {
        String output = command.path("output").asText();
        int code = command.path("code").asInt();
        return each(
            h3(text(Plain.head(command.path("hook").asText(Story.step(command)), 60)),
                iff(code != 0, each(text(" "), span("exit code " + code).withClass("bad")))),
            output.isBlank() ? p("no output").withClass("small soft") : pre(Plain.tail(output, most)));
    }

    private DomContent end() {
        return footer(a("all reports").withHref(Contents.FILE),
            text(" · " + story.run().name() + " · written by bluegreen, " + Page.DATE.format(Instant.now())
                + " UTC · all times are UTC"));
    }
}
