package lib.incident;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.core.Console;

/**
 * Likely causes by plain rules: each looks at the evidence and finds one cause or none. A score (0 to 100) ranks them:
 * above 90 the machine itself says so; 80 it fits well; 60 and below it may as well be a consequence of another one.
 */
public final class Causes {
    /** {@code evidence}: the very lines and numbers; {@code fix}: what to do next. */
    public record Cause(String name, int score, String sentence, List<String> evidence, String fix) {
        public String confidence() { return score >= 85 ? "very likely" : score >= 65 ? "likely" : "possible"; }
    }

    interface Rule { Optional<Cause> look(Evidence e); }

    private static final List<Rule> RULES = List.of(Causes::outOfMemory, Causes::crash, Causes::slowStart,
        Causes::dependencyDown, Causes::migrationFailed, Causes::anotherVersion, Causes::unhealthy,
        Causes::connectionRefused, Causes::certificate, Causes::diskFull, RequestCauses::serverErrors,
        RequestCauses::latencyShift);

    /** What the rules look for, for a report that found nothing. */
    static final List<String> LOOKED_FOR = List.of("out of memory", "crash loop", "slow start", "dependency down",
        "migration failed", "another version", "unhealthy answer",
        "connection refused", "certificate", "disk full", "5xx on one route", "latency shift");

    private Causes() {}

    static List<Cause> of(Evidence e) {
        return RULES.stream()
            .flatMap(r -> r.look(e).stream())
            .sorted(Comparator.comparingInt(Cause::score).reversed())
            .toList();
    }

    static final Pattern ERROR = Pattern.compile(
        "Exception|[a-z]Error\\b|Traceback|(?i)\\b(error|fatal|panic|cannot|failed)\\b");
    private static final Pattern HEAP = Pattern.compile(
        "OutOfMemoryError|heap out of memory|Allocation failed - JavaScript|MemoryError|Cannot allocate memory|bad_alloc");

    /** The kernel's word, not an exit code: 137 is also what a "docker kill" leaves. */
    static Optional<Cause> outOfMemory(Evidence e) {
        return suspectsFirst(e).flatMap(s -> {
            var events = e.events(s.name(), "oom");
            var logged = e.logged(s::equals, contains(HEAP), 3);
            if (!s.oomKilled() && events.isEmpty() && logged.isEmpty()) return Stream.empty();
            boolean kernel = s.oomKilled() || !events.isEmpty();
            var evidence = list(s.state(), lines(last(events, 3)), logged);
            return Stream.of(new Cause("out of memory", kernel ? 98 : 86,
                kernel
                    ? s.name() + " was killed by the kernel because it used more memory than "
                        + (s.memoryLimit() == 0
                            ? "the machine has"
                            : "its limit of " + s.memoryLimit() / (1 << 20) + " MiB")
                    : s.name() + " says that its heap is full",
                evidence,
                kernel
                    ? "raise its memory limit in the compose file (deploy.resources.limits.memory), or let the app use less"
                    : "raise the app's heap limit, or find what fills it"));
        }).findFirst();
    }

    static Optional<Cause> crash(Evidence e) {
        return e.suspects().stream().flatMap(s -> {
            var died = e.events(s.name(), "die").stream().filter(d -> d.exitCode() > 0 && !onOrder(e, d)).toList();
            boolean startedLately = s.started() != null && e.span().has(s.started());
            boolean again = s.status().equals("restarting") || died.size() > 1 || s.restarts() > 1 && startedLately;
            boolean once = died.size() == 1
                || s.restarts() == 1 && startedLately
                || s.status().matches("exited|dead")
                    && s.exitCode() > 0
                    && s.exitCode() != 143
                    && e.span().run() != null
                    && e.events(s.name(), "kill").isEmpty();
            if (!again && !once) return Stream.empty();
            int code = died.isEmpty() ? s.exitCode() : died.getLast().exitCode();
            boolean memory = s.oomKilled() || !e.events(s.name(), "oom").isEmpty();
            var log = Stream.concat(last(s.log().stream().filter(contains(ERROR)).toList(), 3).stream(),
                last(s.log(), 2).stream()).distinct().sorted().map(l -> s.name() + ": " + l).toList();
            return Stream.of(new Cause(again ? "crash loop" : "crash", memory ? 60 : again ? 90 : 84,
                s.name() + (again
                    ? " ends and is started again, " + Math.max(s.restarts(), died.size()) + " times"
                    : " ended by itself") + (code > 0 ? ": exit code " + code + meaning(code, memory) : ""),
                list(s.state(), lines(last(died, 3)), log),
                "the last lines before it ended tell why: " + s.name() + ".log in the bundle"));
        }).findFirst();
    }

