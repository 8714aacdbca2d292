package lib.secrets;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lib.config.Config;
import lib.config.Key;
import lib.config.Keys;
import lib.config.Secret;
import lib.core.Console;
import lib.core.Sha256;

/**
 * The configuration in effect, by key, as it may be shown and kept. For what may be a secret stands a fingerprint, so
 * that one sees whether two are equal, not what they say.
 */
public final class Settings {
    private static final String FINGERPRINT = "#";

    private final Config config;
    private final Redaction redaction;

    private Settings(Config config) {
        this.config = config;
        this.redaction = Redaction.of(config);
    }

    public static Map<String, String> of(Config config) {
        var settings = new Settings(config);
        var values = new TreeMap<String, String>();
        for (Key key : Keys.all())
            if (key.inEffect().apply(config) instanceof Map<?, ?> names)
                names.forEach((name, v) -> values.put(key.name() + "." + name, settings.shown(key.secret(), v)));
            else
                values.put(key.name(), settings.shown(key.secret(), key.inEffect().apply(config)));
        return values;
    }

    /** Eight hexadecimal digits: enough to tell two values apart, too few to find one that is long. */
    public static String fingerprint(String secret) {
        return FINGERPRINT + Sha256.of(secret).substring(0, 8);
    }

    private String shown(Secret secret, Object value) {
        return switch (value) {
            case Optional<?> maybe -> maybe.map(v -> shown(secret, v)).orElse("");
            case List<?> words when secret == Secret.ARGUMENTS -> command(words);
            case Object all when secret == Secret.ALL -> fingerprint(all.toString());
            case List<?> list -> String.join(", ", list.stream().map(v -> shown(secret, v)).toList());
            case Duration d -> Console.seconds(d);
            case Path p when p.startsWith(config.project()) -> config.project().relativize(p).toString();
            default -> redaction.apply(value.toString());
        };
    }

    /** The executable, and a fingerprint of its arguments. */
    private String command(List<?> words) {
        if (words.isEmpty()) return "";
        String executable = redaction.apply(words.getFirst().toString());
        return words.size() == 1
            ? executable
            : executable + " " + fingerprint(words.subList(1, words.size()).toString());
    }
}
