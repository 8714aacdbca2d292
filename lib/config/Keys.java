package lib.config;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import lib.core.Failure;

/**
 * The keys of the configuration, each declared here and nowhere else: name, type, what it is where nobody says
 * anything, what it means (for docs/configuration.md and bluegreen.yaml), and where {@link Config} has it.
 */
public final class Keys {
    private static final Map<String, Key> ALL = new LinkedHashMap<>();

    static final Field<String> APP = key("app", Type.NAME, "app",
        "name of the app, for compose.project and image where those are empty", Config::app);
    static final Field<Optional<String>> IMAGE = key("image", Type.NAME.orNone(), "",
        "built, or pulled, as IMAGE:VERSION; empty: as app", Config::image);

    static final Field<Optional<String>> CONTEXT = key("build.context", Type.CONTEXT, ".",
        "folder that is built from; none (build: none is short for it): IMAGE:VERSION is pulled from its registry",
        Config::buildContext);
    static final Field<Optional<String>> DOCKERFILE = key("build.dockerfile", Type.PATH.orNone(), "",
        "empty: Dockerfile in the context", Config::dockerfile);
    static final Field<Optional<String>> TARGET = key("build.target", Type.NAME.orNone(), "",
        "stage of the Dockerfile; empty: the last one", Config::buildTarget);
    static final Key.Names ARGUMENTS = names("build.args", "build arguments, beside VERSION, which is always given; a"
        + " value may be a reference to a secret (docs/secrets.md)", Config::givenArguments);

    static final Field<String> HEALTH = key("health.path", Type.URL_PATH, "/api/health", "what tells the app's health",
        c -> c.health().path());
    static final Field<List<String>> REQUIRE = key("health.require", Type.some(100, "status", "version", "deployment"),
        "status,version,deployment", "what of its JSON answer must be right; []: HTTP 200 is enough",
        c -> c.health().require());
    static final Field<Duration> HEALTHY = key("health.timeout", Type.TIME, "3m",
        "how long a new version may take to get healthy", c -> c.health().timeout());
    static final Field<Duration> STABLE = key("health.stable", Type.TIME, "300ms",
        "and then every answer must be healthy for so long, at least three; 0s: one is enough",
        c -> c.health().stable());

    static final Field<String> HTTP = key("ports.http", Type.BIND, "80",
        "public; no two of ports may be equal, except app", c -> c.ports().http());
    static final Field<String> HTTPS = key("ports.https", Type.BIND, "443", "public", c -> c.ports().https());
    static final Field<Integer> CONTROL = key("ports.control", Type.PORT, "9180",
        "where Nginx says what serves, always on 127.0.0.1", c -> c.ports().control());
    static final Field<Integer> BLUE_PORT = key("ports.blue", Type.PORT, "3009", "always on 127.0.0.1",
        c -> c.ports().blue());
    static final Field<Integer> GREEN_PORT = key("ports.green", Type.PORT, "3010", "always on 127.0.0.1",
        c -> c.ports().green());
    static final Field<Integer> APP_PORT = key("ports.app", Type.PORT, "3008", "where the app listens in its container",
        c -> c.ports().app());
    static final Field<Redirect> REDIRECT = key("redirect", Type.oneOf(Redirect.values()), "none",
        "with https, HTTP is answered by 308 to ports.https, and HTTPS carries HSTS (proxy.hsts)", Config::redirect);