    private static String meaning(int code, boolean memory) {
        return switch (code) {
            case 126, 127 -> " (its command cannot be run)";
            case 134 -> " (SIGABRT)";
            case 137 -> memory ? " (out of memory)" : " (SIGKILL, and no out-of-memory: someone killed it)";
            case 139 -> " (SIGSEGV)";
            default -> "";
        };
    }

    /** docker stop and docker kill tell of the signal first. */
    private static boolean onOrder(Evidence e, Evidence.Event died) {
        return e.events(died.service(), "kill")
            .stream()
            .anyMatch(k -> !k.at().isAfter(died.at()) && Duration.between(k.at(), died.at()).toSeconds() < 120);
    }

    private static final Pattern SILENT = Pattern.compile(
        "nothing answers|nothing listens in the container|closed without an answer|no answer within|starting|Connection reset");

    /** The gate's time ended while it was still coming up: it lives, never ended, and said nothing wrong. */
    static Optional<Cause> slowStart(Evidence e) {
        var begun = e.span().run() == null
            ? null
            : e.span().run().line("health", "begin").flatMap(l -> Evidence.time(l.path("at").asText())).orElse(null);
        var failed = e.span().run() == null ? null : e.span().run().line("health", "failed").orElse(null);
        var over = failed == null ? null : Evidence.time(failed.path("at").asText()).orElse(null);
        if (begun == null
            || over == null
            || e.suspect().isEmpty()
            || !SILENT.matcher(failed.path("why").asText()).find()) return Optional.empty();
        var s = e.suspect().get();
        if (!s.running()
            || s.restarts() > 0
            || !e.events(s.name(), "die").stream().filter(d -> d.at().isAfter(begun)).toList().isEmpty())
            return Optional.empty();
        boolean meanwhile = e.answer().startsWith(e.span().suspect().get() + ": healthy");
        boolean busy = !s.log().isEmpty()
            && Evidence.time(s.log().getLast().split(" ")[0]).filter(t -> t.isAfter(over.minusSeconds(10))).isPresent();
        if (!meanwhile && !busy && !s.health().equals("starting")) return Optional.empty();
        var waited = Duration.between(begun, over);
        return Optional.of(new Cause("slow start", meanwhile ? 94 : busy ? 82 : 70,
            s.name() + " was still starting when the gate's " + Console.seconds(waited) + " were over"
                + (meanwhile ? "; it is healthy now" : ""),
            list(s.state(),
                "asked from " + begun.truncatedTo(ChronoUnit.SECONDS) + " to " + over.truncatedTo(ChronoUnit.SECONDS)
                    + ": " + failed.path("why").asText(),
                e.answer(), last(s.log(), 3).stream().map(l -> s.name() + ": " + l).toList()),
            "give it longer (health.timeout in bluegreen.yaml, now " + Console.seconds(waited)
                + "), or make its start faster"));
    }

    private static final Pattern UNREACHED = Pattern.compile(
        "(?i)refused|timed? ?out|unreachable|unknown ?host|ENOTFOUND|ECONN|EAI_AGAIN|getaddrinfo|(fail\\w*|could not|cannot|unable) (to )?connect|connect\\w* (error|fail|closed|reset)"
            + "|ConnectionException|ConnectException|no route to host|not known|name resolution");

