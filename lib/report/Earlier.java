package lib.report;

import java.nio.file.Files;
import java.util.List;
import lib.config.Config;
import lib.journal.Journal;

/** The last configuration that was kept before a run's own, to compare it with. */
sealed interface Earlier {
    record None() implements Earlier {}
    record Unreadable(String run) implements Earlier {}
    record Kept(String run, Snapshot configuration) implements Earlier {}

    static Earlier of(Config config, List<Journal.Run> before) {
        return before.reversed()
            .stream()
            .map(Journal.Run::name)
            .filter(run -> Files.exists(Snapshot.file(config, run)))
            .findFirst()
            .map(run -> read(config, run))
            .orElseGet(None::new);
    }

    private static Earlier read(Config config, String run) {
        return Snapshot.read(Snapshot.file(config, run))
            .<Earlier>map(configuration -> new Kept(run, configuration))
            .orElseGet(() -> new Unreadable(run));
    }
}
