package lib.state;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    /** By what the journals tell, of which it reads no more than somebody asks for. */
    public static Stream<Served> newestFirst(List<Journal.Run> runs) {
        var history = new History(runs, aborted(runs));
        var decided = new HashSet<String>();        // versions: the newest word on each is the one that counts
        return history.before(runs.size()).boxed().flatMap(at -> {
            var run = runs.get(at);
            String version = run.asked("version"), from = run.asked("fromVersion");
            var word = decided.contains(version) ? Word.NONE : history.word(version, at);
            boolean good = word == Word.GOOD || word == Word.AS_BEFORE && history.wasGood(version, at);
            if (word != Word.NONE) decided.add(version);
            if (!decided.contains(from) && history.word(from, at) == Word.BAD) decided.add(from);
            return good ? Stream.of(of(run)) : Stream.empty();
        });
    }

    private static Served of(Journal.Run run) {
        var image = Optional.ofNullable(run.asked("imageId"))
            .or(() -> run.line("build", "done").map(n -> n.path("id").asText()));
        return new Served(run.asked("version"), image, Colour.of(run.asked("to")));
    }

    /**
     * Deploys whose traffic was taken back by an abort: nobody judged the version, somebody did not want this deploy of
     * it.
     */
    private static Set<String> aborted(List<Journal.Run> runs) {
        var undone = new HashSet<String>();
        Journal.Run last = null;
        for (var run : runs) {
            if (run.command().equals("deploy")) last = run;
            if (run.command().equals("abort") && run.did("rollback") && last != null) undone.add(last.name());
        }
        return undone;
    }

    /** What a run says of a version. AS_BEFORE: a script moved to it because the other colour was dead. */
    private enum Word { GOOD, BAD, AS_BEFORE, NONE }

    /** @param aborted the names of deploys that nobody judged */
    private record History(List<Journal.Run> runs, Set<String> aborted) {
        IntStream before(int end) { return IntStream.range(0, end).map(i -> end - 1 - i); }

        /** Before that run. */
        boolean wasGood(String version, int at) {
            return before(at)
                .mapToObj(i -> word(version, i))
                .filter(w -> w == Word.GOOD || w == Word.BAD)
                .findFirst()
                .equals(Optional.of(Word.GOOD));
        }

        Word word(String version, int at) {
            var run = runs.get(at);
            String to = run.asked("version"), from = run.asked("fromVersion");
            if (version == null || to == null || Colour.named(run.asked("to")).isEmpty()) return Word.NONE;
            boolean isIts = version.equals(to) && !aborted.contains(run.name());
            boolean wasLeft = version.equals(from) && run.asked("reason") != null;
            if (isIts && run.command().equals("switch") && (run.did("switch") || run.did("rollback"))) {
                if (run.asked("byItself") == null) return Word.GOOD;        // a person answers for it
                return wasLeft ? Word.BAD : Word.AS_BEFORE;
            }
            if (isIts && run.command().equals("deploy") && (wasKept(run) || servedOn(at))) return Word.GOOD;
            boolean wentBack = version.equals(to)
                && !version.equals(from)
                && run.command().equals("deploy")
                && run.did("rollback");
            return wasLeft || wentBack ? Word.BAD : Word.NONE;
        }

        /** Its watch was over. */
        private static boolean wasKept(Journal.Run run) {
            return (run.did("switch") || run.did("watch"))
                && !run.did("rollback")
                && (run.endedWith(0) || passed(run));
        }

        /** Cut off in its watch, and yet it served for as long as it should have been watched, until a later run. */
        private boolean servedOn(int at) {
            var run = runs.get(at);
            var moved = run.line("switch", "done");
            boolean cutOff = run.line("run", "end")
                .filter(l -> l.path("code").asInt() < ExitCode.INTERRUPTED.code())
                .isEmpty();
            if (moved.isEmpty() || !cutOff || run.line("rollback", "begin").isPresent()) return false;
            var next = runs.subList(at + 1, runs.size())
                .stream()
                .filter(r -> r.asked("fromVersion") != null)
                .findFirst();
            return next.filter(r -> r.asked("fromVersion").equals(run.asked("version")))
                .filter(r -> Journal.at(r.lines().getFirst()).isAfter(Journal.at(moved.get()).plus(watch(run))))
                .isPresent();
        }
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
        return newestFirst(runs).filter(s -> !serving.is(s.version)).findFirst();
    }
}
