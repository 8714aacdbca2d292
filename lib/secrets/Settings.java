package lib.secrets;

import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lib.config.Config;
import lib.core.Console;

/**
 * The configuration in effect, by key, as it may be shown and kept. Variables, build arguments, the webhook's address
 * and what follows a command's name may be secrets: a fingerprint stands for each, so that one sees whether two are
 * equal, not what they say.
 */
public final class Settings {
    /** The record's names that bluegreen.yaml spells differently. */
    private static final Map<String, String> KEYS = Map.ofEntries(Map.entry("buildContext", "build.context"),
        Map.entry("dockerfile", "build.dockerfile"), Map.entry("buildArgs", "build.args"),
        Map.entry("blueService", "services.blue"),
        Map.entry("greenService", "services.green"), Map.entry("nginxService", "services.nginx"),
        Map.entry("composeProject", "compose.project"),
        Map.entry("composeFiles", "compose.files"), Map.entry("nginxFolder", "nginx"),
        Map.entry("hookLimit", "hooks.timeout"),
        Map.entry("keepImages", "images.keep"), Map.entry("notification", "notify"));
    private static final String FINGERPRINT = "#";

    private final Config config;
    private final Redaction redaction;
    private final Map<String, String> values = new TreeMap<>();

    private Settings(Config config) {
        this.config = config;
        this.redaction = Redaction.of(config);
    }

    public static Map<String, String> of(Config config) {
        var settings = new Settings(config);
        settings.components("", config);
        return settings.values;
    }

    /** Eight hexadecimal digits: enough to tell two values apart, too few to find one that is long. */
    public static String fingerprint(String secret) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return FINGERPRINT + HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);        // every Java has it
        }
    }

    /** By the record's own components, so that no later key can be forgotten here. */
    private void components(String prefix, Record record) {
        for (RecordComponent c : record.getClass().getRecordComponents()) {
            String key = prefix + KEYS.getOrDefault(prefix + c.getName(), c.getName());
            try {
                var accessor = c.getAccessor();
                accessor.setAccessible(true);
                value(key, accessor.invoke(record));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void value(String key, Object value) {
        switch (value) {
            case null -> {}
            case Record inner -> components(key + ".", inner);
            case Map<?, ?> map -> map.forEach(
                (k, v) -> values.put(key + "." + k, v instanceof List<?> l ? command(l) : fingerprint(v.toString())));
            case Optional<?> maybe -> maybe.ifPresent(v -> value(key, v));
            case List<?> list when key.equals("notify.command") -> values.put(key, command(list));
            case List<?> list -> values.put(key, String.join(", ", list.stream().map(this::plain).toList()));
            case String secret when key.equals("notify.webhook") ->
                values.put(key, secret.isEmpty() ? "" : fingerprint(secret));
            default -> { if (!key.equals("project")) values.put(key, plain(value)); }
        }
    }

    /** The executable, and a fingerprint of its arguments. */
    private String command(List<?> words) {
        if (words.isEmpty()) return "";
        String executable = plain(words.getFirst());
        return words.size() == 1
            ? executable
            : executable + " " + fingerprint(words.subList(1, words.size()).toString());
    }

    private String plain(Object value) {
        return switch (value) {
            case Duration d -> Console.seconds(d);
            case Path p when p.startsWith(config.project()) -> config.project().relativize(p).toString();
            default -> redaction.apply(value.toString());
        };
    }
}
