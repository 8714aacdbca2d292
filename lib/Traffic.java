package lib;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The real requests, from Nginx's access log as the engine keeps it: read back for the time before a switch, and
 * followed from then on, across restarts of the container. Health checks are left out: they are no user's.
 */
final class Traffic implements AutoCloseable {
    /** Of the time before the switch: enough for any percentile, and a few seconds to read. */
    private static final int MOST_LINES = 200_000;

    /** For that: the engine looks through its whole log, which may be days of a busy site. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final Config config;
    private final Duration ahead;            // the engine's clock, where the log's times are from, minus ours
    private final Instant began = Instant.now();
    private final TreeMap<Instant, Map<Color, Routes>> past = new TreeMap<>();     // guarded by this, as the next
    private Map<Color, Routes> open = new EnumMap<>(Color.class);
    private volatile Map<Color, List<String>> addresses = Map.of();
    private volatile String last = "";       // the engine's time of the last line: where to go on after the stream ended
    private volatile boolean closed;
    private volatile Process process;
    private volatile String trouble;         // why the log cannot be read; null: it can

    Traffic(Config config) {
        this.config = config;
        long asked = System.currentTimeMillis();
        var date = Docker.exec(new Stack(config).nginx().id(), "date", "+%s%N");
        long now = (asked + System.currentTimeMillis()) / 2;
        ahead = date.ok() ? Duration.ofMillis(Long.parseLong(date.out().strip()) / 1_000_000 - now) : Duration.ZERO;
    }

    /** A moment of ours by the engine's clock. */
    Instant engine(Instant ours) { return ours.plus(ahead); }

    /** Where requests end up: with a container that is replaced, its address changes. */
    void locate(Map<String, Docker.Container> containers) {
        var found = new EnumMap<Color, List<String>>(Color.class);
        for (Color color : Color.values())
            if (containers.get(config.service(color)) instanceof Docker.Container c) found.put(color, c.addresses().stream().map(a -> a + ":" + config.ports().app()).toList());
        addresses = found;
    }

    /** What {@code color} answered from one moment to another, by the end of each two seconds. */
    TreeMap<Instant, Map<Color, Routes>> before(Color color, Instant from, Instant to) throws IOException {
        var found = new TreeMap<Instant, Map<Color, Routes>>();
        var read = logs(false, engine(from).toString(), "--until", engine(to).plusSeconds(3).toString());
        int[] lines = {0};
        var limit = CompletableFuture.runAsync(read::destroy, CompletableFuture.delayedExecutor(LONGEST.toMillis(), TimeUnit.MILLISECONDS));
        try {
            each(read, line -> {
                AccessLog.read(line.substring(line.indexOf(' ') + 1)).filter(r -> r.deployment().equals(color.toString()) && r.at().isBefore(engine(to)))
                    .ifPresent(r -> add(r, found.computeIfAbsent(slot(r.at().minus(ahead)), _ -> new EnumMap<>(Color.class))));
                return ++lines[0] < MOST_LINES;
            });
        } finally {
            limit.cancel(false);
            read.destroy();
        }
        return found;
    }

    /** From now on; also what came since {@code from}. @param wanted which requests */
    Traffic follow(Instant from, Predicate<AccessLog> wanted) {
        last = engine(from).toString();
        Thread.ofVirtual().start(() -> {
            while (!closed) {
                try {
                    process = logs(true, last);
                    if (closed) return;
                    each(process, line -> {
                        int space = line.indexOf(' ');
                        String at = line.substring(0, Math.max(0, space));
                        if (at.compareTo(last) <= 0) return true;         // seen before the stream ended
                        last = at;
                        trouble = null;
                        AccessLog.read(line.substring(space + 1)).filter(wanted).ifPresent(this::add);
                        return !closed;
                    });
                } catch (IOException | Failure e) {
                    trouble = e.getMessage();       // Nginx restarts, or the engine: again in a moment
                } finally {
                    if (process != null) process.destroy();
                }
                if (!closed) Nginx.pause(500);
            }
        });
        return this;
    }

