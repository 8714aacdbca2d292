package lib.checks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import lib.core.PercentEncoding;
import lib.docker.Container;
import lib.process.Command;

/**
 * Where a data service is and as whom, from a URL such as DATABASE_URL. {@code user}, {@code password}, {@code path}:
 * "" when not given.
 */
record Service(String scheme, String user, String password, String host, String port, String path,
    Map<String, String> parameters) {
    /**
     * By the book; else with a password that was not encoded ("#", "/", "@"): up to the first "@" whose rest is an
     * address.
     */
    private static final Pattern URL = url("[^@/?#]*", ".*"), UNENCODED = url(".*?", "[\\w.-]+=.*");

    private static Pattern url(String password, String query) {
        return Pattern.compile("([a-z0-9+]+)://(?:([^:@/]*)(?::(" + password
            + "))?@)?([^:/?@,#]+)(?::(\\d{1,5}))?(?:/([^?#@]*))?(?:\\?(" + query + "))?");
    }

    static Optional<Service> parse(String url, String defaultPort) {
        var m = URL.matcher(url).matches() ? URL.matcher(url) : UNENCODED.matcher(url);
        if (!m.matches()) return Optional.empty();
        var parameters = new HashMap<String, String>();
        if (m.group(7) != null)
            for (String p : m.group(7).split("&"))
                if (p.contains("=")) parameters.put(p.substring(0, p.indexOf('=')), p.substring(p.indexOf('=') + 1));
        return Optional.of(new Service(m.group(1), decoded(m.group(2)), decoded(m.group(3)), m.group(4),
            m.group(5) == null ? defaultPort : m.group(5), decoded(m.group(6)), Map.copyOf(parameters)));
    }

    private static String decoded(String s) {
        return s == null ? "" : PercentEncoding.decoded(s);
    }

    /** PING in the container of the service itself, but by its name on the app's network, and as the app. */
    Command.Result redisPing(Facts facts, Container in) {
        var command = new ArrayList<>(List.of("redis-cli", "-h", host, "-p", port));
        if (scheme.equals("rediss")) command.addAll(List.of("--tls", "--insecure"));
        if (!user.isEmpty()) command.addAll(List.of("--user", user));
        command.add("PING");
        return exec(facts, in, Map.of("REDISCLI_AUTH", password), command);
    }

    Command.Result postgresSelect(Facts facts, Container in) {
        var variables = new HashMap<>(Map.of("PGPASSWORD", password, "PGCONNECT_TIMEOUT", "8"));
        if (parameters.containsKey("sslmode")) variables.put("PGSSLMODE", parameters.get("sslmode"));
        return exec(facts, in, variables, List.of("psql", "--no-psqlrc", "--no-password", "--tuples-only", "--no-align",
            "--host", host, "--port", port, "--username", user, "--dbname", path.isEmpty() ? user : path, "--command",
            "SELECT 1"));
    }

    /** A secret goes through the environment: arguments can be seen by everybody on the machine. */
    private static Command.Result exec(Facts facts, Container in, Map<String, String> variables, List<String> command) {
        var given = new HashMap<>(variables);
        given.values().removeIf(String::isEmpty);
        return facts.exec(in, given, command.toArray(String[]::new));
    }
}
