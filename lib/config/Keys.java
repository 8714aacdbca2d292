package lib.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import lib.core.Failure;
import lib.core.Text;

/** The keys of the configuration, one a line: its name, its default (empty: none) and what its value must look like. */
final class Keys {
    static final List<String> HOOKS = List.of("pre-build", "pre-deploy", "pre-switch", "post-switch", "post-rollback",
        "on-failure");

    private record Key(String fallback, Kind kind) {}
    private enum Kind {
        NAME("a name: letters, digits, . _ - and /", "[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}"),
        PATH("a path", "\\P{Cntrl}{1,400}"),
        // Both go into Nginx's configuration: nothing that means something there, or to sed. Nginx escapes a % of a path again.
        URL_PATH("a path that begins with /, of letters, digits, . _ ~ - and /, perhaps with ?query",
            "/[A-Za-z0-9._~/-]{0,400}(\\?([A-Za-z0-9._~/=&-]|%[0-9A-Fa-f]{2}){0,400})?"),
        URL_FOLDER("a folder such as /static/: begins and ends with /, of letters, digits, . _ ~ - and /",
            "/((?!\\.\\.?/)[A-Za-z0-9._~-]{1,100}/){1,20}"),
        PORT("a port from 1 to 65535", "[1-9][0-9]{0,4}"),
        BIND("a port, or ADDRESS:PORT", "([0-9.]+:|\\[[0-9a-fA-F:]+\\]:)?[1-9][0-9]{0,4}"),
        TIME("a duration such as 500ms, 30s, 3m, 24h", "(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?(?:\\d+ms)?"),
        KEEP("always, stopped, or a duration such as 30m", "always|stopped|(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?"),
        COUNT("a number from 2 to 999", "[2-9]|[1-9][0-9]{1,2}"),
        SIZE("a size such as 500MB, 5GB", "(?i)[0-9]{1,15}(\\.[0-9]{1,6})?\\s?[KMGT]?i?B"),
        WAY("instant or reload", "instant|reload"),
        PERCENT("a percentage from 0% to 100%", "(100|[0-9]{1,2}(\\.[0-9]+)?)%?"),
        MATCHES("a list of status, version, deployment", "(status|version|deployment|,|\\s){0,100}"),
        LIST("a list of paths", "[\\P{Cntrl}\n]{0,4000}"),
        TIMES("a factor above 1, such as 2x or 1.5x", "([2-9]|[1-9][0-9]{1,2}|[1-9][0-9]?\\.[0-9]{1,2})x?"),
        NUMBER("a number from 1 to 999999", "[1-9][0-9]{0,5}"),
        POLICY("keep or rollback", "keep|rollback"),
        REDIRECT("none or https", "none|https"),
        ARGUMENTS("an executable, or a list: the executable and its arguments", "(?s).*"),
        METHOD("GET, POST, PUT, PATCH, DELETE or OPTIONS", "GET|POST|PUT|PATCH|DELETE|OPTIONS"),
        STATUS("an HTTP status from 200 to 599", "[2-5][0-9]{2}"),
        TEXT("a text", "(?s).*"),
        WEBHOOK("an address that begins with https:// or http://", "https?://[^\\s/]+\\S*"),
        FORMAT("slack or json", "slack|json"),
        EVENTS("a list of start, switch, success, failure, rollback, failover",
            "(start|switch|success|failure|rollback|failover|,|\\s){0,200}"),
        MAP("names with values", "");
        final String says;
        final Pattern pattern;
        Kind(String says, String pattern) { this.says = says; this.pattern = Pattern.compile(pattern); }
    }
    private static final Map<String, Key> KEYS = new LinkedHashMap<>();
    static {
        key("app", "app", Kind.NAME);
        key("image", "", Kind.NAME);
        key("build.context", ".", Kind.PATH);
        key("build.dockerfile", "", Kind.PATH);
        key("build.args", "", Kind.MAP);
        key("health.path", "/api/health", Kind.URL_PATH);
        key("health.require", "status,version,deployment", Kind.MATCHES);
        key("health.timeout", "3m", Kind.TIME);
        key("health.stable", "1s", Kind.TIME);
        key("ports.http", "80", Kind.BIND);
        key("ports.https", "443", Kind.BIND);
        key("ports.control", "9180", Kind.PORT);
        key("ports.blue", "3009", Kind.PORT);
        key("ports.green", "3010", Kind.PORT);
        key("ports.app", "3008", Kind.PORT);
        key("redirect", "none", Kind.REDIRECT);
        key("services.blue", "app-blue", Kind.NAME);
        key("services.green", "app-green", Kind.NAME);
        key("services.nginx", "nginx", Kind.NAME);
        key("compose.project", "", Kind.NAME);
        key("compose.files", "compose/docker-compose.blue-green.yml", Kind.LIST);
        key("nginx", "nginx", Kind.PATH);
        key("switching", "instant", Kind.WAY);
        key("monitor", "120s", Kind.TIME);
        key("drain", "30s", Kind.TIME);
        key("standby", "always", Kind.KEEP);
        key("images.keep", "5", Kind.COUNT);
        key("thresholds.latency", "200ms", Kind.TIME);
        key("thresholds.errors", "1%", Kind.PERCENT);
        key("thresholds.disk", "5GB", Kind.SIZE);
        key("thresholds.slower", "2x", Kind.TIMES);
        key("thresholds.slower-by", "50ms", Kind.TIME);
        key("verdict.min-requests", "100", Kind.NUMBER);
        key("verdict.inconclusive", "keep", Kind.POLICY);
        key("verdict.unwatched", "rollback", Kind.POLICY);
        key("assets.from", "", Kind.PATH);
        key("assets.path", "/_next/static/", Kind.URL_FOLDER);
        key("assets.keep", "24h", Kind.TIME);
        for (String hook : HOOKS) key("hooks." + hook, "", Kind.ARGUMENTS);
        key("hooks.timeout", "5m", Kind.TIME);
        key("notify.webhook", "", Kind.WEBHOOK);
        key("notify.format", "slack", Kind.FORMAT);
        key("notify.command", "", Kind.ARGUMENTS);
        key("notify.on", "start,switch,success,failure,rollback,failover", Kind.EVENTS);
        key("variables", "", Kind.MAP);
    }
    /** Lists of mappings: the keys of one item are SECTION.*.NAME, its values SECTION.0.NAME and so on. */
    private static final Map<String, Map<String, Key>> LISTS = Map.of("smoke", Map.of(
        "method", new Key("GET", Kind.METHOD), "path", new Key("/", Kind.URL_PATH), "status",
        new Key("200", Kind.STATUS),
        "body", new Key("", Kind.TEXT), "time", new Key("2s", Kind.TIME)));

