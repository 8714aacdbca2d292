package lib.report;

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
    /** Bytes of HTML for all hooks; with the files' lines and the charts (about 130 KB) below 300 KB. */
    private static final int HOOKS = 40_000;

    Stream<DomContent> all() {
        return Stream.of(Stream.of(heading.draw()), steps().stream(), requests.charts(), verdict().stream(),
            changes.all(), hooks().stream(), requests.numbers().stream(), Stream.of(end()))
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

    private Optional<DomContent> hooks() {
        var hooks = story.hooks();
        if (hooks.isEmpty()) return Optional.empty();
        int most = HOOKS / Math.max(hooks.size(), 4);
        return Optional.of(Html.titled("Hooks").with(each(hooks, h -> hook(h, most))));
    }
    private static DomContent hook(JsonNode hook, int most) {
        String output = hook.path("output").asText();
        int code = hook.path("code").asInt();
        return each(
            h3(text(Plain.head(hook.path("hook").asText(), 60)),
                iff(code != 0, each(text(" "), span("exit code " + code).withClass("bad")))),
            output.isBlank() ? p("no output").withClass("small soft") : pre(Plain.tail(output, most)));
    }

    private DomContent end() {
        return footer(story.run().name() + " · written by bluegreen, " + Page.DATE.format(Instant.now())
            + " UTC · all times are UTC");
    }
}