    static final Field<Long> BODY_SIZE = key("proxy.body-size", Type.size(1, 1L << 40, "from 1B to 1TiB"), "16MiB",
        "of a request; what is larger is answered by 413", c -> c.proxy().bodySize());
    static final Field<Boolean> STREAM_UPLOADS = key("proxy.stream-uploads", Type.ON_OFF, "off",
        "the app gets a body as it comes, instead of whole from Nginx's disk", c -> c.proxy().streamUploads());
    static final Field<Duration> READ_TIMEOUT = key("proxy.read-timeout", Type.PATIENCE, "60s",
        "how long the app may be silent before and within an answer", c -> c.proxy().readTimeout());
    static final Field<Duration> IDLE_TIMEOUT = key("proxy.idle-timeout", Type.PATIENCE, "1h",
        "the same of a websocket, an event stream, a gRPC call, and what proxy.unbuffered names",
        c -> c.proxy().idleTimeout());
    static final Field<List<String>> UNBUFFERED = key("proxy.unbuffered", Type.URL_PATHS, "",
        "beginnings of paths whose answers are passed on as they come; event streams are in any case",
        c -> c.proxy().unbuffered());
    static final Field<Boolean> GRPC = key("proxy.grpc", Type.ON_OFF, "off",
        "gRPC calls go to the app by HTTP/2 without TLS", c -> c.proxy().grpc());
    static final Field<Long> HEADER_SIZE = key("proxy.header-size", Type.size(1024, 1 << 20, "from 1KiB to 1MiB"),
        "16KiB", "of one line of a request's head, a cookie say, and of all headers of an answer",
        c -> c.proxy().headerSize());
    static final Field<Boolean> GZIP = key("proxy.gzip", Type.ON_OFF, "on",
        "text that the app did not compress itself", c -> c.proxy().gzip());
    static final Field<Duration> HSTS = key("proxy.hsts", Type.TIME, "4380h",
        "how long browsers come by HTTPS only, with redirect: https (half a year); 0s: they are not told",
        c -> c.proxy().hsts());
    static final Field<List<String>> TRUSTED = key("proxy.trusted", Type.NETWORKS, "",
        "proxies in front, as Nginx sees them, whose X-Forwarded-For and X-Forwarded-Proto are believed",
        c -> c.proxy().trusted());
    static final Field<List<String>> HOSTS = key("proxy.hosts", Type.HOSTS, "",
        "names that visitors may ask by; any other with a dot gets 421; empty: any name is answered",
        c -> c.proxy().hosts());
    static final Field<Optional<String>> INCLUDE = key("proxy.include", Type.PATH.orNone(), "",
        "file with lines of your own for Nginx's public server", c -> c.proxy().include());
    static final Field<Optional<String>> PAGE_502 = key("proxy.page-502", Type.PATH.orNone(), "",
        "HTML file that a browser gets when no app answers; empty: a plain one", c -> c.proxy().page502());
    static final Field<Optional<String>> PAGE_503 = key("proxy.page-503", Type.PATH.orNone(), "",
        "the same when Nginx itself says 503, by a limit in proxy.include", c -> c.proxy().page503());
    static final Field<Boolean> COLOUR_HEALTH = key("proxy.colour-health", Type.ON_OFF, "off",
        "/health/blue and /health/green on the public port too", c -> c.proxy().colourHealth());

    static final Field<Optional<String>> TLS_CERTIFICATE = key("tls.certificate", Type.PATH.orNone(), "",
        "PEM file, with the certificates between it and the root; empty: what is in the volume certs",
        c -> c.proxy().certificate().map(Proxy.Certificate::chain));
    static final Field<Optional<String>> TLS_KEY = key("tls.key", Type.PATH.orNone(), "",
        "PEM file of its private key, without a password", c -> c.proxy().certificate().map(Proxy.Certificate::key));

    static final Field<String> BLUE = key("services.blue", Type.NAME, "app-blue", "its name in the compose files",
        Config::blueService);
    static final Field<String> GREEN = key("services.green", Type.NAME, "app-green", "its name in the compose files",
        Config::greenService);
    static final Field<String> NGINX = key("services.nginx", Type.NAME, "nginx", "its name in the compose files",
        Config::nginxService);
    static final Field<Optional<String>> PROJECT = key("compose.project", Type.NAME.orNone(), "",
        "lower-case letters, digits, - and _; empty: as app", Config::composeProject);
    static final Field<List<String>> FILES = key("compose.files", Type.PATHS,
        "compose/docker-compose.blue-green.yml", "laid over each other in this order", Config::composeFiles);

