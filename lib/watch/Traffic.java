package lib.watch;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.docker.Container;
import lib.docker.Engine;
import lib.nginx.AccessLog;
import lib.nginx.AccessLogReader;
import lib.stack.Stack;

/**
 * The real requests, from Nginx's access log: read back for the time before a switch, and from a moment on, what is new
 * at each call. Health checks are left out: they are no user's. Not for two threads, but for {@link #before}.
 */
final class Traffic {
    /** The two minutes before a switch are at most what Nginx keeps, 80 MB or 200,000 lines: some seconds. */
    static final Duration LONGEST = Duration.ofSeconds(20);
    /** What is new since the last sample takes a tenth of a second; an engine that hangs must not hold up the watch. */
    static final Duration SHORT = Duration.ofSeconds(5);
    /** Who leaves sooner may have clicked away: a person's attention holds for a second, and that is no app's fault. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** And where answers may take longer than that, one that takes three times the limit is not just slow. */
    private static final int HANGS = 3;

    private final Engine engine;
    private final Config config;
    private volatile String nginx;                 // its container, which may be replaced
    private final Duration ahead;            // the container's clock, where the log's times are from, minus ours
    private final Duration doubt;            // of that, either way: how long the question took, halved
    private final double patience;           // ms
    private final Instant began = Instant.now();
    private TreeMap<Instant, Map<Colour, Routes>> past = new TreeMap<>();
    private Map<Colour, Routes> open = new EnumMap<>(Colour.class);
    private volatile Map<Colour, List<String>> addresses = Map.of();
    private AccessLogReader reader;
    private Predicate<AccessLog> wanted;
    private Optional<String> trouble = Optional.empty();         // why the log cannot be read

    Traffic(Stack stack) {
        this.engine = stack.engine();
        this.config = stack.config();
        patience = Math.max(PATIENCE.toMillis(), HANGS * config.thresholds().latency().toMillis());
        nginx = stack.nginx().id();
        long asked = System.currentTimeMillis();
        var date = engine.exec(nginx, "date", "+%s%N");
        doubt = Duration.ofMillis((System.currentTimeMillis() - asked) / 2);
        ahead = date.ok()
            ? Duration.ofMillis(Long.parseLong(date.out().strip()) / 1_000_000 - asked).minus(doubt)
            : Duration.ZERO;
    }

    /** A moment of ours by the engine's clock. */
    Instant engine(Instant ours) { return ours.plus(ahead); }
    /** The same, at the latest. */
    Instant engineAtMost(Instant ours) { return engine(ours).plus(doubt); }

    /** Where requests end up: with a container that is replaced, its address changes. */
    void locate(Map<String, Container> containers) {
        var found = new EnumMap<Colour, List<String>>(Colour.class);
        for (Colour colour : Colour.values())
            if (containers.get(config.service(colour)) instanceof Container c)
                found.put(colour, c.addresses().stream().map(a -> a + ":" + config.ports().app()).toList());
        addresses = found;
        if (containers.get(config.nginxService()) instanceof Container c) nginx = c.id();
    }

    /** What {@code colour} answered from one moment to another, by the end of each two seconds. */
    TreeMap<Instant, Map<Colour, Routes>> before(Colour colour, Instant from, Instant to) throws IOException {
        var found = new TreeMap<Instant, Map<Colour, Routes>>();
        Instant first = engine(from), last = engine(to);
        String its = "\"deployment\":\"" + colour + "\"";          // a look at the text saves reading it as JSON
        new AccessLogReader(engine, first).read(nginx, LONGEST, line -> {
            if (line.contains(its))
                AccessLog.read(line)
                    .filter(r -> !r.at().isBefore(first) && r.at().isBefore(last))
                    .ifPresent(r -> add(r,
                        found.computeIfAbsent(slot(r.at().minus(ahead)), _ -> new EnumMap<>(Colour.class))));
            return true;
        });
        return found;
    }

    /** From now on; also what came since {@code from}. @param wanted which requests */
    Traffic follow(Instant from, Predicate<AccessLog> wanted) {
        var first = engine(from);
        reader = new AccessLogReader(engine, first);
        this.wanted = wanted.and(r -> !r.at().isBefore(first));
        return this;
    }

    /** What came since the last call, up to now; forgotten here. What cannot be read now comes with a later call. */
    Map<Colour, Routes> take(Duration limit) {
        try {
            reader.read(nginx, limit, line -> {
                AccessLog.read(line).filter(wanted).ifPresent(this::add);
                return true;
            });
            trouble = Optional.of("its disk is full, so that Nginx's lines are lost").filter(_ -> reader.isFull());
        } catch (IOException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));           // Nginx restarts, or the engine
        }
        var taken = open;
        open = new EnumMap<>(Colour.class);
        return taken;
    }

    /**
     * What came between what {@link #follow} was told and its call, by the end of each two seconds, as far as it was
     * read; forgotten here.
     */
    TreeMap<Instant, Map<Colour, Routes>> takePast() {
        var taken = past;
        past = new TreeMap<>();
        return taken;
    }

    /** Why the log cannot be read. */
    Optional<String> trouble() { return trouble; }

    private void add(AccessLog request) {
        var at = request.at().minus(ahead);
        add(request, at.isBefore(began) ? past.computeIfAbsent(slot(at), _ -> new EnumMap<>(Colour.class)) : open);
    }

    private static final Duration SLOT = Duration.ofSeconds(2);
    /** The end of its two seconds. */
    private static Instant slot(Instant at) { return Instant.ofEpochSecond((at.getEpochSecond() / 2 + 1) * 2); }

    /** Under the colour that answered; and as failed over under the one that was asked and did not. */
    private void add(AccessLog request, Map<Colour, Routes> to) {
        if (request.asksForHealth(config)) return;
        var asked = Colour.named(request.deployment());
        var answered = request.failedOver() ? byAddress(request).or(() -> asked) : asked.or(() -> byAddress(request));
        if (answered.isEmpty()) return;
        var routes = to.computeIfAbsent(answered.get(), _ -> new Routes());
        if (request.abandoned()) routes.addAbandoned(request, request.unanswered() && request.millis() >= patience);
        else routes.add(request);
        asked.filter(a -> a != answered.get())
            .ifPresent(a -> to.computeIfAbsent(a, _ -> new Routes()).addFailedOver(request));
    }

    private Optional<Colour> byAddress(AccessLog request) {
        return Stream.of(Colour.values())
            .filter(c -> addresses.getOrDefault(c, List.of()).contains(request.answeredBy()))
            .findFirst();
    }

    /** @param from, to what the slots tell of: the first and the last may be shorter than the others */
    static List<Sample> samples(TreeMap<Instant, Map<Colour, Routes>> slots, Instant from, Instant to,
        long generation) {
        var all = new ArrayList<Sample>();
        slots.forEach((end, traffic) -> {
            var begin = end.minus(SLOT).isBefore(from) ? from : end.minus(SLOT);
            var last = end.isAfter(to) ? to : end;
            all.add(new Sample(last, Math.max(0.1, Duration.between(begin, last).toMillis() / 1000.0), generation,
                traffic, Sample.Probes.NONE));
        });
        return all;
    }

    /** When it began to follow; what came before is past. */
    Instant began() { return began; }
}