    /** Timestamped lines: the engine's own times are in order, and exact enough to go on from. */
    private Process logs(boolean follow, String since, String... more) throws IOException {
        var command = Docker.command(Duration.ofDays(1), "logs", "--timestamps", "--since", since).and(more);
        return (follow ? command.and("--follow") : command).and(new Stack(config).nginx().id()).start();
    }

    /** To the end of the log, or until {@code line} has enough. @throws IOException when the engine cannot give it, e.g. its log driver keeps none */
    private static void each(Process from, Predicate<String> line) throws IOException {
        var error = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> error.complete(lastLine(from)));       // Nginx's own messages come there too
        try (var reader = new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8), 1 << 16)) {
            for (String s; (s = reader.readLine()) != null; ) if (!line.test(s)) return;
            if (from.waitFor() == 0) return;
            throw new IOException(error.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String lastLine(Process from) {
        String last = "";
        try (var reader = from.errorReader(StandardCharsets.UTF_8)) {
            for (String s; (s = reader.readLine()) != null; ) last = s;
        } catch (IOException e) {
            return "ended";       // destroyed: nobody asks
        }
        return last;
    }

    private synchronized void add(AccessLog request) {
        var at = request.at().minus(ahead);
        add(request, at.isBefore(began) ? past.computeIfAbsent(slot(at), _ -> new EnumMap<>(Color.class)) : open);
    }

    private static final Duration SLOT = Duration.ofSeconds(2);
    /** The end of its two seconds. */
    private static Instant slot(Instant at) { return Instant.ofEpochSecond((at.getEpochSecond() / 2 + 1) * 2); }

    /** Under the colour that answered; and as failed over under the one that was asked and did not. */
    private void add(AccessLog request, Map<Color, Routes> to) {
        if (request.uri().equals(config.health().path().replaceFirst("\\?.*", "")) || request.uri().equals("/health")) return;
        Color asked = request.deployment().equals("blue") ? Color.BLUE : request.deployment().equals("green") ? Color.GREEN : null;
        Color answered = asked;
        for (Color c : Color.values()) if ((request.failedOver() || asked == null) && addresses.getOrDefault(c, List.of()).contains(request.answeredBy())) answered = c;
        if (answered == null) return;
        to.computeIfAbsent(answered, _ -> new Routes()).add(request);
        if (asked != null && asked != answered) to.computeIfAbsent(asked, _ -> new Routes()).addFailedOver(request);
    }

    /** What came since {@link #follow} was to begin, up to now, by the end of each two seconds; forgotten here. */
    synchronized TreeMap<Instant, Map<Color, Routes>> takePast() {
        var taken = new TreeMap<>(past);
        past.clear();
        return taken;
    }

    /** Why the log cannot be read; null: it can. */
    String trouble() { return trouble; }

    /** What came since the last call; forgotten here. */
    synchronized Map<Color, Routes> take() {
        var taken = open;
        open = new EnumMap<>(Color.class);
        return taken;
    }

    /** @param from, to what the slots tell of: the first and the last may be shorter than the others */
    static List<Sample> samples(TreeMap<Instant, Map<Color, Routes>> slots, Instant from, Instant to, long generation) {
        var all = new ArrayList<Sample>();
        slots.forEach((end, traffic) -> {
            var begin = end.minus(SLOT).isBefore(from) ? from : end.minus(SLOT);
            var last = end.isAfter(to) ? to : end;
            all.add(new Sample(last, Math.max(0.1, Duration.between(begin, last).toMillis() / 1000.0), generation, traffic, Sample.Probes.NONE));
        });
        return all;
    }

    /** When it began to follow; what came before is past. */
    Instant began() { return began; }

    @Override public void close() {
        closed = true;
        if (process != null) process.destroy();
    }
}
