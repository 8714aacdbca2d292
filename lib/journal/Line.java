package lib.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Optional;
import lib.core.Json;

/**
 * A line of a journal, read as JSON when somebody wants to know more than its run, step and phase. Of hundreds of
 * deploys most lines are never asked for, and to read them all would take a script longer than anything else that it
 * does.
 */
final class Line {
    private static final String AT = "{\"at\":\"", RUN = "\"run\":\"", STEP = "\",\"step\":\"",
        PHASE = "\",\"phase\":\"";

    private final String text;
    private Optional<JsonNode> read = Optional.empty();     // guarded by this

    Line(String text) { this.text = text; }

    /** Missing when it cannot be read. */
    synchronized JsonNode json() {
        if (read.isEmpty()) read = Json.read(text).or(() -> Optional.of(MissingNode.getInstance()));
        return read.get();
    }

    /** The run that it belongs to; empty: of none, or torn by a crash. */
    Optional<String> run() {
        int from = text.indexOf(RUN) + RUN.length(), to = text.indexOf('"', from);
        boolean ours = from >= RUN.length() && to > 0 && text.startsWith(STEP, to) && text.endsWith("}");
        String name = ours ? text.substring(from, to) : json().path("run").asText();
        return Optional.of(name).filter(n -> n.contains("-"));
    }

    /** When it was written; "" where it does not say. */
    String at() {
        int to = text.indexOf('"', AT.length());
        return text.startsWith(AT) && to > 0 ? text.substring(AT.length(), to) : json().path("at").asText();
    }

    /** Ours have both behind each other; words of others cannot look like that, as their quotes are escaped. */
    boolean is(String step, String phase) {
        int at = text.indexOf(STEP);
        if (at >= 0 && text.indexOf(PHASE, at) == text.indexOf('"', at + STEP.length()))
            return text.startsWith(step + PHASE + phase + '"', at + STEP.length());
        return json().path("step").asText().equals(step) && json().path("phase").asText().equals(phase);
    }

    @Override public boolean equals(Object other) { return other instanceof Line line && line.text.equals(text); }
    @Override public int hashCode() { return text.hashCode(); }
    @Override public String toString() { return text; }
}
