package lib.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Json;
import lib.secrets.Redaction;
import lib.secrets.Settings;

/**
 * The configuration as it was in effect for one run, kept in .deployment/configurations/RUN.json to compare the next
 * one with: the settings, Nginx's texts without secrets, and fingerprints of the compose files and of the Dockerfile.
 */
record Snapshot(Map<String, String> values, Map<String, String> files) {
    /** Nginx's own texts; keys and certificates in its folder are nobody's business. */
    private static final String TEXT = ".*\\.(conf|sh)";

    static Path folder(Config config) { return config.folder().resolve("configurations"); }
    static Path file(Config config, String run) { return folder(config).resolve(run + ".json"); }

    /** As it was kept for the run; else as it is now, which is kept. */
    static Snapshot kept(Config config, String run) throws IOException {
        var kept = read(file(config, run));
        if (kept.isPresent()) return kept.get();
        var now = of(config);
        now.write(file(config, run));
        return now;
    }

    static Snapshot of(Config config) throws IOException {
        var values = Settings.of(config);
        var redaction = Redaction.of(config);
        var files = new TreeMap<String, String>();
        if (Files.isDirectory(config.nginxFolder()))
            try (var all = Files.walk(config.nginxFolder())) {
                for (Path p : all.filter(Files::isRegularFile)
                    .filter(p -> p.getFileName().toString().matches(TEXT))
                    .toList())
                    files.put("nginx/" + config.nginxFolder().relativize(p),
                        redaction.apply(new String(Files.readAllBytes(p), StandardCharsets.UTF_8)));
            }
        for (Path p : config.composeFiles())
            if (Files.isReadable(p)) values.put("file " + p.getFileName(), Settings.fingerprint(Files.readString(p)));
        if (config.buildContext().isPresent() && Files.isReadable(config.dockerfile()))
            values.put("file " + config.dockerfile().getFileName(),
                Settings.fingerprint(Files.readString(config.dockerfile())));
        return new Snapshot(values, files);
    }

    private void write(Path file) throws IOException {
        Atomic.writePrivate(file, Json.of(Map.of("values", values, "files", files)) + "\n");
    }

    /** Empty when there is none, or it cannot be read. */
    static Optional<Snapshot> read(Path file) {
        try {
            return Files.exists(file) ? Json.read(Files.readString(file)).map(n -> {
                var values = new TreeMap<String, String>();
                var files = new TreeMap<String, String>();
                n.path("values").properties().forEach(e -> values.put(e.getKey(), e.getValue().asText()));
                n.path("files").properties().forEach(e -> files.put(e.getKey(), e.getValue().asText()));
                return new Snapshot(values, files);
            }) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One key; without {@code before} it is new, without {@code after} gone. */
    record Changed(String key, Optional<String> before, Optional<String> after) {}

    static List<Changed> keys(Snapshot before, Snapshot after) {
        var all = new TreeSet<>(before.values.keySet());
        all.addAll(after.values.keySet());
        return all.stream()
            .map(k -> new Changed(k, before.value(k), after.value(k)))
            .filter(c -> !c.before.equals(c.after))
            .toList();
    }

    private Optional<String> value(String key) { return Optional.ofNullable(values.get(key)); }

    /** By file, {@link Diff} lines. */
    static Map<String, List<String>> texts(Snapshot before, Snapshot after) {
        var found = new TreeMap<String, List<String>>();
        var all = new TreeSet<>(before.files.keySet());
        all.addAll(after.files.keySet());
        for (String file : all) {
            var lines = Diff.lines(before.files.getOrDefault(file, ""), after.files.getOrDefault(file, ""));
            if (!lines.isEmpty()) found.put(file, lines);
        }
        return found;
    }
}
