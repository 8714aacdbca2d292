package lib.secrets;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;
import lib.config.Config;
import lib.core.Json;
import lib.core.PercentEncoding;

/**
 * Takes secrets out of text that is shown, kept or sent: the values that are known to be secret, wherever they stand,
 * and what looks like one by its shape or its name. In doubt it takes out too much.
 */
public final class Redaction {
    public static final String MARK = "[redacted]";
    /** A shorter value ("app") stands in too many honest places; its own assignment is redacted all the same. */
    private static final int SHORTEST_KNOWN = 6;
    /** A user of a URL that has no password is a token only if nobody would call himself so. */
    private static final int SHORTEST_TOKEN = 16;

    private static final Set<String> SECRET_WORDS = Set.of("pass", "pw", "pwd", "passwd", "password", "passphrase",
        "secret",
        "secrets", "token", "tokens", "key", "keys", "apikey", "credential", "credentials", "creds", "auth",
        "authorization",
        "cookie", "cookies", "session", "sessionid", "sid", "jwt", "signature", "sig", "salt", "otp", "dsn", "webhook");
    private static final Pattern SECRET_PART = Pattern.compile("(?i)passw(or)?d|passphrase|secret|token|credential"
        + "|(api|access|private|secret|signing|encryption)[_.-]?key|authorization|cookie");
    // of snake_case, kebab-case, camelCase
    private static final Pattern WORD = Pattern.compile("[A-Z]?[a-z0-9]++|[A-Z0-9]++");

    /** A logger's colours would part a name from its value, or a value in two. */
    private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;?]{0,30}[A-Za-z]");

    /**
     * USER:PASSWORD@ of a URL: up to its first @ by the book, up to its last as one that was not encoded needs it. No
     * port.
     */
    private static final List<Pattern> CREDENTIALS = List.of(
        Pattern.compile("://(?<user>[^:/@\\s]*+)(?::(?!\\d{1,5}(?:[/?#]|$))(?<password>[^@]*+))?@"),
        Pattern.compile("://(?<user>[^:/@\\s]*+):(?!\\d{1,5}(?:[/?#]|$))(?<password>.*)@"));
    private static final Pattern PARAMETER = Pattern.compile("[?&;](?<name>[^=&;\\s]{1,100})=(?<value>[^&;\\s]+)");

    /**
     * What this process has read by reference since it began, in any spelling: hidden by every redaction from then on.
     */
    private static final Set<String> LEARNT = new ConcurrentSkipListSet<>(
        Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    private final List<String> known;

    private Redaction(Set<String> known) {
        // the longest first
        this.known = known.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    }

    /** Patterns only. */
    public static Redaction plain() { return new Redaction(Set.of()); }

    /** Of all that the configuration knows, and of the environment that builds and hooks inherit. */
    public static Redaction of(Config config) { return of(config, List.of()); }

    /**
     * The same, and of these variables, as a container is given them: also a value from before, of what is by reference
     * now.
     */
    public static Redaction of(Config config, Collection<Map.Entry<String, String>> more) {
        var all = new ArrayList<>(more);
        all.addAll(config.variables().entrySet());
        all.addAll(config.buildArgs().entrySet());
        config.notification().webhook().ifPresent(address -> all.add(Map.entry("notify.webhook", address)));
        // PWD, SESSION_MANAGER and the like of a login are no secrets: here the whole word must say so.
        System.getenv().entrySet().stream().filter(v -> SECRET_PART.matcher(v.getKey()).find()).forEach(all::add);
        return of(all)
            .and(more.stream()
                .filter(v -> config.references().containsKey(v.getKey()))
                .map(Map.Entry::getValue)
                .toList());
    }

    /**
     * The values of those variables whose name looks secret, and the passwords in URLs, in any spelling that ends in a
     * log.
     */
    public static Redaction of(Collection<Map.Entry<String, String>> variables) {
        var values = new TreeSet<String>();
        for (var v : variables) {
            if (looksSecret(v.getKey())) secret(v.getValue(), values);
            if (v.getValue().contains("://")) inUrl(v.getValue(), values);
        }
        return new Redaction(values);
    }

    /** And these values, whatever their name. */
    public Redaction and(Collection<String> secrets) {
        var values = new TreeSet<>(known);
        secrets.forEach(s -> secret(s, values));
        return new Redaction(values);
    }

    public static void learn(String secret) { secret(secret, LEARNT); }

    private static void secret(String value, Set<String> values) {
        if (value.length() < SHORTEST_KNOWN) return;
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        values.add(value);
        values.add(Base64.getEncoder().encodeToString(bytes));
        values.add(Json.of(value).toString().replaceAll("^\"|\"$", ""));
        for (String encoded : percentEncoded(value)) {
            values.add(encoded);
            values.add(PERCENT.matcher(encoded).replaceAll(m -> m.group().toLowerCase(Locale.ROOT)));
        }
        // A log shows a certificate's or a JSON file's lines one by one.
        if (value.contains("\n"))
            value.lines().map(String::strip).filter(l -> l.length() >= SHORTEST_TOKEN).forEach(values::add);
    }

    private static final Pattern PERCENT = Pattern.compile("%[0-9A-F]{2}");

    /** What JavaScript's encodeURIComponent leaves as it is, and what may stand in the user's part of a URL as well. */
    private static final String SCRIPT = "!'()*~", USER = SCRIPT + "$&+,;=";

    private static Set<String> percentEncoded(String value) {
        String whole = PercentEncoding.encoded(value);
        return Set.copyOf(List.of(whole, whole.replace("%20", "+"), URLEncoder.encode(value, StandardCharsets.UTF_8),
            leaving(SCRIPT, whole), leaving(USER, whole)));
    }

    private static String leaving(String plain, String encoded) {
        for (String c : plain.split("")) encoded = encoded.replace(PercentEncoding.encoded(c), c);
        return encoded;
    }

    /**
     * The password alone, as it is written and as it is meant; a token in the user's place; parameters with a secret's
     * name.
     */
    private static void inUrl(String url, Set<String> values) {
        for (Pattern credentials : CREDENTIALS) {
            for (var m = credentials.matcher(url); m.find();) {
                if (m.group("password") != null) bothWays(m.group("password"), values);
                else if (m.group("user").length() >= SHORTEST_TOKEN) bothWays(m.group("user"), values);
            }
        }
        for (var m = PARAMETER.matcher(url); m.find();)
            if (looksSecret(m.group("name"))) bothWays(m.group("value"), values);
    }

    private static void bothWays(String written, Set<String> values) {
        secret(written, values);
        secret(PercentEncoding.decoded(written), values);
    }

    /** Of a variable, a header, a JSON field or an option: POSTGRES_PASSWORD, apiKey, x-auth-token, --secret. */
    public static boolean looksSecret(String name) {
        for (var word = WORD.matcher(name); word.find();)
            if (SECRET_WORDS.contains(word.group().toLowerCase(Locale.ROOT))) return true;
        return SECRET_PART.matcher(name).find();
    }

    public String apply(String text) {
        text = COLOURS.matcher(text).replaceAll("");
        for (String secret : known) text = text.replace(secret, MARK);
        for (String secret : LEARNT) text = text.replace(secret, MARK);
        return SecretFields.redacted(SecretShapes.redacted(text));
    }
}
