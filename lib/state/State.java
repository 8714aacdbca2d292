package lib.state;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import lib.core.Atomic;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Text;
import lib.core.Version;
import lib.nginx.Generation;

/**
 * .deployment-state.json: the last picture a script confirmed. The workers are the observed; this is its copy
 * for people and other tools. {@code previous} and {@code lastSwitch}: empty until there was a switch.
 */
public record State(Colour active, Optional<Colour> previous, Optional<Instant> lastSwitch, Version version,
    boolean healthy,
    long generation, Version previousVersion) {

    /**
     * What the file says: nothing yet, a state, something unreadable with the reason, or what a newer bluegreen wrote.
     */
    public sealed interface Read {
        record Missing() implements Read {}
        record Known(State known) implements Read {}
        record Corrupt(String reason) implements Read {}
        record Newer(String format) implements Read {}

        default Optional<State> state() { return this instanceof Known(State s) ? Optional.of(s) : Optional.empty(); }
    }

    /** Of what is live since then, with nothing to go back to. */
    public static State of(Generation live, Instant since) { return of(live, Optional.of(since)); }

    /** The same, of what is live since nobody knows when. */
    public static State of(Generation live) { return of(live, Optional.empty()); }

    private static State of(Generation live, Optional<Instant> since) {
        return new State(live.active(), Optional.empty(), since, live.version(), true, live.number(), Version.UNKNOWN);
    }

    /** The same, with the colour that had the traffic before, and its version. */
    public State leaving(Colour left, Version itsVersion) {
        return new State(active, Optional.of(left), lastSwitch, version, healthy, generation, itsVersion);
    }

    /** Bytes. Ours has 200. */
    private static final int LARGEST = 64 << 10;

    public static Path file(Path project) { return project.resolve(".deployment-state.json"); }

    public static Read read(Path project) {
        Path file = file(project);
        if (!Files.exists(file)) return new Read.Missing();
        if (!Files.isRegularFile(file)) return new Read.Corrupt("it is not a file");
        try {
            if (Files.size(file) > LARGEST) return new Read.Corrupt("it has " + Files.size(file) + " bytes");
            JsonNode n = Json.read(Files.readString(file)).orElse(null);
            if (n == null || !n.isObject()) return new Read.Corrupt("it is not a JSON object");
            var format = n.path("format");
            if (format.isIntegralNumber() && !(format.isInt() && format.asInt() <= 1))
                return new Read.Newer(Text.brief(format.toString()));
            if (!format.isMissingNode() && !format.isInt())
                return new Read.Corrupt("its format is " + Text.brief(format.toString()));
            return new Read.Known(new State(
                Colour.of(n.path("active").asText()),
                text(n, "previous").map(Colour::of), text(n, "lastSwitch").map(Instant::parse),
                version(n, "version"),
                n.path("healthy").asBoolean(),
                n.path("generation").asLong(),
                version(n, "previousVersion")));
        } catch (Failure | java.time.format.DateTimeParseException | IOException e) {
            return new Read.Corrupt(Text.brief(String.valueOf(e.getMessage())));
        }
    }

    /** @throws Failure when it can be none */
    private static Version version(JsonNode n, String field) {
        return text(n, field).map(Version::required).orElse(Version.UNKNOWN);
    }

    private static Optional<String> text(JsonNode n, String field) {
        return Optional.ofNullable(n.path(field).textValue());
    }

    public State renumbered(long next) {
        return new State(active, previous, lastSwitch, version, healthy, next, previousVersion);
    }

    /** Written, or told why not: it is a copy, and the next command repairs it. */
    public void keep(Path project, Console console) {
        try {
            write(project);
        } catch (Failure f) {
            console.warning(f.whatAndWhy() + "; the next command repairs it");
        }
    }

    /** @throws Failure if it cannot be written: disk full, no permission */
    public void write(Path project) {
        var n = Json.object();
        n.put("active", active.toString());
        n.put("previous", previous.map(Colour::toString).orElse(null));
        n.put("lastSwitch", lastSwitch.map(Instant::toString).orElse(null));
        n.put("version", version.name().orElse(null));
        n.put("healthy", healthy);
        n.put("generation", generation);
        n.put("previousVersion", previousVersion.name().orElse(null));
        try {
            Atomic.write(file(project), n + "\n");
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot write " + file(project), e.toString(),
                "make room or set permissions").causedBy(e);
        }
    }
}
