package lib.docker;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A container's log as its frames come in: whole lines, by stream. The API takes whole seconds only. */
final class Log implements Consumer<Frame> {
    private final Instant since, until;
    private final Map<LogLine.Stream, ByteArrayOutputStream> begun = new EnumMap<>(LogLine.Stream.class);
    private final List<LogLine> lines = new ArrayList<>();                  // guarded by this, as is begun

    Log(Instant since, Instant until) {
        this.since = since;
        this.until = until;
    }

    /** The first second, as the API takes it; empty: from the beginning. */
    Optional<Integer> from() { return second(since.getEpochSecond()); }
    /** The last second, rounded up; empty: to the end. */
    Optional<Integer> to() { return second(until.getEpochSecond() + 1); }

    private static Optional<Integer> second(long second) {
        return second <= 1 || second > Integer.MAX_VALUE ? Optional.empty() : Optional.of((int) second);
    }

    /** A terminal's output is one stream. */
    @Override public synchronized void accept(Frame frame) {
        var stream = frame.getStreamType() == StreamType.STDERR ? LogLine.Stream.ERR : LogLine.Stream.OUT;
        var line = begun.computeIfAbsent(stream, _ -> new ByteArrayOutputStream());
        for (byte b : frame.getPayload())
            if (b == '\n') end(stream, line);
            else line.write(b);
    }

    private void end(LogLine.Stream stream, ByteArrayOutputStream bytes) {
        String line = bytes.toString(StandardCharsets.UTF_8).stripTrailing();
        bytes.reset();
        int space = line.indexOf(' ');
        String time = space < 0 ? line : line.substring(0, space);
        var at = time(time);
        if (at.isBefore(since) || at.isAfter(until)) return;
        lines.add(new LogLine(at, stream, space < 0 ? "" : line.substring(space + 1)));
    }

    /** A driver may leave it out: then the line is as old as can be. */
    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }

    synchronized List<LogLine> lines() {
        begun.forEach((stream, rest) -> { if (rest.size() > 0) end(stream, rest); });
        lines.sort(Comparator.comparing(LogLine::at));
        return List.copyOf(lines);
    }
}
