package lib.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Image;
import lib.docker.Schema;
import lib.journal.Journal;
import lib.state.Observed;
import lib.state.Served;

/**
 * Whether there is a way back now, where to, and how long it would take, by what the journals have seen. It leads to
 * the last version that was good under traffic, never to one that only happens to be in the standby.
 */
public sealed interface Rollback {
    /** It runs in the other colour and passes its gate: one rename. */
    record Warm(Colour to, Version version, Duration about) implements Rollback {}
    /** Its container in the other colour is stopped: started first. {@code about}: empty when no start was seen yet. */
    record Cold(Colour to, Version version, Optional<Duration> about) implements Rollback {}
    /** Something else is there, or nothing: it is started anew on its kept image. */
    record Kept(Colour to, Version version, Image image, Optional<Duration> about) implements Rollback {}
    record Impossible(String reason) implements Rollback {}

    static Rollback of(Observed observed) {
        var active = observed.serving().active();
        if (active == null) return new Impossible("the workers have no generation");
        Colour to = active.other();
        var served = wayBack(observed);
        if (served.isEmpty()) return new Impossible(noneServed(observed, to));
        var was = served.get();
        var there = observed.container(to).filter(c -> was.isIn(c));
        if (there.isEmpty()) return kept(observed, to, was);
        var conflict = there.flatMap(c -> conflict(observed, was.version(), c.labels()));
        if (conflict.isPresent()) return new Impossible(conflict.get());
        var version = Version.of(was.version());
        if (there.get().status().equals("restarting") || there.get().restartsOften())
            return new Impossible(to + " restarts again and again");
        if (!there.get().running() || isBeingStopped(observed, there.get()))
            return new Cold(to, version, start(observed));
        var wrong = new Gate(observed.stack(), to, version).now();
        return wrong.isEmpty()
            ? new Warm(to, version, move(observed))
            : new Impossible(to + " is not healthy: " + wrong.get());
    }

    private static String noneServed(Observed observed, Colour to) {
        if (!observed.running(to)) return "no version served before what serves now";
        var there = observed.version(to);
        return there.isKnown() && there.equals(observed.serving().version())
            ? to + " runs " + there + ", too, and no other version served before"
            : to + " runs " + there + ", which was never found good under traffic; 'switch " + to
                + "' goes there all the same";
    }

    /**
     * Ordered by a run that was cut off or taken over: the engine says "running" until the grace is over. Never while
     * it is the backup.
     */
    private static boolean isBeingStopped(Observed observed, Container there) {
        if (observed.serving().backed()) return false;
        var last = observed.runs().reversed().stream()
            .filter(r -> STOPPING.stream().anyMatch(step -> r.line(step, "begin").isPresent()))
            .findFirst();
        return last.filter(r -> r.line("run", "end").isEmpty() && r.inHand().filter(STOPPING::contains).isPresent())
            .flatMap(r -> r.line(r.inHand().orElseThrow(), "begin"))
            .map(Journal::at)
            .filter(at -> at.plusSeconds(there.stopGraceSeconds() + 10).isAfter(Instant.now()))
            .isPresent();
    }
    List<String> STOPPING = List.of("stop", "restore");

    private static Optional<Served> wayBack(Observed observed) {
        var known = Served.before(observed.runs(), observed.version(observed.serving().active()));
        boolean told = observed.runs().stream().anyMatch(r -> r.asked("to") != null);
        return known.isPresent() || told ? known : byStateFile(observed);
    }

    /** Without any journal, its copy for people tells what served before. */
    private static Optional<Served> byStateFile(Observed observed) {
        return observed.file().state()
            .filter(s -> s.previous().filter(p -> p == observed.serving().active().other()).isPresent())
            .flatMap(s -> s.previousVersion().name().map(v -> new Served(v, Optional.empty(), s.previous().get())));
    }

    private static Rollback kept(Observed observed, Colour to, Served was) {
        var image = was.image()
            .flatMap(observed.stack().images()::find)
            .or(() -> observed.stack().images().find(observed.config().image() + ":" + was.version()));
        if (image.isEmpty())
            return new Impossible("the image of " + was.version() + ", the last version that was good, is gone");
        var conflict = conflict(observed, was.version(), image.get().labels());
        return conflict.isPresent()
            ? new Impossible(conflict.get())
            : new Kept(to, Version.of(was.version()), image.get(), start(observed).map(stop(observed, to)::plus));
    }

    private static Optional<String> conflict(Observed observed, String version, java.util.Map<String, String> labels) {
        var active = observed.serving().active();
        return observed.container(active)
            .flatMap(a -> Schema.conflict(version, labels, active + " (" + a.version() + ")", a.labels()));
    }

    private static Duration move(Observed observed) {
        return middle(observed, r -> r.line("switch", "done")
            .or(() -> r.line("rollback", "done"))
            .filter(l -> l.has("ms"))
            .map(l -> Duration.ofMillis(l.path("ms").asLong()))).orElse(Duration.ofMillis(200));
    }

    private static Optional<Duration> start(Observed observed) {
        return middle(observed, r -> between(r.line("start", "begin"), r.line("health", "done")))
            .map(move(observed)::plus);
    }

    /** Of what runs there and makes way. */
    private static Duration stop(Observed observed, Colour to) {
        if (!observed.running(to)) return Duration.ZERO;
        return middle(observed, r -> between(r.line("stop", "begin"), r.line("stop", "done"))).orElse(Duration.ZERO);
    }

    private static Optional<Duration> between(Optional<JsonNode> begin, Optional<JsonNode> end) {
        if (begin.isEmpty() || end.isEmpty()) return Optional.empty();
        return Optional.of(Duration.between(Journal.at(begin.get()), Journal.at(end.get())))
            .filter(Duration::isPositive);
    }

    /** Of the newest runs that tell. */
    private static Optional<Duration> middle(Observed observed, Function<Journal.Run, Optional<Duration>> tells) {
        var newest = observed.runs().reversed().stream().flatMap(r -> tells.apply(r).stream()).limit(NEWEST).toList();
        return newest.stream().sorted().skip(newest.size() / 2).findFirst();
    }
    int NEWEST = 20;

    /** The version that it leads to. */
    default Optional<Version> target() {
        return switch (this) {
            case Warm w -> Optional.of(w.version());
            case Cold c -> Optional.of(c.version());
            case Kept k -> Optional.of(k.version());
            case Impossible _ -> Optional.empty();
        };
    }

    /** For one line of a screen. */
    default String text() {
        return switch (this) {
            case Warm(Colour to, Version version, Duration about) ->
                "to " + to + " " + version + ", at once (about " + Console.seconds(about) + ")";
            case Cold(Colour to, Version version, var about) ->
                "to " + to + " " + version + ", which is started first" + about(about);
            case Kept(Colour to, Version version, Image _, var about) ->
                "to " + version + ", started in " + to + " on its kept image first" + about(about);
            case Impossible(String reason) -> "not possible: " + reason;
        };
    }

    private static String about(Optional<Duration> about) {
        return about.map(d -> " (about " + Console.seconds(d) + ")").orElse("");
    }
}
