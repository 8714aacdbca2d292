package lib.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Json;
import lib.journal.Journal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/** Reports whose every text is hostile: an XML parser finds each again, as a text or as the value of an attribute. */
class ReportEscapingTest {
    /** As short as the label in a chart must be. */
    private static final String SHORT = "<b>]]>&'\"";

    private static final Snapshot NOTHING = new Snapshot(Map.of(), Map.of());

    @TempDir Path project;
    private final List<String> planted = new ArrayList<>();

    /** A long text is cut: what tells the fields apart comes first. */
    private String hostile(String field) {
        planted.add("<script>" + field);
        return "<script>" + field + "</script>]]>&\"'<img src=x onerror='alert(1)'>-->\u202E\033[31mred\033[0m\0\u0007";
    }

    @Test void a_failed_deploy_with_all_there_is() throws Exception {
        var run = run("deploy",
            line("run", "begin", "from", "blue", "to", "green", "fromVersion", hostile("from"), "version", SHORT),
            line(hostile("step"), "failed", "why", hostile("step's why")),
            line("build", "done", "image", hostile("image")),
            line("health", "done", "answer", hostile("answer")),
            line("start", "done", "colour", "green", "id", hostile("id")),
            line("stop", "begin", "from", hostile("origin")),
            line("stop", "done", "to", hostile("destination")),
            line("drain", "done", "colour", hostile("colour")),
            line("hook", "failed", "hook", hostile("hook"), "code", 9, "output", hostile("output")),
            line("switch", "begin", "from", "blue", "backed", true),
            line("switch", "done", "to", "green", "generation", 3),
            line("run", "end", "code", 5, "why", hostile("why")));
        String file = hostile("file"), kept = hostile("kept"), key = hostile("changed");
        var then = new Snapshot(
            Map.of(key, hostile("value"), hostile("key"), "gone", "hook", hostile("command") + " #0123abcd"),
            Map.of(file, hostile("removed") + "\n" + kept));
        var now = new Snapshot(Map.of(key, hostile("new value")), Map.of(file, hostile("added") + "\n" + kept));
        assertHarmless(page(run, ticks(), now, new Earlier.Kept(hostile("earlier"), then)));
    }

    @Test void a_killed_run_that_saw_nothing_and_has_nothing_to_compare_with() throws Exception {
        var run = run("deploy" + SHORT, line(hostile("step"), "begin"));
        assertHarmless(page(run, List.of(), NOTHING, new Earlier.Unreadable(hostile("earlier"))));
    }

    @Test void a_monitor_s_verdict() throws Exception {
        var run = run("monitor", line("run", "begin"), line("run", "end", "code", 0));
        assertHarmless(page(run, ticks(), NOTHING, new Earlier.None()));
    }

    private String page(Journal.Run run, List<Tick> ticks, Snapshot now, Earlier earlier) {
        var before = run("deploy", line("run", "begin", "version", hostile("version")),
            line("start", "done", "colour", "blue", "id", hostile("id before")));
        var story = Story.of(run, List.of(before));
        var series = new Tick.Series(ticks,
            Optional.of(new Tick.Verdict(hostile("verdict"), List.of(hostile("reason")))));
        var sections = new Sections(new Heading(hostile("app"), story, series), story,
            new Requests(Config.load(project, Map.of()), story, series, ticks),
            new Changes(story, now, earlier));
        return Page.of(hostile("title"), sections.all());
    }

    private static Journal.Run run(String command, JsonNode... lines) {
        return Journal.Run.of(command + "-" + SHORT, List.of(lines));
    }

    private static JsonNode line(String step, String phase, Object... fields) {
        var all = new LinkedHashMap<String, Object>(
            Map.of("at", Recorded.NIGHT.toString(), "step", step, "phase", phase));
        for (int i = 0; i < fields.length; i += 2) all.put((String) fields[i], fields[i + 1]);
        return Json.of(all);
    }

    /** Enough of them that there is room for a label. */
    private static List<Tick> ticks() {
        var side = new Tick.Side(100, 1, 1, 1, 2, 3);
        return IntStream.range(0, 20)
            .mapToObj(i -> new Tick(Recorded.NIGHT.plusSeconds(i + 1), 1, Map.of(Colour.GREEN, side), 1, 1))
            .toList();
    }

    private void assertHarmless(String page) throws Exception {
        assertThat(page)
            .doesNotContainPattern("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e]")
            .doesNotContain("[31m", "onerror='");
        var parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        var texts = new ArrayList<String>();
        collect(parser.parse(new InputSource(new StringReader(page))), texts);
        assertThat(planted).allSatisfy(text -> assertThat(texts).anyMatch(t -> t.contains(text)));
    }

    private static void collect(Node node, List<String> texts) {
        assertThat(node.getNodeName()).isNotIn("script", "img", "onerror");
        if (node.getNodeValue() != null) texts.add(node.getNodeValue());
        for (int i = 0; node.hasAttributes() && i < node.getAttributes().getLength(); i++)
            collect(node.getAttributes().item(i), texts);
        for (var child = node.getFirstChild(); child != null; child = child.getNextSibling()) collect(child, texts);
    }
}