    static final Field<List<String>> FOLLOW = key("follow", Type.NAME_LIST, "",
        "services of the same image without HTTP, e.g. worker: NAME-blue and NAME-green in the compose files",
        c -> c.follow().services());
    static final Field<When> FOLLOW_WHEN = key("follow-when", Type.oneOf(When.values()), "watched",
        "when they go to the new version", c -> c.follow().when());
    static final Field<List<String>> MIGRATE = key("migrate", Type.COMMAND, "",
        "run once for a version, in its image, before it starts; it stops the deploy when it fails",
        c -> c.migration().command());
    static final Field<Duration> MIGRATE_LIMIT = key("migrate-timeout", Type.TIME, "10m", "of the migration",
        c -> c.migration().limit());

    static final Field<Optional<String>> NGINX_FOLDER = key("nginx", Type.PATH.orNone(), "",
        "folder mounted into Nginx's container; empty: the files that bluegreen brings itself", Config::nginxFolder);
    static final Field<Way> SWITCHING = key("switching", Type.oneOf(Way.values()), "instant",
        "by a symlink that each request reads, or by a reload of Nginx", Config::switching);
    static final Field<Duration> MONITOR = key("monitor", Type.TIME, "120s", "watching after a switch",
        Config::monitor);
    static final Field<Duration> DRAIN = key("drain", Type.TIME, "30s",
        "how long a switch waits for the old colour's connections", Config::drain);
    static final Field<Optional<Duration>> STANDBY = key("standby", Type.STAY, "always",
        "how long the old colour stays up for a rollback at once",
        Config::standby);
    static final Field<Integer> KEPT_IMAGES = key("images.keep", Type.COUNT, "5",
        "built images that stay, beside the two in use: first those of versions that were good under traffic",
        Config::keepImages);

    static final Field<Duration> LATENCY = key("thresholds.latency", Type.TIME, "200ms",
        "p95 of all requests; a version that is beyond a threshold for more than a moment is rolled back",
        c -> c.thresholds().latency());
    static final Field<Double> ERRORS = key("thresholds.errors", Type.SHARE, "1%",
        "5xx of all requests, and of each route", c -> c.thresholds().errors());
    static final Field<Double> SLOWER = key("thresholds.slower", Type.FACTOR, "2x",
        "a route's p95, against the two minutes before the switch", c -> c.judging().slower());
    static final Field<Duration> SLOWER_BY = key("thresholds.slower-by", Type.TIME, "50ms", "and at least by so much",
        c -> c.judging().slowerBy());
    static final Field<Long> DISK = key("thresholds.disk", Type.SIZE, "5GB",
        "free for images before a deploy, or twice the newest image if that is more", c -> c.thresholds().disk());

    static final Field<Integer> REQUESTS = key("verdict.min-requests", Type.NUMBER, "100",
        "fewer while watching: inconclusive", c -> c.judging().minRequests());
    static final Field<Doubt> INCONCLUSIVE = key("verdict.inconclusive", Type.oneOf(Doubt.values()), "keep",
        "what then happens to the new version", c -> c.judging().inconclusive());
    static final Field<Doubt> UNWATCHED = key("verdict.unwatched", Type.oneOf(Doubt.values()), "rollback",
        "the same when the requests could not be seen at all", c -> c.judging().unwatched());

    static final Field<Optional<String>> ASSETS = key("assets.from", Type.PATH.orNone(), "",
        "folder in the container, e.g. /app/.next/static, whose files outlive their version; empty: off",
        c -> c.assets().from());
    static final Field<String> ASSETS_PATH = key("assets.path", Type.URL_FOLDER, "/_next/static/",
        "where they are served", c -> c.assets().path());
    static final Field<Duration> ASSETS_KEPT = key("assets.keep", Type.TIME, "24h",
        "how long after their version was left", c -> c.assets().keep());

