package lib.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import lib.core.Colour;
import lib.core.Failure;
import lib.core.Size;

/**
 * What is deployed and how: bluegreen.yaml, then its section {@code environments.NAME}, then the
 * environment's BLUEGREEN_* variables, then flags; later ones win. Paths are absolute.
 * {@code redirect}: HTTP is answered by a redirect to HTTPS. {@code standby}: how long the colour that lost the traffic stays up for a rollback at once; empty: always.
 */
public record Config(
    Path project, String app, String image, Path buildContext, Path dockerfile, Map<String, String> buildArgs,
    Health health, Ports ports, boolean redirect, String blueService, String greenService, String nginxService,
    String composeProject, List<Path> composeFiles, Path nginxFolder,
    Way switching, Duration monitor, Duration drain, Thresholds thresholds, Judging judging,
    Assets assets, Optional<Duration> standby, int keepImages, Map<String, List<String>> hooks, Duration hookLimit,
    Notification notification, Map<String, String> variables, List<SmokeRequest> smoke) {

    /**
     * What a healthy answer must match: any of status, version, deployment. None: a 200 is enough. {@code stable}: how long
     * all answers of a version that was just started must be healthy.
     */
    public record Health(String path, List<String> require, Duration timeout, Duration stable) {}
    /** {@code http} and {@code https} may carry an address to bind to: 127.0.0.1:8080. */
    public record Ports(String http, String https, int control, int blue, int green, int app) {
        public int of(Colour c) { return c == Colour.BLUE ? blue : green; }
        /** A port on all addresses is taken on each of them. Two that are equal let compose start half of the stack. */
        void requireDifferent() {
            var all = List.of(Map.entry("ports.http", http), Map.entry("ports.https", https),
                Map.entry("ports.control", "127.0.0.1:" + control),
                Map.entry("ports.blue", "127.0.0.1:" + blue), Map.entry("ports.green", "127.0.0.1:" + green));
            for (int i = 0; i < all.size(); i++)
                for (var other : all.subList(i + 1, all.size()))
                    if (isSame(all.get(i).getValue(), other.getValue()))
                        throw Failure.usage(
                            all.get(i).getKey() + " and " + other.getKey() + " are the same port, "
                                + port(other.getValue()),
                            "each needs one of its own", "--set " + other.getKey() + "=PORT");
        }
        private static boolean isSame(String one, String other) {
            boolean meet = address(one).equals(address(other))
                || ALL.contains(address(one))
                || ALL.contains(address(other));
            return meet && port(one) == port(other);
        }
        private static final Set<String> ALL = Set.of("", "0.0.0.0", "[::]");
        private static String address(String bind) { return bind.substring(0, Math.max(0, bind.lastIndexOf(':'))); }
        private static int port(String bind) { return Integer.parseInt(bind.substring(bind.lastIndexOf(':') + 1)); }

        public String httpAddress() {
            return http.contains(":") && !http.startsWith("0.0.0.0:")
                ? http.substring(0, http.lastIndexOf(':'))
                : "127.0.0.1";
        }
        private String httpsPort() { return String.valueOf(port(https)); }
        public int httpPort() { return port(http); }
    }

    /** Watching after a switch: the highest p95 and the share of failed requests (0 to 1) that are still good. Before one: free bytes. */
    public record Thresholds(Duration latency, double errors, long disk) {}

    /**
     * A route is slower when its p95 is {@code slower} times the one before and at least {@code slowerBy} more. Fewer requests
     * than {@code minRequests} are inconclusive, which then means to go back, or to stay; so does a watch that saw nothing.
     */
    public record Judging(double slower, Duration slowerBy, long minRequests, boolean rollbackInconclusive,
        boolean rollbackUnwatched) {}

    /** Static files that outlive their version: {@code from} in the container (empty: none), served under {@code path}. */
    public record Assets(String from, String path, Duration keep) {}

    /** Who is told: {@code webhook} empty and {@code command} empty: nobody. {@code format} of the webhook's body: slack or json. */
    public record Notification(String webhook, String format, List<String> command, List<String> on) {
        @Override public String toString() { return "Notification[on=" + on + "]"; }     // the address is a secret
    }

    public String service(Colour c) { return c == Colour.BLUE ? blueService : greenService; }
    /** Where HTTP is redirected to: the port that HTTPS has outside, or "off". */
    public String redirectPort() { return redirect ? ports.httpsPort() : "off"; }
    /** As compose calls the first container of a service. */
    public String container(String service) { return composeProject + "-" + service + "-1"; }
    /** Where journal, images by colour, kept logs and the compose variables live. */
    public Path folder() { return project.resolve(".deployment"); }

    /** @param file null: bluegreen.yaml in the project if it is there; @param environment may be null; @param flags dotted keys */
    public static Config load(Path project, Path file, String environment, Map<String, String> flags) {
        Path root = project.toAbsolutePath().normalize();
        if (!Files.isDirectory(root)) throw Failure.usage("no folder " + root, "-C names the project's folder");
        Path yaml = file == null ? root.resolve("bluegreen.yaml") : file.toAbsolutePath();
        if (file != null && !Files.isReadable(yaml))
            throw Failure.usage("cannot read " + yaml, "--config names it");
        var values = new LinkedHashMap<String, String>();
        Keys.defaults(values);
        var environments = new LinkedHashMap<String, Map<String, String>>();
        if (Files.isReadable(yaml)) ConfigFile.read(yaml, values, environments);
        if (environment != null) {
            if (!environments.containsKey(environment))
                throw Failure.usage("no environment '" + environment + "'", environments.isEmpty()
                    ? yaml.getFileName() + " has no section environments:"
                    : "known: " + String.join(", ", environments.keySet()));
            values.putAll(environments.get(environment));
        }
        for (String name : Keys.names()) {
            String variable = "BLUEGREEN_" + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
            if (System.getenv(variable) instanceof String v) Keys.put(values, name, v, "the variable " + variable);
        }
        flags.forEach((name, v) -> Keys.put(values, name, v, "--set " + name));
        return from(root, yaml.getParent(), values);
    }

    private static Config from(Path project, Path base, Map<String, String> v) {
        String app = v.get("app");
        String image = v.get("image").isEmpty() ? app : v.get("image");
        String composeProject = v.get("compose.project").isEmpty() ? app : v.get("compose.project");
        if (!composeProject.matches("[a-z0-9][a-z0-9_-]*"))
            throw Failure.usage("compose.project '" + composeProject + "' is not a compose project name",
                "lower-case letters, digits, - and _",
                "compose.project: " + composeProject.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-"));
        Path context = base.resolve(v.get("build.context")).normalize();
        Path dockerfile = v.get("build.dockerfile").isEmpty()
            ? context.resolve("Dockerfile")
            : base.resolve(v.get("build.dockerfile")).normalize();
        var health = new Health(v.get("health.path"), list(v.get("health.require")), duration(v.get("health.timeout")),
            duration(v.get("health.stable")));
        var ports = new Ports(v.get("ports.http"), v.get("ports.https"), Integer.parseInt(v.get("ports.control")),
            Integer.parseInt(v.get("ports.blue")), Integer.parseInt(v.get("ports.green")),
            Integer.parseInt(v.get("ports.app")));
        ports.requireDifferent();
        var files = list(v.get("compose.files")).stream().map(f -> base.resolve(f).normalize()).toList();
        var thresholds = new Thresholds(duration(v.get("thresholds.latency")),
            Double.parseDouble(v.get("thresholds.errors").replace("%", "")) / 100,
            Size.parse(v.get("thresholds.disk")));
        var judging = new Judging(Double.parseDouble(v.get("thresholds.slower").replace("x", "")),
            duration(v.get("thresholds.slower-by")),
            Long.parseLong(v.get("verdict.min-requests")), v.get("verdict.inconclusive").equals("rollback"),
            v.get("verdict.unwatched").equals("rollback"));
        return new Config(project, app, image, context, dockerfile, map(v, "build.args."), health, ports,
            v.get("redirect").equals("https"),
            v.get("services.blue"), v.get("services.green"), v.get("services.nginx"), composeProject, files,
            base.resolve(v.get("nginx")).normalize(), v.get("switching").equals("reload") ? Way.RELOAD : Way.INSTANT,
            duration(v.get("monitor")), duration(v.get("drain")), thresholds, judging,
            new Assets(v.get("assets.from"), v.get("assets.path"), duration(v.get("assets.keep"))),
            v.get("standby").equals("always")
                ? Optional.empty()
                : Optional.of(v.get("standby").equals("stopped") ? Duration.ZERO : duration(v.get("standby"))),
            Integer.parseInt(v.get("images.keep")), hooks(v), duration(v.get("hooks.timeout")),
            new Notification(v.get("notify.webhook"), v.get("notify.format"),
                v.get("notify.command").isBlank() ? List.of() : List.of(v.get("notify.command").split("\n")),
                list(v.get("notify.on"))),
            map(v, "variables."), smoke(v));
    }

    /** A YAML list comes with an item a line; in a flag or variable, commas part them. */
    private static List<String> list(String v) {
        return v.isBlank() ? List.of() : List.of(v.strip().split("\\s*[,\n]\\s*"));
    }
    private static Map<String, List<String>> hooks(Map<String, String> v) {
        var m = new LinkedHashMap<String, List<String>>();
        for (String hook : Keys.HOOKS)
            if (!v.get("hooks." + hook).isBlank()) m.put(hook, List.of(v.get("hooks." + hook).split("\n")));
        return Map.copyOf(m);
    }
    private static List<SmokeRequest> smoke(Map<String, String> v) {
        return IntStream.range(0, Integer.parseInt(v.get("smoke")))
            .mapToObj(i -> "smoke." + i + ".")
            .map(p -> new SmokeRequest(
                v.get(p + "method"), v.get(p + "path"), Integer.parseInt(v.get(p + "status")), v.get(p + "body"),
                duration(v.get(p + "time"))))
            .toList();
    }
    private static Map<String, String> map(Map<String, String> values, String prefix) {
        var m = new LinkedHashMap<String, String>();
        values.forEach((name, v) -> { if (name.startsWith(prefix)) m.put(name.substring(prefix.length()), v); });
        return Map.copyOf(m);
    }

    /** "500ms", "30s", "3m", "2m30s", "24h". @throws Failure (usage) */
    public static Duration duration(String text) {
        var m = Pattern.compile("(?:(\\d{1,4})h)?(?:(\\d{1,6})m(?!s))?(?:(\\d{1,7})s)?(?:(\\d{1,9})ms)?")
            .matcher(text.strip());
        if (text.isBlank() || !m.matches())
            throw Failure.usage("'" + text + "' is not a duration", "write 500ms, 30s, 3m, 2m30s or 24h");
        return Duration.ofHours(number(m.group(1)))
            .plusMinutes(number(m.group(2)))
            .plusSeconds(number(m.group(3)))
            .plusMillis(number(m.group(4)));
    }
    private static long number(String s) { return s == null ? 0 : Long.parseLong(s); }
}
