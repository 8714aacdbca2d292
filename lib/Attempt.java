package lib;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a deploy set out to do, and what was there before: the first line of its journal, so that after a kill it can
 * be resumed or aborted, from any checkout. {@code image}, {@code standbyImage}: image ids or references; null: none.
 * {@code generation}: that served when it began.
 */
public record Attempt(String version, Color to, String image, boolean noBuild, boolean noSwitch, Generation.Way via, Duration monitor, boolean force,
                      String fromVersion, String standbyImage, String standbyVersion, boolean backed, long generation) {

    public Map<String, Object> facts() {
        var all = new HashMap<String, Object>();
        all.put("version", version);
        all.put("to", to.toString());
        all.put("from", to.other().toString());
        all.put("image", image);
        all.put("noBuild", noBuild);
        all.put("noSwitch", noSwitch);
        all.put("via", via.toString());
        all.put("monitor", monitor.toMillis() + "ms");
        all.put("force", force);
        all.put("fromVersion", fromVersion);
        all.put("standbyImage", standbyImage);
        all.put("standbyVersion", standbyVersion);
        all.put("backed", backed);
        all.put("generation", generation);
        return all;
    }

    /** Nothing served before it. */
    public boolean first() { return fromVersion == null; }

    /** A deploy that did not come to its end: what it was to do, and its lines in the journal. */
    public record Interrupted(Attempt attempt, Journal.Run run) {
        /** "at health" or "after build". */
        public String where() {
            return run.inHand().map(step -> "at " + step).orElseGet(() -> run.lines().stream().map(l -> l.path("step").asText())
                .filter(step -> !step.equals("run")).reduce((_, last) -> last).map(step -> "after " + step).orElse("at its beginning"));
        }

        /** Somebody else's generation is live: neither the one it began with, nor one that it ordered. */
        boolean isSuperseded(Generation live) {
            if (attempt.generation == 0 || live.number() <= attempt.generation) return false;
            return run.lines().stream().filter(l -> !l.path("step").asText().equals("run")).noneMatch(l -> l.path("generation").asLong() == live.number());
        }

        public Optional<String> imageId() { return run.line("build", "done").map(n -> n.path("id").asText()); }

        /** Hooks that need not run a second time. */
        public Set<String> hooks() {
            return run.lines().stream().filter(l -> l.path("step").asText().equals("hook") && l.path("phase").asText().equals("done"))
                .map(l -> l.path("hook").asText()).collect(Collectors.toSet());
        }
    }

    private static final Set<String> CHANGING = Set.of("deploy", "switch", "abort");

    /** The last run that changed something, if it was a deploy that was killed or stopped on its way and left something. */
    public static Optional<Interrupted> interrupted(Truth truth) {
        return undone(truth).filter(i -> i.run().line("run", "end").filter(n -> n.path("code").asInt() < ExitCode.INTERRUPTED.code()).isEmpty())
            .filter(i -> !i.run().did("restore"));
    }

    /** The same, or one that failed by itself: what can be resumed or aborted. Not one that others have gone past. */
    public static Optional<Interrupted> undone(Truth truth) {
        return lastUndone(truth.runs()).filter(i -> !i.isSuperseded(truth.serving()));
    }

    static Optional<Interrupted> lastUndone(List<Journal.Run> runs) {
        return runs.stream().filter(r -> CHANGING.contains(r.command()) && r.asked("to") != null && (!r.command().equals("abort") || r.endedWith(0))).reduce((_, last) -> last)
            .filter(r -> r.command().equals("deploy") && !r.endedWith(0) && !r.endedWith(ExitCode.ROLLED_BACK.code()) && !r.endedWith(ExitCode.LOCKED.code()))
            .map(r -> new Interrupted(read(r), r));
    }

    private static Attempt read(Journal.Run r) {
        return new Attempt(r.asked("version"), Color.of(r.asked("to")), r.asked("image"), "true".equals(r.asked("noBuild")), "true".equals(r.asked("noSwitch")),
            Generation.Way.of("reload".equals(r.asked("via"))), Config.duration(r.asked("monitor")), "true".equals(r.asked("force")),
            r.asked("fromVersion"), r.asked("standbyImage"), r.asked("standbyVersion"), "true".equals(r.asked("backed")),
            Optional.ofNullable(r.asked("generation")).map(Long::parseLong).orElse(0L));
    }
}
