package lib.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.journal.Journal;

/**
 * What the journal tells of one run: its steps with their times, where the traffic went, how it ended.
 * {@code before}: the runs before it, oldest first, which know what the other colour runs.
 */
record Story(Journal.Run run, List<Journal.Run> before) {
    /** {@code to}: for an open step, the last that was heard of the run. */
    record Step(String name, String note, Instant from, Instant to, Phase phase) {
        Duration took() { return Duration.between(from, to); }
    }
    enum Phase { DONE, FAILED, OPEN }

    /** The traffic went to a colour: {@code at} is the moment of the rename, {@code took} until the workers had confirmed. {@code backed} null: not said. */
    record Move(Instant at, Duration took, Colour from, Colour to, long generation, boolean back, Boolean backed) {}

    /** What a colour runs; {@code id}: of the image. */
    record Runs(String version, String id) {}

    /** Lines without a time are left out. @throws Failure none has one */
    static Story of(Journal.Run run, List<Journal.Run> before) {
        var timed = run.lines().stream().filter(Story::hasTime).toList();
        if (timed.isEmpty())
            throw new Failure(ExitCode.FAILED, "no report: the journal has no times of " + run.name());
        return new Story(new Journal.Run(run.name(), timed), before);
    }
    private static boolean hasTime(JsonNode line) {
        try {
            return at(line) != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    Instant began() { return at(run.lines().getFirst()); }
    Instant ended() { return at(run.lines().getLast()); }
    static Instant at(JsonNode line) { return Instant.parse(line.path("at").asText()); }
    static String step(JsonNode line) { return line.path("step").asText(); }
    static String phase(JsonNode line) { return line.path("phase").asText(); }

    /** The exit code; -1: the journal has no end of this run. */
    int code() { return run.line("run", "end").map(n -> n.path("code").asInt()).orElse(-1); }

    /** What it stopped at, for a person; null: nothing. */
    String why() {
        if (code() == 0) return null;
        return run.lines().stream()
            .filter(l -> l.path("why").isTextual())
            .map(l -> l.path("why").asText())
            .reduce((_, last) -> last)
            .orElse(null);
    }

    Colour asked(String field) { return colour(run.asked(field)); }
    private static Colour colour(String name) {
        return "blue".equals(name) ? Colour.BLUE : "green".equals(name) ? Colour.GREEN : null;
    }

    /** Steps in their order. One whose begin is not in the journal is taken to have begun when the one before it ended. */
    List<Step> steps() {
        var steps = new ArrayList<Step>();
        var open = new HashMap<String, JsonNode>();
        Instant last = began();
        for (JsonNode line : run.lines()) {
            if (step(line).equals("run")) continue;
            if (phase(line).equals("begin")) open.put(step(line), line);
            else if (Set.of("done", "failed").contains(phase(line))) {
                var begin = open.remove(step(line));
                steps.add(new Step(step(line), note(line, begin), begin == null ? last : at(begin), at(line),
                    phase(line).equals("done") ? Phase.DONE : Phase.FAILED));
            }
            last = at(line);
        }
        open.values().forEach(l -> steps.add(new Step(step(l), note(l, l), at(l), ended(), Phase.OPEN)));
        return steps;
    }

    private static String note(JsonNode line, JsonNode begin) {
        for (String field : List.of("why", "answer", "hook", "image"))
            if (line.path(field).isTextual()) return line.path(field).asText();
        if (line.path("remaining").isIntegralNumber()) return line.path("remaining").asLong() + " connections left";
        var to = line.path("to").isTextual()
            ? line.path("to")
            : line.path("colour").isTextual() || begin == null ? line.path("colour") : begin.path("colour");
        String generation = line.path("generation").isIntegralNumber()
            ? "generation " + line.path("generation").asLong()
            : "";
        String from = begin == null ? "" : begin.path("from").asText();
        if (!to.isTextual()) return generation;
        return (from.isEmpty() || from.equals(to.asText()) ? "" : from + " → ") + to.asText()
            + (generation.isEmpty() ? "" : ", " + generation);
    }

    /** Every generation that was installed: also those that only arm or disarm the failover. */
    List<Move> generations() {
        var found = new ArrayList<Move>();
        JsonNode begin = null;
        Colour left = null;
        for (JsonNode line : run.lines()) {
            if (!Set.of("switch", "rollback", "failover").contains(step(line))) continue;
            if (phase(line).equals("begin")) begin = line;
            if (!phase(line).equals("done") || !line.has("generation")) continue;       // done by the run before
            var took = Duration.ofMillis(line.path("ms").asLong());
            var from = begin == null ? null : colour(begin.path("from").asText());
            var to = colour(line.path("to").asText());
            boolean back = step(line).equals("rollback")
                || "true".equals(run.asked("rollback"))
                || to != null && to == left;
            if (from != to && left == null) left = from;
            var told = backed(line).isBoolean() ? backed(line) : begin == null ? line : backed(begin);
            found.add(new Move(at(line).minus(took), took, from, to, line.path("generation").asLong(), back,
                told.isBoolean() ? Boolean.valueOf(told.asBoolean()) : null));
        }
        return found;
    }

    private static JsonNode backed(JsonNode line) { return line.path("backed"); }

    /** Those at which the traffic changed its colour; at a first deploy, the one that gave it its first. */
    List<Move> moves() {
        var all = generations();
        var real = all.stream().filter(m -> m.to() != null && m.from() != m.to()).toList();
        return !real.isEmpty() || run.asked("fromVersion") != null || all.isEmpty() || !run.did("start")
            ? real
            : List.of(all.getFirst());
    }

    /** By colour, as of this run's end: the last start of each that the journal knows. */
    Map<Colour, Runs> images() {
        var found = new EnumMap<Colour, Runs>(Colour.class);
        for (var r : Stream.concat(before.stream(), Stream.of(run)).toList())
            for (JsonNode line : r.lines())
                if (step(line).equals("start")
                    && Set.of("begin", "done").contains(phase(line))
                    && line.path("id").isTextual()
                    && colour(line.path("colour").asText()) instanceof Colour c)
                    found.put(c, new Runs(r.asked("version"), line.path("id").asText()));
        return found;
    }

    /** null: not known. */
    String version(Colour colour) {
        if (colour == null) return null;
        if (colour == asked("to") && run.asked("version") != null) return run.asked("version");
        if (colour == asked("from") && run.asked("fromVersion") != null) return run.asked("fromVersion");
        return images().get(colour) instanceof Runs r ? r.version() : null;
    }

    /** "green 2.0.0"; without a version, the colour. */
    String named(Colour colour) { return colour + (version(colour) == null ? "" : " " + version(colour)); }

    List<JsonNode> hooks() {
        return run.lines().stream()
            .filter(l -> step(l).equals("hook") && Set.of("done", "failed").contains(phase(l)))
            .toList();
    }
}
