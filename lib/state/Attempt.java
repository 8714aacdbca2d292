package lib.state;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Image;
import lib.journal.Journal;
import lib.nginx.Generation;

/**
 * What a deploy set out to do, and what was there before: the first line of its journal, so that after a kill it can be
 * resumed or aborted, from any checkout. {@code fromVersion}: that served; empty: nothing did. {@code generation}: that
 * served when it began.
 */
public record Attempt(String version, Colour to, Image.Source source, boolean noSwitch, Way via, Duration monitor,
    boolean force,
    Optional<Version> fromVersion, Optional<Was> standby, boolean backed, long generation) {

    /** What was in the standby: an image's id. {@code ran}: it was not stopped. */
    public record Was(String image, Version version, boolean ran) {
        public static Was of(Container container) {
            return new Was(container.image(), container.version(), container.running());
        }
    }

    /** By name; null values stand for none. */
    public Map<String, Object> facts() {
        var all = new HashMap<String, Object>();
        all.put("version", version);
        all.put("to", to.toString());
        all.put("from", to.other().toString());
        all.put("image", source.named().orElse(null));
        all.put("noBuild", source instanceof Image.Source.Tagged);
        all.put("noSwitch", noSwitch);
        all.put("via", via.toString());
        all.put("monitor", monitor.toMillis() + "ms");
        all.put("force", force);
        all.put("first", first());
        all.put("fromVersion", fromVersion.flatMap(Version::name).orElse(null));
        all.put("standbyImage", standby.map(Was::image).orElse(null));
        all.put("standbyVersion", standby.flatMap(was -> was.version().name()).orElse(null));
        all.put("standbyRan", standby.filter(Was::ran).isPresent());
        all.put("backed", backed);
        all.put("generation", generation);
        return all;
    }

    /** Nothing served before it. */
    public boolean first() { return fromVersion.isEmpty(); }

    /** Resumed: from what serves now, which is its own doing. */
    public Attempt from(Generation live) {
        return new Attempt(version, to, source, noSwitch, via, monitor, force, fromVersion, standby, backed,
            live.number());
    }

    /** The same, with what is asked for this time. */
    public Attempt asked(boolean withoutSwitch, Way way, Duration watch, boolean forced) {
        return new Attempt(version, to, source, withoutSwitch, way, watch, forced, fromVersion, standby, backed,
            generation);
    }

    /**
     * A deploy that did not come to its end: what it was to do, and its lines in the journal. {@code later}: runs
     * behind it that moved nothing to another version, its own aborts that were cut off among them.
     */
    public record Interrupted(Attempt attempt, Journal.Run run, List<Journal.Run> later) {
        /** "was cut off at health", "was stopped at build", "failed after start". */
        public String how() {
            var end = run.line("run", "end").map(l -> l.path("code").asInt());
            return (end.isEmpty()
                ? "was cut off "
                : end.get() < ExitCode.INTERRUPTED.code() ? "failed " : "was stopped ") + where();
        }

        /** "at health" or "after build". */
        public String where() {
            return run.inHand()
                .map(step -> "at " + step)
                .orElseGet(() -> run.lines().stream()
                    .filter(l -> !ASIDE.contains(l.path("step").asText()))
                    .reduce((_, last) -> last)
                    .map(l -> (l.path("phase").asText().equals("failed") ? "at " : "after ")
                        + l.path("hook").asText(l.path("step").asText()))
                    .orElse("at its beginning"));
        }
        private static final Set<String> ASIDE = Set.of("run", "restore", "drain");

        /** Somebody else's generation is live: neither the one it began with, nor one that the journals know since. */
        boolean isSuperseded(Generation live) {
            if (attempt.generation == 0 || live.number() <= attempt.generation) return false;
            return Stream.concat(Stream.of(run), later.stream())
                .flatMap(r -> r.lines().stream())
                .filter(l -> !l.path("step").asText().equals("run"))
                .noneMatch(l -> l.path("generation").asLong() == live.number());
        }

        public Optional<String> imageId() { return run.line("build", "done").map(n -> n.path("id").asText()); }

        /** Hooks on the way that need not run a second time; those of its end tell of each end. */
        public Set<String> hooks() {
            return run.lines().stream()
                .filter(l -> l.path("step").asText().equals("hook") && l.path("phase").asText().equals("done"))
                .map(l -> l.path("hook").asText())
                .filter(hook -> hook.startsWith("pre-") || hook.equals("post-switch"))
                .collect(Collectors.toSet());
        }
    }

    /** Steps of a switch that are more than a look at what it would move to. */
    private static final List<String> MOVING = List.of("stop", "start", "failover", "switch", "rollback");

    /** Behind it, what was to be done before it is past. */
    private static boolean isTurningPoint(Journal.Run r) {
        return String.valueOf(r.asked("to")).matches("blue|green") && switch (r.command()) {
            case "deploy" -> true;
            case "switch" -> MOVING.stream().anyMatch(step -> r.line(step, "begin").isPresent());
            case "abort" -> r.endedWith(0);
            default -> false;
        };
    }

    /**
     * The last run that changed something, if it was a deploy that was killed or stopped on its way and left something.
     */
    public static Optional<Interrupted> interrupted(Observed observed) {
        return undone(observed)
            .filter(i -> i.run()
                .line("run", "end")
                .filter(n -> n.path("code").asInt() < ExitCode.INTERRUPTED.code())
                .isEmpty())
            .filter(i -> !i.run().did("restore"));
    }

    /** The same, or one that failed by itself: what can be resumed or aborted. Not one that others have gone past. */
    public static Optional<Interrupted> undone(Observed observed) {
        return lastUndone(observed.runs()).filter(i -> !i.isSuperseded(observed.serving()));
    }

    /** By the journals alone. */
    public static Optional<Interrupted> lastUndone(List<Journal.Run> runs) {
        return runs.reversed().stream()
            .filter(Attempt::isTurningPoint)
            .findFirst()
            .filter(r -> r.command().equals("deploy")
                && !r.endedWith(0)
                && !r.endedWith(ExitCode.ROLLED_BACK.code())
                && !r.endedWith(ExitCode.LOCKED.code()))
            .map(r -> new Interrupted(read(r), r, runs.subList(runs.indexOf(r) + 1, runs.size())));
    }

    private static Attempt read(Journal.Run r) {
        var image = Optional.ofNullable(r.asked("standbyImage"));
        return new Attempt(r.asked("version"), Colour.of(r.asked("to")),
            Image.Source.of(Optional.ofNullable(r.asked("image")), isTrue(r, "noBuild")), isTrue(r, "noSwitch"),
            "reload".equals(r.asked("via")) ? Way.RELOAD : Way.INSTANT, Config.duration(r.asked("monitor")),
            isTrue(r, "force"),
            isFirst(r) ? Optional.empty() : Optional.of(version(r, "fromVersion")),
            image.map(i -> new Was(i, version(r, "standbyVersion"), !"false".equals(r.asked("standbyRan")))),
            isTrue(r, "backed"), Optional.ofNullable(r.asked("generation")).map(Long::parseLong).orElse(0L));
    }

    /** Runs of before {@code first} was noted had no version to come from, or "null" for an unknown one. */
    private static boolean isFirst(Journal.Run r) {
        return r.asked("first") == null ? r.asked("fromVersion") == null : isTrue(r, "first");
    }

    private static Version version(Journal.Run r, String fact) {
        return Optional.ofNullable(r.asked(fact))
            .filter(v -> !v.equals("null"))
            .map(Version::read)
            .orElse(Version.UNKNOWN);
    }

    private static boolean isTrue(Journal.Run r, String fact) { return "true".equals(r.asked(fact)); }
}