    /** A service that is neither an app nor Nginx does not run or is unhealthy, and the app says that it misses it. */
    static Optional<Cause> dependencyDown(Evidence e) {
        return e.services().values().stream().filter(s -> !s.isApp() && !s.name().equals(e.proxy())).flatMap(s -> {
            var named = Pattern.compile("(?i)" + Pattern.quote(s.name())
                + (s.name().startsWith("postgres")
                    ? "|postgres|psql|hikari|database|jdbc"
                    : s.name().startsWith("redis") ? "|jedis|lettuce" : ""));
            var died = e.events(s.name(), "die");
            boolean down = !s.running() || s.health().equals("unhealthy");
            var logged = e.logged(o -> e.suspects().contains(o),
                l -> UNREACHED.matcher(l).find() && named.matcher(l).find(), 3);
            boolean answered = e.answer().contains("not healthy")
                && Pattern.compile(
                    "(?i)\"(" + named + ")\"\\s*:\\s*(\\{[^}]*(false|error|down|fail)|\"?(false|down|fail|error))")
                    .matcher(e.answer())
                    .find();
            boolean missed = !logged.isEmpty() || answered;
            // a migration that has done its work
            boolean oneShot = !s.running() && s.exitCode() == 0 && died.isEmpty() && !missed;
            if (oneShot || !down && died.isEmpty() && !missed || !down && !missed) return Stream.empty();
            int score = down && missed ? 96 : down ? 72 : died.isEmpty() ? 58 : 85;
            return Stream.of(new Cause("dependency down", score,
                down
                    ? s.name() + " " + (s.running() ? "is unhealthy" : "does not run (" + s.status() + ")")
                        + (missed ? ", and the app needs it" : "")
                    : "the app could not reach " + s.name()
                        + (died.isEmpty() ? ", which runs" : ", which was down for a while"),
                list(s.state(), lines(last(died, 2)), answered ? e.answer() : "", logged),
                down
                    ? "see why in " + s.name() + ".log in the bundle, and start it again: a deploy does"
                    : "its address, its password and its network in the compose file"));
        }).max(Comparator.comparingInt(Cause::score));
    }

    static Optional<Cause> migrationFailed(Evidence e) {
        return e.span().why()
            .filter(w -> w.startsWith("the migration "))
            .map(w -> new Cause("migration failed", 97, w.lines().findFirst().orElseThrow(), list(w),
                "its output is in the report; correct it and deploy again: what serves was not touched"));
    }

    static Optional<Cause> anotherVersion(Evidence e) {
        return e.span().why()
            .filter(w -> w.matches("(?s).*it is (version .+|blue|green|null), not .+"))
            .map(w -> new Cause("another version", 97,
                "the image answers, but it is not what was asked for",
                list(w, e.answer(), e.suspect().map(s -> s.name() + " runs image " + s.image()).orElse("")),
                "was the right image built? Its build must bake in the build argument VERSION, and DEPLOYMENT comes from the compose file"));
    }

    static Optional<Cause> unhealthy(Evidence e) {
        var why = e.span().why().filter(w -> w.contains("HTTP ") || w.contains("not JSON"));
        if (why.isEmpty()) return Optional.empty();
        var errors = e.logged(s -> e.suspects().contains(s), contains(ERROR), 3);
        return Optional.of(new Cause("unhealthy answer", 45,
            why.get().contains("not JSON")
                ? "the app answers, but not as health.require in bluegreen.yaml asks"
                : "the app runs and says itself that it is not well",
            list(why.get(), e.answer(), errors), "its health answer and its log in the bundle"));
    }

    private static final Pattern REFUSED = Pattern.compile("connect\\(\\) failed \\(11[13]:|no live upstreams");
    /** The gate asks for a colour through Nginx until its address is known: that it fails at first is no fault. */
    private static final Pattern GATE = Pattern.compile("request: \"GET /health/(blue|green) ");

