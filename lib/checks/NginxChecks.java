package lib.checks;

import static lib.checks.Check.fail;
import static lib.checks.Check.pass;
import static lib.checks.Check.skip;
import static lib.checks.Check.warn;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lib.checks.Check.Outcome;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.http.Connection;
import lib.nginx.Nginx;
import lib.nginx.NginxSettings;
import lib.nginx.Reach;
import lib.stack.NginxFolder;

/** Nginx as it runs: the traps that lose requests although everything looks well. */
final class NginxChecks {
    static final List<Check> ALL = List.of(new Check("nginx folder", NginxChecks::folder),
        new Check("nginx syntax", NginxChecks::syntax), new Check("nginx version", NginxChecks::version),
        new Check("nginx reload", NginxChecks::reload), new Check("nginx mounts", NginxChecks::mounts),
        new Check("upstreams", NginxChecks::upstreams),
        new Check("keep-alive", NginxChecks::keepAlive), new Check("reuseport", NginxChecks::reuseport),
        new Check("settings", NginxChecks::settings), new Check("certificate", NginxChecks::certificate));

    private NginxChecks() {}

    /** Docker makes an empty one of a folder that is not there, and Nginx then restarts in a loop. */
    private static Outcome folder(Facts facts) {
        var folder = facts.config.nginxFolder();
        if (facts.stack.engine().isRemote()) return pass(folder + " on the engine's machine, as Nginx reads it there");
        return NginxFolder.wrong(facts.config)
            .map(wrong -> fail(wrong, NginxFolder.fix(facts.config)))
            .orElseGet(() -> pass(folder.toString()));
    }

    /** What is mounted now, as the next reload would take it. */
    private static Outcome syntax(Facts facts) {
        var said = facts.exec(facts.nginx(), "sh", "/etc/nginx/bluegreen/reload.sh", "check");
        if (said.ok()) return pass("nginx -t accepts the mounted configuration");
        return fail(
            said.err().lines()
                .filter(l -> l.contains("emerg"))
                .findFirst()
                .orElse(said.last())
                .replaceFirst("^nginx: ", ""),
            "correct it in " + facts.config.nginxFolder() + "; what runs is untouched");
    }

    /** What the next deploy would take over, as it would be refused then. */
    private static Outcome settings(Facts facts) {
        try {
            var wanted = NginxSettings.of(facts.config);
            var nginx = new Nginx(facts.config, facts.stack.engine(), facts.nginx());
            var differ = wanted.differences(facts.config);
            if (differ.isEmpty()) return pass("Nginx runs what proxy: tls: and redirect: say");
            nginx.require(wanted);
            return warn(String.join("; ", differ), "the next deploy takes it over, and now: switch --settings");
        } catch (Failure f) {
            return fail(f.whatAndWhy(), f.next().orElse("correct proxy: or tls: in bluegreen.yaml"));
        }
    }

    /** keepalive_min_timeout came with 1.27.4. */
    private static Outcome version(Facts facts) {
        String said = facts.exec(facts.nginx(), "nginx", "-v").err().strip();
        String version = said.replaceFirst("(?s).*nginx/(\\d+\\.\\d+\\.\\d+).*", "$1");
        if (!version.matches("[\\d.]+")) return warn("no version number in: " + said);
        if (Version.parse(version).compareTo(Version.parse("1.27.4")) >= 0) return pass(version);
        return forReload(facts, version + " is older than 1.27.4: a reload resets requests on idle connections",
            "image: nginx:1.30 or newer in the compose file");
    }

    /**
     * Old workers must answer once more on idle connections, and live longer than that and than the longest request.
     */
    private static Outcome reload(Facts facts) {
        var nginx = facts.nginxConfig();
        var idle = nginx.longest("keepalive_min_timeout", Duration.ZERO);
        var shutdown = nginx.longest("worker_shutdown_timeout", Duration.ZERO);
        var read = nginx.longest("proxy_read_timeout", Duration.ofSeconds(60));
        if (idle.isZero())
            return forReload(facts, "keepalive_min_timeout is not set: a reload resets requests on idle connections",
                "keepalive_min_timeout 10s; in nginx.conf, then: " + reloading(facts));
        if (shutdown.isZero())
            return forReload(facts, "worker_shutdown_timeout is not set: old workers with websockets never end",
                "worker_shutdown_timeout 90s; in nginx.conf, then: " + reloading(facts));
        for (var other : List.of(idle, read))
            if (shutdown.compareTo(other) <= 0)
                return forReload(facts,
                    "worker_shutdown_timeout (" + Console.seconds(shutdown) + ") is not above "
                        + (other == idle ? "keepalive_min_timeout (" : "proxy_read_timeout (") + Console.seconds(other)
                        + "): a reload cuts requests",
                    "worker_shutdown_timeout " + (other.toSeconds() + 30) + "s; in nginx.conf, then: "
                        + reloading(facts));
        return pass("keepalive_min_timeout " + Console.seconds(idle) + ", worker_shutdown_timeout "
            + Console.seconds(shutdown));
    }

