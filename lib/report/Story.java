package lib.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    /** The begin of a step whose begin is not in the journal: it has no fields. */
    private static final JsonNode NOT_THERE = MissingNode.getInstance();

    /**
     * The traffic went to a colour: {@code at} is the moment of the rename, {@code took} until the workers had
     * confirmed. What is empty was not said.
     */
    record Move(Instant at, Duration took, Optional<Colour> from, Optional<Colour> to, long generation, boolean back,
        Optional<Boolean> backed) {
        /** At a colour that did not have it before. */
        boolean arrives() { return to.isPresent() && !from.equals(to); }
        /** A colour that does not have it after. */
        boolean leaves() { return from.isPresent() && !from.equals(to); }
    }

    /** What a colour runs; {@code id}: of the image; {@code digest}: by which its registry knows it. */
    record Runs(Optional<String> version, String id, Optional<String> digest) {}

    /** Lines without a time are left out. @throws Failure none has one */
    static Story of(Journal.Run run, List<Journal.Run> before) {
        var timed = run.lines().stream().filter(Story::hasTime).toList();
        if (timed.isEmpty())
            throw new Failure(ExitCode.FAILED, "no report: the journal has no times of " + run.name());
        return new Story(Journal.Run.of(run.name(), timed), before);
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
    private static boolean isEnd(JsonNode line) { return Set.of("done", "failed").contains(phase(line)); }

    /** The exit code; -1: the journal has no end of this run. */
    int code() { return run.line("run", "end").map(n -> n.path("code").asInt()).orElse(-1); }

    /** What it stopped at, for a person. */
    Optional<String> why() {
        if (code() == 0) return Optional.empty();
        return run.lines().stream()
            .filter(l -> l.path("why").isTextual())
            .map(l -> l.path("why").asText())
            .reduce((_, last) -> last);
    }

    /** The same as the terminal said under it: "detail", and what to type "next". */
    Optional<String> told(String field) {
        return run.line("run", "end").map(l -> l.path(field)).filter(JsonNode::isTextual).map(JsonNode::asText);
    }

    /** What the run was asked for. */
    Optional<String> asked(String field) { return Optional.ofNullable(run.asked(field)); }
    boolean isRollback() { return asked("rollback").equals(Optional.of("true")); }
    Optional<Colour> colour(String field) { return asked(field).flatMap(Colour::named); }

    /** In their order. One whose begin is not in the journal is taken to have begun when the one before it ended. */
    List<Step> steps() {
        var steps = new ArrayList<Step>();
        var open = new HashMap<String, JsonNode>();
        Instant last = began();
        for (JsonNode line : run.lines()) {
            if (step(line).equals("run")) continue;
            if (phase(line).equals("begin")) open.put(step(line), line);
            else if (isEnd(line)) {
                var begin = Objects.requireNonNullElse(open.remove(step(line)), NOT_THERE);
                steps.add(new Step(step(line), note(line, begin), begin == NOT_THERE ? last : at(begin), at(line),
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
        String generation = line.path("generation").isIntegralNumber()
            ? "generation " + line.path("generation").asLong()
            : "";
        String from = begin.path("from").asText();
        return Stream.of(line.path("to"), line.path("colour"), begin.path("colour"))
            .filter(JsonNode::isTextual)
            .findFirst()
            .map(JsonNode::asText)
            .map(to -> (from.isEmpty() || from.equals(to) ? "" : from + " → ") + to
                + (generation.isEmpty() ? "" : ", " + generation))
            .orElse(generation);
    }

    /** Every generation that was installed: also those that only arm or disarm the failover. */
    List<Move> generations() {
        var found = new ArrayList<Move>();
        JsonNode begin = NOT_THERE;
        var left = Optional.<Colour>empty();
        for (JsonNode line : run.lines()) {
            if (!Set.of("switch", "rollback", "failover").contains(step(line))) continue;
            if (phase(line).equals("begin")) begin = line;
            if (!phase(line).equals("done") || !line.has("generation")) continue;       // done by the run before
            var took = Duration.ofMillis(line.path("ms").asLong());
            var from = Colour.named(begin.path("from").asText());
            var to = Colour.named(line.path("to").asText());
            boolean back = step(line).equals("rollback") || isRollback() || to.isPresent() && to.equals(left);
            if (!from.equals(to) && left.isEmpty()) left = from;
            var backed = Stream.of(line.path("backed"), begin.path("backed"))
                .filter(JsonNode::isBoolean)
                .map(JsonNode::asBoolean)
                .findFirst();
            found.add(new Move(at(line).minus(took), took, from, to, line.path("generation").asLong(), back, backed));
        }
        return found;
    }

    /** Those at which the traffic changed its colour; at a first deploy, the one that gave it its first. */
    List<Move> moves() {
        var all = generations();
        var real = all.stream().filter(Move::arrives).toList();
        return !real.isEmpty() || asked("fromVersion").isPresent() || all.isEmpty() || !run.did("start")
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
                    && line.path("id").isTextual())
                    Colour.named(line.path("colour").asText())
                        .ifPresent(c -> found.put(c,
                            new Runs(Optional.ofNullable(r.asked("version")), line.path("id").asText(),
                                r.line("build", "done")
                                    .filter(built -> built.path("id").equals(line.path("id")))
                                    .map(built -> built.path("digest").asText())
                                    .filter(digest -> !digest.isEmpty()))));
        return found;
    }

    Optional<String> version(Colour colour) {
        return asked("to", colour, "version")
            .or(() -> asked("from", colour, "fromVersion"))
            .or(() -> Optional.ofNullable(images().get(colour)).flatMap(Runs::version));
    }
    private Optional<String> asked(String field, Colour colour, String version) {
        return colour(field).filter(c -> c == colour).flatMap(_ -> asked(version));
    }

    /** "green 2.0.0"; without a version, the colour. */
    String named(Colour colour) { return colour + version(colour).map(v -> " " + v).orElse(""); }

    /** Steps that ran a command of the user's, with what it said. */
    List<JsonNode> commands() {
        return run.lines().stream().filter(l -> COMMANDS.contains(step(l)) && isEnd(l)).toList();
    }
    private static final Set<String> COMMANDS = Set.of("hook", "migrate");

    /** "ann@build-7", and whom the CI names. */
    String by() { return asked("by").orElse("?") + asked("actor").map(a -> " for " + a).orElse(""); }
}
