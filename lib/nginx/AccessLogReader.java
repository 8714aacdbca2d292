package lib.nginx;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Text;
import lib.docker.Engine;
import lib.docker.Held;

/**
 * Nginx's access log, read where it lies: in its container (nginx/logs.sh). Each call gives what is new since the last
 * one, by inode and offset, so across a rotation and a restart. A call that fails has lost nothing: the next one goes
 * on behind the last whole line that was given.
 */
public final class AccessLogReader {
    private static final String SCRIPT = "/etc/nginx/bluegreen/logs.sh";
    /** Nginx keeps a line back for a second at most (flush=1s), so lines are out of order by so much. */
    private static final long LATE = 2;
    /** Longer than any line: Nginx's buffer is 4 KB. */
    private static final int LONGEST = 64 << 10;

    private final Engine engine;
    private final long from;
    private final Map<String, Long> read = new HashMap<>();       // by inode: so many bytes
    private boolean full;

    /** @param from by the container's clock; lines from shortly before it are given too */
    public AccessLogReader(Engine engine, Instant from) {
        this.engine = engine;
        this.from = from.getEpochSecond() - LATE;
    }

    /** The disk has no room, so that Nginx's lines are lost: seen at the last call. */
    public boolean isFull() { return full; }

    /**
     * What is new, until {@code line} says that it is enough.
     * @throws IOException what the container or the engine said; after the lines that it gave
     */
    public void read(String container, Duration limit, Predicate<String> line) throws IOException {
        // Nothing that is started in a container may outlive us: it has a limit of its own there.
        var command = new ArrayList<>(List.of("timeout", "-s", "KILL", String.valueOf(limit.toSeconds() + 1), "sh",
            SCRIPT, "read", String.valueOf(from)));
        read.forEach((inode, offset) -> command.add(inode + ":" + offset));
        try (var held = held(container, limit, command); var in = held.out()) {
            if (files(new Bytes(in), line)) return;
            held.onExit().completeOnTimeout(OptionalInt.empty(), 1, TimeUnit.SECONDS).join();
            String error = held.err().strip();
            throw new IOException(error.isEmpty()
                ? "not read to its end within " + Console.seconds(limit)
                : error.substring(error.lastIndexOf('\n') + 1));
        }
    }

    private Held held(String container, Duration limit, List<String> command) throws IOException {
        try {
            return engine.hold(container, limit, command.toArray(String[]::new));
        } catch (Failure f) {
            throw new IOException(f.whatAndWhy(), f);
        }
    }

    /** True: to the end, or enough. */
    private boolean files(Bytes in, Predicate<String> line) throws IOException {
        for (String head; !(head = text(in.line(100)).strip()).isEmpty();) {
            if (!head.matches("#[0-9]{1,20}( [0-9]{1,18}){2}|#free [0-9]{1,20}"))
                throw new IOException("not a head of a part of the log: " + Text.brief(head));
            String[] words = head.substring(1).split(" ");
            if (words[0].equals("free")) {
                full = words[1].equals("0");
                return true;
            }
            if (!file(in, words[0], Long.parseLong(words[1]), Long.parseLong(words[2]), line)) return true;
        }
        return false;
    }

    /** One file's part; what Nginx has only half written is left for the next time. False: enough. */
    private boolean file(Bytes in, String inode, long offset, long length, Predicate<String> line) throws IOException {
        read.put(inode, offset);
        for (long left = length; left > 0;) {
            byte[] bytes = in.line(left);
            left -= bytes.length;
            if (bytes.length < LONGEST && !isWhole(bytes)) {
                if (left == 0) return true;
                throw new EOFException("cut off within a line");
            }
            read.merge(inode, (long) bytes.length, Long::sum);
            if (!line.test(text(bytes).stripTrailing())) return false;
        }
        return true;
    }

    private static boolean isWhole(byte[] line) { return line.length > 0 && line[line.length - 1] == '\n'; }
    private static String text(byte[] bytes) { return new String(bytes, StandardCharsets.UTF_8); }

    private static final class Bytes {
        private final InputStream in;
        private final byte[] buffer = new byte[LONGEST];
        private int at, end;

        Bytes(InputStream in) { this.in = in; }

        /** Up to the end of a line and with it, or {@code most} bytes; fewer only at the end of all. */
        byte[] line(long most) throws IOException {
            for (int i = at;; i++) {
                if (i == end) {
                    System.arraycopy(buffer, at, buffer, 0, end - at);
                    i -= at;
                    end -= at;
                    at = 0;
                    int more = end == buffer.length ? -1 : in.read(buffer, end, buffer.length - end);
                    if (more < 0) return take(end);
                    end += more;
                }
                if (buffer[i] == '\n' || i + 1 - at == most) return take(i + 1);
            }
        }

        private byte[] take(int to) {
            byte[] taken = Arrays.copyOfRange(buffer, at, to);
            at = to;
            return taken;
        }
    }
}
