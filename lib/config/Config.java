package lib.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.core.Failure;
import lib.core.Resource;

/**
 * What is deployed and how: bluegreen.yaml, then its section {@code environments.NAME}, then the
 * environment's BLUEGREEN_* variables, then flags; later ones win. Paths are absolute. What each key means is said in
 * {@link Keys}. {@code standby} empty: always; {@code buildContext} empty: nothing is built here; {@code ownNginx}
 * empty: Nginx gets the files that bluegreen brings. {@code variables}: those with a value of their own,
 * {@code references}: the others; {@code buildArgs} and {@code buildReferences} are the same for the build.
 */
public record Config(
    Path project, String app, String image, Optional<Path> buildContext, Path dockerfile,
    Optional<String> buildTarget, Map<String, String> buildArgs, Map<String, Reference> buildReferences,
    Health health, Ports ports, Redirect redirect, Proxy proxy, String blueService, String greenService,
    String nginxService, String composeProject, List<Path> composeFiles, Follow follow, Migration migration,
    Optional<Path> ownNginx,
    Way switching, Duration monitor, Duration drain, Thresholds thresholds, Judging judging,
    Assets assets, Optional<Duration> standby, int keepImages, Map<String, List<String>> hooks, Duration hookLimit,
    Notification notification, Map<String, String> variables, Map<String, Reference> references,
    List<SmokeRequest> smoke) {

    /**
     * What a healthy answer must match: any of status, version, deployment. None: a 200 is enough. {@code stable}: how
     * long all answers of a version that was just started must be healthy.
     */
    public record Health(String path, List<String> require, Duration timeout, Duration stable) {}

    /**
     * Watching after a switch: the highest p95 and the share of failed requests (0 to 1) that are still good.
     * Before one: free bytes.
     */
    public record Thresholds(Duration latency, double errors, long disk) {}

    /**
     * A route is slower when its p95 is {@code slower} times the one before and at least {@code slowerBy} more. Fewer
     * requests than {@code minRequests} are {@code inconclusive}.
     */
    public record Judging(double slower, Duration slowerBy, long minRequests, Doubt inconclusive, Doubt unwatched) {
        public boolean rollbackInconclusive() { return inconclusive == Doubt.ROLLBACK; }
        public boolean rollbackUnwatched() { return unwatched == Doubt.ROLLBACK; }
    }

    /** Services of the app's image without HTTP: each is there twice, as NAME-blue and NAME-green. */
    public record Follow(List<String> services, When when) {}

    /** Without a command: none. */
    public record Migration(List<String> command, Duration limit) {}

    /** Static files that outlive their version: {@code from} in the container, served under {@code path}. */
    public record Assets(Optional<String> from, String path, Duration keep) {}

    /** Who is told; without {@code webhook} and {@code command}: nobody. */
    public record Notification(Optional<String> webhook, String format, List<String> command, List<String> on) {
        @Override public String toString() { return "Notification[on=" + on + "]"; }     // the address is a secret
    }

    public String service(Colour c) { return c == Colour.BLUE ? blueService : greenService; }
    /** The services that go where a colour's traffic goes. */
    public List<String> followers(Colour c) { return follow.services().stream().map(name -> name + "-" + c).toList(); }
    /** All that the compose files must have. */
    public List<String> services() {
        return Stream.concat(Stream.of(nginxService),
            Stream.of(Colour.values()).flatMap(c -> Stream.concat(Stream.of(service(c)), followers(c).stream())))
            .toList();
    }
    /** The port to which HTTP is redirected: the one that HTTPS has outside. Empty: it is not. */
    public Optional<String> redirectPort() {
        return redirect == Redirect.HTTPS ? Optional.of(ports.httpsPort()) : Optional.empty();
    }
    /**
     * What is mounted into Nginx's container. Bluegreen's own files lie where no clean-up of a checkout takes them from
     * under a running Nginx, one folder for each edition, which is never changed; whoever starts Nginx makes it.
     */
    public Path nginxFolder() {
        return ownNginx.orElseGet(() -> DATA.resolve("nginx").resolve(Resource.edition("nginx")));
    }
    private static final Path DATA = folder(System.getenv("XDG_DATA_HOME"))
        .or(() -> folder(System.getenv("HOME")).map(home -> home.resolve(".local/share")))
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local/share"))
        .resolve("bluegreen");

    private static Optional<Path> folder(String named) {
        return Optional.ofNullable(named).map(Path::of).filter(Path::isAbsolute);
    }

    /** Where journal, images by colour, kept logs and the compose variables live. */
    public Path folder() { return project.resolve(".deployment"); }

    /** As it is for a script without options but {@code --set}. */
    public static Config load(Path project, Map<String, String> flags) {
        return load(project, Optional.empty(), Optional.empty(), flags);
    }

    /**
     * @param file empty: bluegreen.yaml in the project if it is there
     * @param environment the section of environments: that is laid over it
     * @param flags by dotted key
     */
    public static Config load(Path project, Optional<Path> file, Optional<String> environment,
        Map<String, String> flags) {
        Path root = project.toAbsolutePath().normalize();
        if (!Files.isDirectory(root)) throw Failure.usage("no folder " + root, "-C names the project's folder");
        Path yaml = file.map(Path::toAbsolutePath).orElse(root.resolve("bluegreen.yaml"));
        if (file.isPresent() && !Files.isReadable(yaml))
            throw Failure.usage("cannot read " + yaml, "--config names it");
        var given = ConfigFile.read(yaml);
        var values = Values.unset(Keys.fields());
        values.putAll(given.own());
        environment.ifPresent(name -> values.putAll(given.environment(name)));
        for (Key key : Keys.all()) {
            boolean fits = !(key instanceof Key.Items);     // a list of mappings is no text
            if (fits && System.getenv(key.variable()) instanceof String text)
                values.put(key.name(), text, "the variable " + key.variable());
        }
        flags.forEach((name, text) -> values.put(name, text, "--set " + name));
        return in(root, yaml.getParent(), values);
    }

    /** Whether a key may be that. @param where for the person: "--port" @throws Failure when it may not */
    public static void check(String key, String text, String where) { new Values().put(key, text, where); }

    private static Config in(Path project, Path base, Values v) {
        String app = Keys.APP.in(v);
        String composeProject = composeProject(Keys.PROJECT.in(v).orElse(app));
        var context = Keys.CONTEXT.in(v).map(folder -> path(base, folder));
        return new Config(project, app, Keys.IMAGE.in(v).orElse(app), context,
            Keys.DOCKERFILE.in(v).map(file -> path(base, file)).orElse(context.orElse(base).resolve("Dockerfile")),
            Keys.TARGET.in(v), literals(Keys.ARGUMENTS, v, base), references(Keys.ARGUMENTS, v, base),
            new Health(Keys.HEALTH.in(v), Keys.REQUIRE.in(v), Keys.HEALTHY.in(v), Keys.STABLE.in(v)),
            Ports.in(v), Keys.REDIRECT.in(v), proxy(base, v), Keys.BLUE.in(v), Keys.GREEN.in(v), Keys.NGINX.in(v),
            composeProject, Keys.FILES.in(v).stream().map(file -> path(base, file)).toList(),
            new Follow(Keys.FOLLOW.in(v), Keys.FOLLOW_WHEN.in(v)),
            new Migration(Keys.MIGRATE.in(v), Keys.MIGRATE_LIMIT.in(v)),
            Keys.NGINX_FOLDER.in(v).map(folder -> path(base, folder)), Keys.SWITCHING.in(v), Keys.MONITOR.in(v),
            Keys.DRAIN.in(v),
            new Thresholds(Keys.LATENCY.in(v), Keys.ERRORS.in(v), Keys.DISK.in(v)),
            new Judging(Keys.SLOWER.in(v), Keys.SLOWER_BY.in(v), Keys.REQUESTS.in(v), Keys.INCONCLUSIVE.in(v),
                Keys.UNWATCHED.in(v)),
            new Assets(Keys.ASSETS.in(v), Keys.ASSETS_PATH.in(v), Keys.ASSETS_KEPT.in(v)),
            Keys.STANDBY.in(v), Keys.KEPT_IMAGES.in(v), hooks(v), Keys.HOOK_LIMIT.in(v),
            new Notification(Keys.WEBHOOK.in(v), Keys.FORMAT.in(v), Keys.COMMAND.in(v), Keys.EVENTS.in(v)),
            literals(Keys.VARIABLES, v, base), references(Keys.VARIABLES, v, base),
            Keys.SMOKE.in(v).stream().map(SmokeRequest::in).toList());
    }

    private static Map<String, String> literals(Key.Names key, Values v, Path base) {
        var values = new LinkedHashMap<>(key.in(v));
        values.keySet().removeAll(references(key, v, base).keySet());
        values.replaceAll((_, text) -> Reference.literal(text));
        return Map.copyOf(values);
    }
    private static Map<String, Reference> references(Key.Names key, Values v, Path base) {
        var found = new LinkedHashMap<String, Reference>();
        key.in(v)
            .forEach((name, text) -> Reference.of(key.name() + "." + name, text, base)
                .ifPresent(r -> found.put(name, r)));
        return Map.copyOf(found);
    }
    /** All under variables:, as they are written. */
    Map<String, String> given() { return written(variables, references); }
    /** All under build.args:. */
    Map<String, String> givenArguments() { return written(buildArgs, buildReferences); }

    private static Map<String, String> written(Map<String, String> values, Map<String, Reference> references) {
        var all = new LinkedHashMap<>(values);
        references.forEach((name, reference) -> all.put(name, reference.text()));
        return all;
    }

    private static Path path(Path base, String text) { return base.resolve(text).normalize(); }

    private static Proxy proxy(Path base, Values v) {
        return new Proxy(Keys.BODY_SIZE.in(v), Keys.STREAM_UPLOADS.in(v), Keys.READ_TIMEOUT.in(v),
            Keys.IDLE_TIMEOUT.in(v), Keys.UNBUFFERED.in(v), Keys.GRPC.in(v), Keys.HEADER_SIZE.in(v), Keys.GZIP.in(v),
            Keys.HSTS.in(v), Keys.TRUSTED.in(v), Keys.HOSTS.in(v), file(base, v, Keys.INCLUDE),
            file(base, v, Keys.PAGE_502), file(base, v, Keys.PAGE_503), Keys.COLOUR_HEALTH.in(v),
            certificate(base, v));
    }

    private static Optional<Proxy.Certificate> certificate(Path base, Values v) {
        var chain = file(base, v, Keys.TLS_CERTIFICATE);
        var key = file(base, v, Keys.TLS_KEY);
        if (chain.isPresent() != key.isPresent())
            throw Failure.usage("tls.certificate and tls.key come together",
                "tls." + (chain.isPresent() ? "key" : "certificate") + " is empty");
        return chain.map(c -> new Proxy.Certificate(c, key.orElseThrow()));
    }

    private static Optional<Path> file(Path base, Values v, Field<Optional<String>> key) {
        return key.in(v).map(text -> path(base, text));
    }

    private static String composeProject(String name) {
        if (name.matches("[a-z0-9][a-z0-9_-]*")) return name;
        throw Failure.usage("compose.project '" + name + "' is not a compose project name",
            "lower-case letters, digits, - and _",
            "compose.project: " + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-"));
    }

    private static Map<String, List<String>> hooks(Values v) {
        var given = new LinkedHashMap<String, List<String>>();
        Keys.HOOKS.forEach((hook, key) -> { if (!key.in(v).isEmpty()) given.put(hook, key.in(v)); });
        return Map.copyOf(given);
    }

    /** "500ms", "30s", "3m", "2m30s", "24h". @throws Failure (usage) */
    public static Duration duration(String text) {
        var m = Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,6})m(?!s))?(?:(\\d{1,7})s)?(?:(\\d{1,9})ms)?")
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