    /** By when they are called. */
    static final Map<String, Field<List<String>>> HOOKS = new LinkedHashMap<>();
    static {
        hook("pre-build",
            "before the image is built; facts are in BLUEGREEN_* variables; it stops the deploy when it fails");
        hook("pre-deploy", "before the new version starts; it stops the deploy when it fails");
        hook("pre-switch", "before the traffic moves; it stops the deploy when it fails");
        hook("post-switch", "when the traffic has moved, beside the watch");
        hook("post-rollback", "when the traffic is back");
        hook("on-failure", "when a deploy failed");
    }
    static final Field<Duration> HOOK_LIMIT = key("hooks.timeout", Type.TIME, "5m", "of each hook", Config::hookLimit);

    static final Key.Items SMOKE = add(new Key.Items("smoke", SmokeRequest.FIELDS,
        "requests of a trial run, in this order (docs/validate.md)", Config::smoke));

    static final Field<Optional<String>> WEBHOOK = key("notify.webhook", Type.WEBHOOK.orNone(), "",
        "a secret: rather the variable BLUEGREEN_NOTIFY_WEBHOOK; telling others never fails or delays a deploy",
        c -> c.notification().webhook());
    static final Field<String> FORMAT = key("notify.format", Type.oneOf("slack", "json"), "slack",
        "of the webhook's body: {\"text\": ...}, or every fact", c -> c.notification().format());
    static final Field<List<String>> COMMAND = key("notify.command", Type.COMMAND, "",
        "gets the facts in BLUEGREEN_* variables, as hooks do", c -> c.notification().command());
    static final Field<List<String>> EVENTS = key("notify.on",
        Type.some(200, "start", "switch", "success", "failure", "rollback", "failover"),
        "start,switch,success,failure,rollback,failover", "what is told", c -> c.notification().on());

    static final Key.Names VARIABLES = names("variables", "for the compose files, e.g. POSTGRES_PASSWORD; each"
        + " NAME_PASSWORD is there as NAME_PASSWORD_URL too, percent-encoded for a URL; a value may be a reference to"
        + " a secret (docs/secrets.md)", Config::given);

    private Keys() {}

    private static <T> Field<T> key(String name, Type<T> type, String fallback, String meaning,
        Function<Config, ?> inEffect) {
        var field = new Field<>(name, type, fallback, meaning);
        add(new Key.Single(field, inEffect));
        return field;
    }
    private static void hook(String when, String meaning) {
        HOOKS.put(when,
            key("hooks." + when, Type.COMMAND, "", meaning, c -> c.hooks().getOrDefault(when, List.of())));
    }
    private static Key.Names names(String name, String meaning, Function<Config, ?> inEffect) {
        return add(new Key.Names(name, meaning, inEffect));
    }
    private static <K extends Key> K add(K key) {
        ALL.put(key.name(), key);
        return key;
    }

    /** In the order in which they are told. */
    public static Collection<Key> all() { return ALL.values(); }

    static List<Field<?>> fields() {
        return ALL.values().stream().<Field<?>>mapMulti((key, to) -> {
            if (key instanceof Key.Single single) to.accept(single.field());
        }).toList();
    }

    /** The key that has a value under this name. */
    static Optional<Key> find(String name) {
        var own = Optional.ofNullable(ALL.get(name));
        return own.or(() -> ALL.values().stream().filter(k -> k instanceof Key.Names n && n.has(name)).findFirst());
    }

    static boolean isSection(String name) {
        return ALL.get(name) instanceof Key.Names || ALL.keySet().stream().anyMatch(k -> k.startsWith(name + "."));
    }

    static Failure unknown(String name, String where) {
        var known = new TreeSet<>(ALL.keySet());
        ALL.keySet().stream().filter(k -> k.contains(".")).forEach(k -> known.add(k.substring(0, k.indexOf('.'))));
        return Nearest.unknown(where, name, name, known);
    }
}
