package lib.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.Atomic;
import lib.Config;
import lib.Console;
import lib.Json;

/**
 * The configuration as it was in effect for one run, kept in .deployment/configurations/RUN.json to compare the next
 * one with. Variables, build arguments and hooks' arguments may be secrets: only a fingerprint of them is kept, and
 * of the compose files and the Dockerfile as well.
 */
record Snapshot(Map<String, String> values, Map<String, String> files) {
    /** The record's names that bluegreen.yaml spells differently. */
    private static final Map<String, String> KEYS = Map.of("buildContext", "build.context", "dockerfile", "build.dockerfile", "buildArgs", "build.args",
        "blueService", "services.blue", "greenService", "services.green", "nginxService", "services.nginx",
        "composeProject", "compose.project", "composeFiles", "compose.files", "nginxFolder", "nginx", "hookLimit", "hooks.timeout");
    /** Nginx's own texts; keys and certificates in its folder are nobody's business. */
    private static final String TEXT = ".*\\.(conf|sh)";

    static Path folder(Config config) { return config.folder().resolve("configurations"); }

    static Snapshot of(Config config) throws IOException {
        var values = new TreeMap<String, String>();
        components("", config, config, values);
        var files = new TreeMap<String, String>();
        if (Files.isDirectory(config.nginxFolder()))
            try (var all = Files.walk(config.nginxFolder())) {
                for (Path p : all.filter(Files::isRegularFile).filter(p -> p.getFileName().toString().matches(TEXT)).toList())
                    files.put("nginx/" + config.nginxFolder().relativize(p), new String(Files.readAllBytes(p), StandardCharsets.UTF_8));
            }
        for (Path p : config.composeFiles()) if (Files.isReadable(p)) values.put("file " + p.getFileName(), fingerprint(Files.readString(p)));
        if (Files.isReadable(config.dockerfile())) values.put("file " + config.dockerfile().getFileName(), fingerprint(Files.readString(config.dockerfile())));
        return new Snapshot(values, files);
    }

    /** By the record's own components, so that no later key can be forgotten here. */
    private static void components(String prefix, Record record, Config config, Map<String, String> values) {
        for (RecordComponent c : record.getClass().getRecordComponents()) {
            String key = prefix + KEYS.getOrDefault(prefix + c.getName(), c.getName());
            try {
                var accessor = c.getAccessor();
                accessor.setAccessible(true);
                value(key, accessor.invoke(record), config, values);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void value(String key, Object value, Config config, Map<String, String> values) {
        switch (value) {
            case null -> {}
            case Record inner -> components(key + ".", inner, config, values);
            case Map<?, ?> map -> map.forEach((k, v) -> values.put(key + "." + k, fingerprint(v.toString())));
            case Optional<?> maybe -> maybe.ifPresent(v -> value(key, v, config, values));
            case List<?> list -> values.put(key, String.join(", ", list.stream().map(v -> plain(v, config)).toList()));
            default -> { if (!key.equals("project")) values.put(key, plain(value, config)); }
        }
    }
    private static String plain(Object value, Config config) {
        return switch (value) {
            case Duration d -> Console.seconds(d);
            case Path p when p.startsWith(config.project()) -> config.project().relativize(p).toString();
            default -> value.toString();
        };
    }

    static String fingerprint(String secret) {
        try {
            return "#" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)), 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);        // every Java has it
        }
    }

    void write(Path file) throws IOException { Atomic.writeSecret(file, Json.of(Map.of("values", values, "files", files)) + "\n"); }

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

    /** One key; {@code before} or {@code after} null: it is new, or gone. */
    record Changed(String key, String before, String after) {}

    static List<Changed> keys(Snapshot before, Snapshot after) {
        var all = new TreeSet<>(before.values.keySet());
        all.addAll(after.values.keySet());
        return all.stream().map(k -> new Changed(k, before.values.get(k), after.values.get(k)))
            .filter(c -> c.before == null || !c.before.equals(c.after)).toList();
    }

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
