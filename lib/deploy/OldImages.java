package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lib.config.Config;
import lib.docker.Engine;
import lib.journal.Journal;
import lib.state.Served;

/** The images of versions that were: which are kept for a way back, and which go. */
public final class OldImages {
    private OldImages() {}

    /**
     * Ids of the images of versions that were good under traffic, then of all that deploys built; each the last one
     * first.
     */
    public static List<String> usedNewestFirst(List<Journal.Run> runs) {
        var good = Served.newestFirst(runs).flatMap(s -> s.image().stream());
        var built = runs.reversed().stream()
            .filter(r -> r.command().equals("deploy"))
            .flatMap(r -> r.line("build", "done").stream())
            .map(l -> l.path("id").asText())
            .filter(id -> !id.isEmpty());
        return Stream.concat(good, built).distinct().toList();
    }

    /**
     * Removes images of this app, by their label or by the name that it has in the registry: all but those in use and
     * the {@code images.keep} that deploys used last. Those that no deploy knows come behind them, by the time they
     * were built or named: the engine's own order tells nothing, as builds from its cache share a time. Returns how
     * many. What somebody else still uses stays.
     */
    public static int prune(Config config, Engine engine, Set<String> inUse, List<String> usedNewestFirst) {
        var names = names(config, engine);
        int removed = 0;
        for (String id : newestFirst(engine, names.keySet(), usedNewestFirst)
            .stream()
            .skip(config.keepImages())
            .filter(id -> !inUse.contains(id))
            .toList())
            if (names.get(id).stream().allMatch(name -> engine.untag(name))) removed++;
        return removed;
    }

    /** The version of the image of this app that was built or named last. */
    public static Optional<String> newest(Config config, Engine engine) {
        String prefix = config.image() + ":";
        var names = names(config, engine);
        return newestFirst(engine, names.keySet(), List.of())
            .stream()
            .flatMap(id -> names.get(id).stream())
            .filter(name -> name.startsWith(prefix))
            .map(name -> name.substring(prefix.length()))
            .findFirst();
    }

    /** Of this app's images, by id; the id itself for one that has no name any more. */
    private static Map<String, List<String>> names(Config config, Engine engine) {
        var names = new LinkedHashMap<String, List<String>>();
        var all = new ArrayList<>(engine.images("label=bluegreen.app=" + config.app()));
        if (config.buildContext().isEmpty()) all.addAll(engine.images("reference=" + config.image()));
        for (var image : all) {
            String id = image.path("Id").asText();
            var own = image.path("RepoTags")
                .valueStream()
                .map(JsonNode::asText)
                .filter(name -> !name.contains("<none>"))
                .toList();
            names.put(id, own.isEmpty() ? List.of(id) : own);
        }
        return names;
    }

    private static List<String> newestFirst(Engine engine, Set<String> ids, List<String> usedNewestFirst) {
        var known = usedNewestFirst.stream().filter(ids::contains);
        var unknown = ids.stream().filter(id -> !usedNewestFirst.contains(id)).toList();
        return Stream.concat(known,
            inspected(engine, unknown).stream().sorted(Comparator.comparing(Dated::at).reversed()).map(Dated::id))
            .toList();
    }

    record Dated(String id, Instant at) {
        /** From "docker image inspect": the later of when it was built and when it got its last name. */
        static Dated of(JsonNode image) {
            var created = time(image.path("Created").asText());
            var tagged = time(image.at("/Metadata/LastTagTime").asText());
            return new Dated(image.path("Id").asText(), created.isAfter(tagged) ? created : tagged);
        }

        private static Instant time(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException e) {
                return Instant.EPOCH;       // an engine that does not tell
            }
        }
    }

    /** One that went away meanwhile is left out. */
    private static List<Dated> inspected(Engine engine, List<String> ids) {
        return ids.stream().flatMap(id -> engine.image(id).stream()).map(Dated::of).toList();
    }
}