    private static void key(String name, String fallback, Kind kind) { KEYS.put(name, new Key(fallback, kind)); }

    private Keys() {}

    static Set<String> names() { return KEYS.keySet(); }
    static void defaults(Map<String, String> values) {
        KEYS.forEach((name, k) -> values.put(name, k.fallback));
        LISTS.keySet().forEach(list -> values.put(list, "0"));
    }
    static boolean isList(String name) { return LISTS.containsKey(name); }
    /** Every key of an item, so that an environment's list replaces the whole of another's. */
    static void itemDefaults(Map<String, String> values, String list, int index) {
        LISTS.get(list).forEach((name, k) -> values.put(list + "." + index + "." + name, k.fallback));
    }
    /** As {@link #put}, for one key of an item. */
    static void putItem(Map<String, String> values, String list, int index, String name, String value, String where) {
        Key key = LISTS.get(list).get(name);
        if (key == null)
            throw Failure.usage(where + ": unknown key '" + list + "." + name + "'",
                "did you mean '" + nearest(name, LISTS.get(list).keySet()) + "'?");
        check(key, list + "." + name, value, where);
        values.put(list + "." + index + "." + name, value);
    }
    static boolean isMap(String name) { return KEYS.get(name) instanceof Key k && k.kind == Kind.MAP; }
    static boolean isSection(String name) {
        return isMap(name) || KEYS.keySet().stream().anyMatch(k -> k.startsWith(name + "."));
    }

    /** Checks one value and stores it; {@code where} is for the person: "bluegreen.yaml line 3". */
    static void put(Map<String, String> values, String name, String value, String where) {
        Key key = KEYS.get(name);
        if (key == null && KEYS.get(mapOf(name)) instanceof Key(String _, Kind kind) && kind == Kind.MAP) {
            if (!name.substring(mapOf(name).length() + 1).matches("[A-Za-z_][A-Za-z0-9_]{0,99}"))
                throw Failure.usage(where + ": '" + Text.brief(name) + "' is not a variable's name",
                    "letters, digits and _");
            if (value.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t'))
                throw Failure.usage(where + ": " + name + " has a control character", "no environment can carry it");
            values.put(name, value);
            return;
        }
        if (key == null)
            throw Failure.usage(where + ": unknown key '" + Text.brief(name) + "'",
                "did you mean '" + nearest(name) + "'?");
        check(key, name, value, where);
        values.put(name, value);
    }
    private static void check(Key key, String name, String value, String where) {
        if (value.isEmpty() && key.fallback.isEmpty()) return;
        boolean good = key.kind.pattern.matcher(value).matches() && !(key.kind == Kind.TIME && value.isBlank());
        if (good && key.kind == Kind.PORT) good = Integer.parseInt(value) <= 65535;
        if (good && key.kind == Kind.BIND)
            good = Integer.parseInt(value.substring(value.lastIndexOf(':') + 1)) <= 65535;
        boolean secret = key.kind == Kind.WEBHOOK;          // the rest of such an address is its password
        if (!good)
            throw Failure.usage(
                where + ": " + name + " is " + (secret ? "not an address" : "'" + Text.brief(value) + "'"),
                "it must be " + key.kind.says);
    }
    private static String mapOf(String name) {
        return name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
    }

    static String nearest(String given) {
        String name = Text.brief(given);
        var known = new TreeSet<>(KEYS.keySet());
        KEYS.keySet().stream().filter(k -> k.contains(".")).forEach(k -> known.add(k.substring(0, k.indexOf('.'))));
        known.addAll(LISTS.keySet());
        return nearest(name, known);
    }
    private static String nearest(String name, Set<String> known) {
        return known.stream().min((a, b) -> distance(name, a) - distance(name, b)).orElseThrow();
    }
    private static int distance(String a, String b) {      // Levenshtein
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int swap = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(swap, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
