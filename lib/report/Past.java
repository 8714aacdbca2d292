package lib.report;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.core.Failure;
import lib.journal.Journal;

/** A run in one line: of a history on a screen, and of the page of all reports. */
public record Past(String run, String command, Instant at, Duration took, Optional<String> version,
    Optional<String> colour, String by, String outcome, String css) {

    /** The newest first; a run whose lines have no time is none. */
    public static List<Past> of(List<Journal.Run> runs) {
        return runs.reversed().stream().flatMap(run -> of(run).stream()).toList();
    }

    private static Optional<Past> of(Journal.Run run) {
        try {
            var story = Story.of(run, List.of());
            var outcome = Outcome.of(story, Optional.empty());
            String command = story.isRollback() ? "rollback" : run.command();
            return Optional.of(new Past(run.name(), command, story.began(),
                Duration.between(story.began(), story.ended()),
                story.asked("version"), story.asked("to").or(() -> story.asked("colour")), story.by(), outcome.text(),
                outcome.css()));
        } catch (Failure untimed) {
            return Optional.empty();
        }
    }

    /** For programs. */
    public Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("run", run);
        fields.put("command", command);
        fields.put("began", at.toString());
        fields.put("ms", took.toMillis());
        version.ifPresent(v -> fields.put("version", v));
        colour.ifPresent(c -> fields.put("colour", c));
        fields.put("by", by);
        fields.put("outcome", outcome);
        return fields;
    }
}
