package lib.docker;

import java.time.Instant;

/** A line that a container said, and when, by the engine's clock. {@code text}: without its line end. */
public record LogLine(Instant at, Stream stream, String text) {
    public enum Stream { OUT, ERR }

    /** As "docker logs --timestamps" shows it. */
    @Override public String toString() { return at + " " + text; }
}