    /** Whoever switches by reload is hit at each deploy, others only with their next certificate. */
    private static Outcome forReload(Facts facts, String reason, String fix) {
        return facts.config.switching() == Way.RELOAD ? fail(reason, fix) : warn(reason, fix);
    }

    private static String reloading(Facts facts) {
        return "docker exec " + facts.config.composeProject() + "-" + facts.config.nginxService()
            + "-1 sh /etc/nginx/bluegreen/reload.sh";
    }

    /** A rename puts a new file in the folder; the mount stays on the old inode, for ever. */
    private static Outcome mounts(Facts facts) throws IOException {
        var single = new ArrayList<String>();
        for (var volume : facts.service(facts.config.nginxService()).path("volumes")) {
            if (!volume.path("type").asText().equals("bind")) continue;
            Path source = Path.of(volume.path("source").asText());
            String target = volume.path("target").asText();
            // The engine may be elsewhere: then only the container knows.
            boolean file = Files.exists(source)
                ? Files.isRegularFile(source)
                : facts.exec(facts.nginx(), "test", "-f", target).ok();
            if (file) single.add(target);
        }
        if (single.isEmpty()) return pass("folders only");
        return fail("a single file is mounted: " + String.join(", ", single) + "; Nginx would not see it change",
            "mount its folder instead, in the compose file");
    }

    private static Outcome upstreams(Facts facts) {
        var config = facts.nginxConfig();
        var bound = new ArrayList<String>();
        for (var upstream : config.all("upstream"))
            for (var server : upstream.block())
                if (server.name().equals("server") && isName(server.first()) && !server.arguments().contains("resolve"))
                    bound.add(server.first() + " in " + upstream.first());
        if (!bound.isEmpty())
            return fail(
                "without resolve: " + String.join(", ", bound) + "; Nginx keeps the address it had at its start",
                "server NAME:PORT resolve; with a zone in the upstream, and resolver 127.0.0.11");
        return pass(config.all("upstream").size() + " follow their containers' addresses");
    }

    static boolean isName(String server) {
        return !server.startsWith("unix:") && !server.startsWith("[") && !server.matches("[0-9.]+(:\\d+)?");
    }

    /**
     * The app must hold an idle connection longer than Nginx does, else a POST meets one just closed: 502. Seen by
     * holding one, to the app itself.
     */
    private static Outcome keepAlive(Facts facts) {
        var colour = Stream.of(Colour.values()).filter(c -> facts.running(c).isPresent()).findFirst();
        if (colour.isEmpty()) return skip("no colour runs yet");
        var upstreams = facts.nginxConfig().all("upstream");
        // 60 s is Nginx's default for an upstream.
        var nginx = upstreams.stream()
            .map(u -> u.own("keepalive_timeout").map(d -> NginxConfig.time(d.first())).orElse(Duration.ofSeconds(60)))
            .max(Duration::compareTo)
            .orElse(Duration.ofSeconds(60));
        return holds(colour.get().toString(), Reach.of(facts.config).of(colour.get()), facts.config.health().path(),
            nginx, facts.left());
    }

