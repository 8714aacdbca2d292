package lib.report;

import static j2html.TagCreator.code;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.specialized.PreTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lib.core.Colour;

/** The sections of a report about what is different now: generations, images, configuration. */
record Changes(Story story, Snapshot now, Earlier earlier) {
    /** Bytes of HTML for all files' lines. */
    private static final int MOST = 40_000;

    Stream<DomContent> all() {
        return Stream.of(generations(), images(), Optional.of(configuration())).flatMap(Optional::stream);
    }

    private Optional<DomContent> generations() {
        var all = story.generations();
        if (all.isEmpty()) return Optional.empty();
        return Optional.of(Html.titled("What it changed in Nginx")
            .with(table(Html.columns("Generation", "Traffic", "Confirmed in"),
                tbody()
                    .with(all.stream()
                        .limit(40)
                        .map(m -> tr(td(String.valueOf(m.generation())), td(traffic(m)),
                            td(m.took().toMillis() + " ms")))))));
    }

    private String traffic(Story.Move m) {
        return m.to().map(to -> moved(m, to) + m.backed().map(b -> backup(b, to)).orElse("")).orElse("?");
    }
    private String moved(Story.Move m, Colour to) {
        if (m.leaves()) return m.from().orElseThrow() + " → " + to + (m.back() ? ", rollback" : "");
        return story.moves().contains(m) ? to + ", the first version" : "stays on " + to;
    }
    private static String backup(boolean backed, Colour to) {
        return backed ? ", " + to.other() + " is its backup" : ", no backup";
    }

    private Optional<DomContent> images() {
        var images = story.images();
        if (images.isEmpty()) return Optional.empty();
        return Optional.of(Html.titled("Images")
            .with(table(Html.columns("Colour", "Version", "Image"),
                tbody().with(images.entrySet().stream().map(e -> image(e.getKey(), e.getValue()))))));
    }
    private static DomContent image(Colour colour, Story.Runs runs) {
        return tr(td(Html.swatch(colour), text(colour.toString())),
            td(runs.version().map(v -> Plain.head(v, 300)).orElse("?")),
            td(code(Plain.head(runs.digest().orElse(runs.id()), 300)))).withData("colour", colour.toString());
    }

    private DomContent configuration() {
        var section = switch (earlier) {
            case Earlier.None() -> Html.titled("Configuration")
                .with(Html.soft(
                    "This is the first run whose configuration was kept: there is nothing to compare it with."));
            case Earlier.Unreadable(var run) -> Html.titled("Configuration", text("compared with " + run))
                .with(Html.soft("The one of " + run + " cannot be read."));
            case Earlier.Kept(var run, var then) -> Html.titled("Configuration", text("compared with " + run))
                .with(differences(then));
        };
        return section.withId("configuration");
    }

    private DomContent differences(Snapshot then) {
        var keys = Snapshot.keys(then, now);
        var texts = Snapshot.texts(then, now);
        if (keys.isEmpty() && texts.isEmpty())
            return Html.soft(
                "Nothing changed in bluegreen.yaml, its flags and variables, nginx/, or the compose files.");
        return each(iff(!keys.isEmpty(), keys(keys)), files(texts));
    }

    private static DomContent keys(List<Snapshot.Changed> keys) {
        return table(Html.columns("Key", "Before", "Now"),
            tbody()
                .with(keys.stream()
                    .limit(60)
                    .map(c -> tr(td(code(Plain.head(c.key(), 120))),
                        td(shown(c.before(), "not shown")),
                        td(shown(c.after(), c.before().isEmpty() ? "set, not shown" : "changed, not shown"))))));
    }

    /** A fingerprint stands for what is not told, and is not told itself: short secrets could be guessed by it. */
    private static DomContent shown(Optional<String> set, String hidden) {
        if (set.isEmpty()) return soft("not set");
        String value = set.get();
        if (value.startsWith("#")) return soft(hidden);
        int arguments = value.matches(".* #[0-9a-f]{8}") ? value.lastIndexOf(" #") : -1;
        if (arguments > 0)
            return each(text(Plain.head(value.substring(0, arguments), 300) + " "), soft("arguments " + hidden));
        return value.isEmpty() ? soft("empty") : text(Plain.head(value, 300));
    }
    private static DomContent soft(String text) { return span(text).withClass("soft"); }

    /** As many as there is room for. */
    private static DomContent files(Map<String, List<String>> texts) {
        var shown = new ArrayList<DomContent>();
        int left = MOST;
        for (var text : texts.entrySet()) {
            if (left <= 0) {
                shown.add(p("More files changed; they are left out to keep this page small.").withClass("small soft"));
                break;
            }
            var file = each(h3(code(Plain.head(text.getKey(), 200))), lines(text.getValue(), left));
            shown.add(file);
            left -= Html.of(file).length();
        }
        return each(shown.stream());
    }

    private static PreTag lines(List<String> lines, int most) {
        var shown = pre();
        int used = 0;
        for (String line : lines) {
            if (used > most) return shown.with(span("…").withClass("at"));
            var next = line(line);
            shown.with(next);
            used += Html.of(next).length();
        }
        return shown;
    }

    private static DomContent line(String line) {
        String said = Plain.head(line, 400);
        return switch (line.charAt(0)) {
            case '+' -> each(span(said).withClass("add"), text("\n"));
            case '-' -> each(span(said).withClass("del"), text("\n"));
            case '@' -> each(span(said).withClass("at"), text("\n"));
            default -> text(said + "\n");
        };
    }
}
