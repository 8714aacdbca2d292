package lib.state;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Version;
import lib.docker.Container;
import lib.journal.Journal;

/**
 * A version that has been good under traffic: what a rollback may go to. {@code image}: its id; empty when the journal
 * is from before it was noted.
 */
public record Served(String version, Optional<String> image, Colour colour) {

    /** By what the journals tell, the last one last. */
    public static List<Served> of(List<Journal.Run> runs) {
        var all = new LinkedHashMap<String, Served>();      // by version: a list would be searched once for each run
        var aborted = aborted(runs);
        for (var run : runs) {
            String version = run.asked("version"), from = run.asked("fromVersion");
            if (version == null || !String.valueOf(run.asked("to")).matches("blue|green")) continue;
            if (run.asked("reason") != null) all.remove(from);      // it was bad after all
            boolean wentBack = run.command().equals("deploy") && run.did("rollback");
            if (wentBack && !version.equals(from)) all.remove(version);
            boolean known = all.containsKey(version);
            if (aborted.contains(run.name()) || !isGood(run, known) && !servedOn(run, runs)) continue;
            var image = Optional.ofNullable(run.asked("imageId"))
                .or(() -> run.line("build", "done").map(n -> n.path("id").asText()));
            all.remove(version);
            all.put(version, new Served(version, image, Colour.of(run.asked("to"))));
        }
        return List.copyOf(all.values());
    }

    /** Deploys whose traffic was taken back by an abort: nobody judged the version, somebody did not want this deploy of it. */
    private static Set<String> aborted(List<Journal.Run> runs) {
        var undone = new HashSet<String>();
        Journal.Run last = null;
        for (var run : runs) {
            if (run.command().equals("deploy")) last = run;
            if (run.command().equals("abort") && run.did("rollback") && last != null) undone.add(last.name());
        }
        return undone;
    }

    /**
     * A deploy that was kept when its watch was over; a switch by hand, which a person answers for; one that a script made
     * by itself because the other colour was dead, if the version was good before.
     */
    private static boolean isGood(Journal.Run run, boolean known) {
        return switch (run.command()) {
            case "deploy" ->
                (run.did("switch") || run.did("watch")) && !run.did("rollback") && (run.endedWith(0) || passed(run));
            case "switch" -> (known || run.asked("byItself") == null) && (run.did("switch") || run.did("rollback"));
            default -> false;
        };
    }

    /** Cut off in its watch, and yet it served for as long as it should have been watched, until a later run. */
    private static boolean servedOn(Journal.Run run, List<Journal.Run> runs) {
        var moved = run.line("switch", "done");
        boolean cutOff = run.line("run", "end")
            .filter(l -> l.path("code").asInt() < ExitCode.INTERRUPTED.code())
            .isEmpty();
        if (!run.command().equals("deploy") || moved.isEmpty() || !cutOff || run.line("rollback", "begin").isPresent())
            return false;
        var next = runs.subList(runs.indexOf(run) + 1, runs.size())
            .stream()
            .filter(r -> r.asked("fromVersion") != null)
            .findFirst();
        return next.filter(r -> r.asked("fromVersion").equals(run.asked("version")))
            .filter(r -> Journal.at(r.lines().getFirst()).isAfter(Journal.at(moved.get()).plus(watch(run))))
            .isPresent();
    }

    private static Duration watch(Journal.Run run) {
        return Config.duration(Optional.ofNullable(run.asked("monitor")).orElse("120s"));
    }

    /** Cut off behind its watch. Inconclusive is also what a watch ends with when somebody else moves the traffic. */
    private static boolean passed(Journal.Run run) {
        return run.line("watch", "done").filter(l -> l.path("verdict").asText().equals("pass")).isPresent();
    }

    /** Whether a container holds it: by the image, or where none was noted by the version it was started as. */
    public boolean isIn(Container container) {
        return image.map(container.image()::equals).orElse(container.version().is(version));
    }

    /** The last one that is not the version {@code serving}. */
    public static Optional<Served> before(List<Journal.Run> runs, Version serving) {
        return of(runs).stream().filter(s -> !serving.is(s.version)).reduce((_, last) -> last);
    }
}