    /** @param nginx how long Nginx keeps an idle connection; @param left how long there is to look */
    static Outcome holds(String app, int port, String path, Duration nginx, Duration left) {
        var held = nginx.plusSeconds(1);
        String fix = "a longer idle time in the app (gunicorn: --keep-alive 75, Node: server.keepAliveTimeout); or a"
            + " shorter keepalive_timeout in upstream.conf, after init --eject";
        var limit = left.compareTo(ANSWER) < 0 ? left : ANSWER;
        try (var connection = new Connection("127.0.0.1", port, limit)) {
            var answer = connection.get(path);
            if (answer.closes())
                return warn(app + " ends each connection after one answer",
                    "turn on keep-alive in the app: each request costs a connection now");
            String says = answer.headers().getOrDefault("keep-alive", "").replaceFirst(".*timeout=(\\d{1,6}).*", "$1");
            if (says.matches("\\d+") && Long.parseLong(says) * 1000 <= nginx.toMillis())
                return fail(app + " says it closes an idle connection after " + says + " s, Nginx only after "
                    + Console.seconds(nginx) + ": 502 on POST", fix);
            var wait = left.compareTo(held) < 0 ? left : held;
            var closed = closesWithin(connection, wait);
            if (closed.filter(after -> after.compareTo(held) < 0).isPresent())
                return fail(
                    app + " closed an idle connection after " + Console.seconds(closed.get()) + ", Nginx keeps it "
                        + Console.seconds(nginx) + ": 502 on POST",
                    fix);
            if (wait.compareTo(held) < 0)
                return warn(
                    "Nginx keeps an idle connection " + Console.seconds(nginx) + "; " + app + " held it for the "
                        + Console.seconds(wait) + " that were waited",
                    "validate --timeout " + (held.toSeconds() + 3)
                        + "s   looks to the end");
            return pass(app + " holds an idle connection longer than Nginx's " + Console.seconds(nginx));
        } catch (IOException e) {
            String why = e instanceof SocketTimeoutException
                ? "no answer within " + Console.seconds(limit)
                : e.getMessage();
            return fail(app + " does not answer on its own port " + port + ": " + why,
                "see what it waits for: status, and the log of its container");
        }
    }
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** When the other end closed; empty: it did not. */
    private static Optional<Duration> closesWithin(Connection connection, Duration wait) throws IOException {
        long began = System.nanoTime();
        connection.socket().setSoTimeout(Math.max(1, (int) wait.toMillis()));
        try {
            boolean closed = connection.socket().getInputStream().read() < 0;
            return closed ? Optional.of(Duration.ofNanos(System.nanoTime() - began)) : Optional.empty();
        } catch (SocketTimeoutException stillOpen) {
            return Optional.empty();
        }
    }

    private static Outcome reuseport(Facts facts) {
        var listens = facts.nginxConfig()
            .all("listen")
            .stream()
            .filter(l -> l.arguments().contains("reuseport") || l.arguments().contains("quic"))
            .map(l -> String.join(" ", l.arguments()))
            .toList();
        return listens.isEmpty()
            ? pass("neither reuseport nor quic")
            : forReload(facts, "listen " + String.join(", ", listens) + ": a reload drops queued connections",
                "take reuseport and quic out of the listen lines, or switch by switching: instant");
    }

    private static Outcome certificate(Facts facts) throws CertificateException {
        var nginx = facts.nginx();
        var files = facts.nginxConfig()
            .all("ssl_certificate")
            .stream()
            .map(NginxConfig.Directive::first)
            .filter(f -> !f.contains("$"))
            .map(f -> f.startsWith("/") ? f : "/run/bluegreen/live/" + f)
            .distinct()
            .toList();
        if (files.isEmpty()) return skip("no ssl_certificate in the configuration");
        X509Certificate first = null;
        for (String file : files) {
            var said = facts.exec(nginx, "cat", file);
            if (!said.ok()) return fail("cannot read " + file + ": " + said.last());
            var certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(said.out().getBytes(StandardCharsets.US_ASCII)));
            if (first == null || certificate.getNotAfter().before(first.getNotAfter())) first = certificate;
        }
        return valid(first, Instant.now(), renewing(facts));
    }

    private static String renewing(Facts facts) {
        return facts.config.proxy().certificate().isPresent()
            ? "renew tls.certificate and tls.key, then: switch --settings"
            : "put the renewed one into /etc/nginx/certs, then: " + reloading(facts);
    }

    private static Outcome valid(X509Certificate certificate, Instant now, String fix) {
        var until = certificate.getNotAfter().toInstant();
        long days = ChronoUnit.DAYS.between(now, until);
        if (until.isBefore(now)) return fail("expired " + until.truncatedTo(ChronoUnit.SECONDS), fix);
        if (certificate.getNotBefore().toInstant().isAfter(now))
            return fail("not valid before " + certificate.getNotBefore().toInstant(), fix);
        if (days < 14) return warn("expires in " + days + " days", fix);
        return pass(days + " days left"
            + (certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                ? ", self-signed"
                : ""));
    }
}