    static Optional<Cause> connectionRefused(Evidence e) {
        var errors = e.proxyErrors().stream()
            .filter(contains(REFUSED).and(contains(GATE).negate()))
            .filter(l -> Evidence.time(l.split(" ")[0]).filter(t -> t.isBefore(e.span().started())).isEmpty())
            .map(l -> "nginx: " + l.substring(l.indexOf(' ') + 1))
            .toList();
        boolean silent = e.span().why()
            .filter(w -> w.contains("nothing answers") || w.contains("not through Nginx") || w.contains(" listens "))
            .isPresent();
        if (errors.size() < 3 && !silent) return Optional.empty();
        var s = e.suspects().stream().findFirst().orElse(null);
        boolean lives = s != null && s.running() && s.restarts() == 0;
        boolean insideOnly = lives && s.health().equals("healthy") && (silent || e.answer().contains("not healthy"));
        return Optional.of(new Cause("connection refused", insideOnly ? 91 : lives ? 64 : 50,
            insideOnly
                ? s.name() + " is healthy for itself, but nobody else reaches it"
                : "Nginx found nobody at the app's address" + (errors.isEmpty() ? "" : ", " + errors.size() + " times"),
            list(s == null ? "" : s.state(), e.span().why().filter(_ -> silent).orElse(""), e.answer(),
                last(errors, 3)),
            "it must listen on 0.0.0.0 and on ports.app of bluegreen.yaml, not on 127.0.0.1"));
    }

    private static final Pattern TLS = Pattern.compile(
        "certificate has expired|CERT_HAS_EXPIRED|PKIX path|certificate verify failed|certificate_unknown|x509: |unable to verify the first certificate|self[- ]signed certificate|SSLHandshakeException|cannot load certificate|DEPTH_ZERO_SELF_SIGNED");

    static Optional<Cause> certificate(Evidence e) {
        boolean expired = e.certificate() != null && e.certificate().isBefore(e.span().to());
        var logged = new ArrayList<>(e.logged(_ -> true, contains(TLS), 3));
        // A client that hangs up in the handshake is no incident: only what Nginx says of upstreams and of its own
        // files.
        e.proxyErrors().stream()
            .filter(l -> l.contains("cannot load certificate")
                || l.contains("SSL_do_handshake() failed") && l.contains("upstream"))
            .limit(3)
            .forEach(l -> logged.add("nginx: " + l));
        if (!expired && logged.isEmpty()) return Optional.empty();
        return Optional.of(new Cause("certificate", expired ? 92 : 83,
            expired ? "Nginx's certificate ended " + e.certificate() : "a certificate is not trusted or has expired",
            list(expired ? "notAfter " + e.certificate() : "", logged),
            expired
                ? "put a new one into the volume certs, then nginx/reload.sh"
                : "renew it, or give the app the authority that signed it"));
    }

    private static final Pattern FULL = Pattern.compile(
        "No space left on device|ENOSPC|could not extend file|[Dd]isk (is )?full|Disk quota exceeded|MISCONF .*RDB");

    static Optional<Cause> diskFull(Evidence e) {
        var logged = new ArrayList<>(e.logged(_ -> true, contains(FULL), 4));
        e.proxyErrors().stream().filter(contains(FULL)).limit(2).forEach(l -> logged.add("nginx: " + l));
        e.span().why().filter(contains(FULL)).ifPresent(logged::add);
        var full = e.disks().entrySet().stream()
            .filter(d -> d.getValue() >= 0.98)
            .map(d -> "%s: %.0f %% used".formatted(d.getKey(), d.getValue() * 100))
            .toList();
        if (logged.isEmpty() && full.isEmpty()) return Optional.empty();
        return Optional.of(new Cause("disk full", logged.isEmpty() ? 66 : full.isEmpty() ? 93 : 97,
            full.isEmpty() ? "a disk is full, or was" : "the disk is full: " + String.join(", ", full),
            list(full, logged), "df -h; docker system df; then make room"));
    }

    private static Stream<Evidence.Service> suspectsFirst(Evidence e) {
        return Stream.concat(e.suspects().stream(), e.services().values().stream()).distinct();
    }

    static Predicate<String> contains(Pattern pattern) { return l -> pattern.matcher(l).find(); }

    static <T> List<T> last(List<T> all, int count) { return all.subList(Math.max(0, all.size() - count), all.size()); }

    private static List<String> lines(List<?> all) { return all.stream().map(Object::toString).toList(); }

    /** Strings and lists of them as one list; empty strings left out. */
    static List<String> list(Object... parts) {
        return Stream.of(parts)
            .flatMap(p -> p instanceof List<?> l ? l.stream().map(Object::toString) : Stream.of(p.toString()))
            .filter(s -> !s.isBlank())
            .toList();
    }
}
