package lib.checks;

import static lib.checks.Check.fail;
import static lib.checks.Check.pass;
import static lib.checks.Check.skip;
import static lib.checks.Check.warn;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.checks.Check.Outcome;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.References;
import lib.http.Probe;
import lib.journal.Journal;
import lib.nginx.Reach;
import lib.process.Command;
import lib.stack.NginxDrift;
import lib.state.Killed;
import lib.state.Observed;
import lib.traffic.Rollback;

/** The compose files, what runs of them, and the services that the app needs. */
final class StackChecks {
    static final List<Check> ALL = List.of(new Check("compose", StackChecks::compose),
        new Check("networks", Networks::check),
        new Check("workers", StackChecks::workers),
        new Check("health", StackChecks::health), new Check("redis", StackChecks::redis),
        new Check("postgres", StackChecks::postgres),
        new Check("stop grace", StackChecks::stopGrace), new Check("stop signal", StackChecks::stopSignal),
        new Check("drift", StackChecks::drift),
        new Check("nginx drift", StackChecks::nginxDrift),
        new Check("rollback", StackChecks::rollback));

    private StackChecks() {}

    private static Outcome compose(Facts facts) {
        var config = facts.config;
        var services = new ArrayList<String>();
        facts.compose().path("services").fieldNames().forEachRemaining(services::add);
        var missing = config.services().stream().filter(s -> !services.contains(s)).toList();
        return missing.isEmpty()
            ? pass(String.join(", ", services))
            : fail("no service " + String.join(", ", missing) + "; there are " + String.join(", ", services),
                "services: and follow: in bluegreen.yaml name them");
    }

    private static Outcome workers(Facts facts) {
        var down = facts.nginxDown();
        if (down.isPresent()) return nginxDown(facts, down.get());
        var serving = facts.serving();
        if (serving.active() == null)
            return fail("the workers have no generation: whatever is alive serves", "switch blue   or   switch green");
        if (!facts.aColourRuns()) return skip("no colour runs yet");
        if (facts.running(serving.active()).isEmpty())
            return fail(serving.active() + " has the traffic but does not run", "switch " + serving.active().other()
                + ", or start it: docker start " + facts.stack.nameOf(facts.config.service(serving.active())));
        return pass("generation " + serving.number() + ": " + serving.active()
            + serving.version().spaced()
            + (serving.backed() ? ", failover is armed" : ""));
    }

    /** Stopped, it is started by the next deploy; ended by an error of its own, it would only end again. */
    private static Outcome nginxDown(Facts facts, Failure down) {
        if (facts.containers().isEmpty()) return skip("nothing runs yet");
        String reason = down.getMessage() + ": " + down.why().orElseThrow().replace("\n", " ");
        String next = down.next().orElseThrow();
        return next.matches("(deploy|docker start) .*") ? warn(reason, next) : fail(reason, next);
    }

    /** The public port, as users have it. The best of three, after one to warm up: the other checks run now as well. */
    private static Outcome health(Facts facts) {
        var config = facts.config;
        var serving = facts.serving();
        if (!facts.aColourRuns() || serving.active() == null) return skip("no colour serves yet");
        var expected = serving.green() % 100 == 0
            ? Probe.Expected.of(config, serving.active(), serving.version())
            : Probe.Expected.ofAny(config.health().require().contains("status"));
        var url = URI.create(
            "http://" + Reach.of(config).httpAddress() + ":" + Reach.of(config).http() + "/health/ready");
        var answers = new ArrayList<Probe.Answer>();
        for (int i = 0; i < 4; i++) {
            answers.add(Probe.once(url, Duration.ofSeconds(2)));
            var wrong = answers.getLast().wrong(expected);
            if (wrong.isPresent())
                return fail(wrong.get(), "docker logs " + facts.stack.nameOf(config.service(serving.active())));
        }
        var best = answers.stream().skip(1).min(Comparator.comparing(Probe.Answer::took)).orElseThrow();
        var limit = config.thresholds().latency();
        return best.took().compareTo(limit) <= 0
            ? pass(best.summary())
            : warn(best.summary() + ", slower than " + Console.seconds(limit),
                "see what it waits for, or set thresholds.latency");
    }

    private static Outcome redis(Facts facts) {
        return connects(facts, "REDIS_URL", "6379", (s, in) -> s.redisPing(facts, in), "PONG");
    }
    private static Outcome postgres(Facts facts) {
        return connects(facts, "DATABASE_URL", "5432", (s, in) -> s.postgresSelect(facts, in), "1");
    }

    /** As the app would: by the name, over its network, with its password. */
    private static Outcome connects(Facts facts, String variable, String port,
        BiFunction<Service, Container, Command.Result> asked, String answer) {
        String url = environment(facts).getOrDefault(variable, "");
        if (url.contains(References.UNREAD)) url = given(facts, variable);
        if (url.contains(References.UNREAD)) return skip(variable + " is by reference: a deploy reads it");
        if (url.isEmpty()) return skip("the app has no " + variable);
        var parsed = Service.parse(url, port);
        if (parsed.isEmpty())
            return warn(variable + " is not a URL that is understood here", "SCHEME://USER:PASSWORD@HOST:PORT/NAME");
        var service = parsed.get();
        if (variable.equals("DATABASE_URL") && !service.scheme().startsWith("postgres"))
            return skip(service.scheme() + " is not PostgreSQL");
        var named = serviceOf(facts, service.host());
        if (named.isEmpty()) return skip(service.host() + " is not in the compose files: the app's health tells of it");
        var container = facts.containers().get(named.get());
        if (container == null || !container.running()) {
            if (!facts.aColourRuns())
                return skip(facts.containers().isEmpty() ? "nothing runs yet" : named.get() + " does not run yet");
            return fail(named.get() + (container == null ? " has no container" : " is " + container.status()),
                "docker logs " + facts.stack.nameOf(named.get()));
        }
        var said = asked.apply(service, container);
        boolean good = said.ok() && said.out().lines().anyMatch(answer::equals);
        if (good)
            return pass(answer.equals("1")
                ? "SELECT 1 as " + service.user() + " at " + service.host()
                : answer + " from " + service.host());
        return fail(
            said.err().isBlank() && said.out().isBlank()
                ? "no answer from " + service.host()
                : said.last().replaceFirst(".*FATAL: +|^psql: error: ", ""),
            variable + " of the app in the compose files, and docker logs " + facts.stack.nameOf(named.get()));
    }

    /** Of the app: both colours have the same but for their names. */
    private static Map<String, String> environment(Facts facts) {
        return facts.service(facts.config.blueService())
            .path("environment")
            .properties()
            .stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().asText()));
    }

    /** What a colour was started with: what is by reference was read then. */
    private static String given(Facts facts, String variable) {
        return Stream.of(Colour.values())
            .flatMap(colour -> facts.running(colour).stream())
            .map(c -> c.environment().getOrDefault(variable, ""))
            .findFirst()
            .orElse(References.UNREAD);
    }

    /** A host name is a service's name, its alias on a network, or its container's name. */
    private static Optional<String> serviceOf(Facts facts, String host) {
        return facts.compose()
            .path("services")
            .properties()
            .stream()
            .filter(e -> e.getKey().equals(host)
                || e.getValue().path("container_name").asText().equals(host)
                || e.getValue().path("hostname").asText().equals(host)
                || stream(e.getValue().path("networks"))
                    .flatMap(n -> stream(n.path("aliases")))
                    .anyMatch(a -> a.asText().equals(host)))
            .map(Map.Entry::getKey)
            .findFirst();
    }
    private static Stream<JsonNode> stream(JsonNode n) { return n.valueStream(); }

    /** Docker kills at the end of the grace, whatever is in flight. */
    private static Outcome stopGrace(Facts facts) {
        var config = facts.config;
        String text = facts.service(config.blueService()).path("stop_grace_period").asText("10s");
        if (!text.matches("(\\d+h)?(\\d+m)?(\\d+s)?")) return skip("stop_grace_period is " + text);
        var grace = Config.duration(text);
        var app = environment(facts);
        if (app.getOrDefault("SHUTDOWN_LIMIT", "").matches("\\d{1,6}")) {
            var needs = Duration.ofSeconds(
                Long.parseLong(app.get("SHUTDOWN_LIMIT")) + (app.getOrDefault("SHUTDOWN_SETTLE", "").matches("\\d{1,6}")
                    ? Long.parseLong(app.get("SHUTDOWN_SETTLE"))
                    : 2));
            if (grace.compareTo(needs) <= 0)
                return fail(
                    "Docker kills the app after " + Console.seconds(grace) + ", it may need " + Console.seconds(needs)
                        + " (SHUTDOWN_SETTLE + SHUTDOWN_LIMIT)",
                    "stop_grace_period: " + (needs.toSeconds() + 8) + "s in the compose file");
        }
        if (grace.compareTo(config.drain()) < 0)
            return warn(
                "Docker kills the app after " + Console.seconds(grace) + ", requests may take up to drain: "
                    + Console.seconds(config.drain()),
                "stop_grace_period: " + (config.drain().toSeconds() + 10) + "s in the compose file");
        return pass(Console.seconds(grace));
    }

    /** As the last stop of a colour showed; before the first one nobody knows. */
    private static Outcome stopSignal(Facts facts) {
        var runs = Journal.runs(facts.config);
        if (runs.stream().noneMatch(run -> run.did("stop"))) return pass("no colour was stopped yet");
        return Killed.last(runs)
            .map(k -> warn(k.service() + " did not stop on SIGTERM " + Console.seconds(k.ago()) + " ago: killed after "
                + k.seconds() + " s, with what it was answering", Killed.FIX))
            .orElseGet(() -> pass("the app ended by itself when it was last stopped"));
    }

    /** A deploy never recreates a shared service: what changed in the compose files does not come by itself. */
    private static Outcome drift(Facts facts) {
        facts.compose();        // it tells why, if compose refuses the files
        if (facts.containers().isEmpty()) return skip("nothing runs yet");
        var hashes = facts.stack.compose(facts.left(), "config", "--hash", "*");
        if (!hashes.ok()) return fail("docker compose config --hash: " + hashes.last());
        var changed = hashes.out().lines()
            .map(l -> l.split(" "))
            .filter(f -> f.length == 2)
            .filter(f -> facts.containers().get(f[0]) instanceof Container c
                && !f[1].equals(c.labels().get("com.docker.compose.config-hash")))
            .map(f -> f[0])
            // nobody knows before it is read
            .filter(s -> !facts.service(s).toString().contains(References.UNREAD))
            .toList();
        var config = facts.config;
        var shared = changed.stream()
            .filter(s -> s.equals(config.nginxService()) || !config.services().contains(s))
            .toList();
        if (!shared.isEmpty())
            return warn(String.join(", ", shared) + ": started from other compose files or variables than these",
                "when an interruption is all right: " + facts
                    .stack.composing(Stream.concat(Stream.of("up", "--detach", "--no-deps"), shared.stream())
                        .toArray(String[]::new)));
        return pass(changed.isEmpty()
            ? "what runs is what the compose files say"
            : String.join(", ", changed) + " will get the changed compose files with the next deploy");
    }

    /** What a switch could not be confirmed by, or a candidate would wait for in vain. */
    private static Outcome nginxDrift(Facts facts) {
        facts.nginx();          // it skips, when there is nothing to compare
        var differences = facts.drift();
        if (differences.isEmpty()) return pass("ports, folder and variables are as configured");
        String text = NginxDrift.text(differences);
        return NginxDrift.worst(differences) == NginxDrift.Stops.NOTHING
            ? warn(text)
            : fail(text, back(facts, differences));
    }

    private static String back(Facts facts, List<NginxDrift.Difference> differences) {
        String back = String.join(" ", differences.stream().map(NginxDrift.Difference::back).distinct().toList());
        boolean ofNginx = differences.stream().anyMatch(NginxDrift.Difference::ofNginx);
        return "set it back: " + back
            + (ofNginx ? "; or, when an interruption is all right: " + NginxDrift.recreating(facts.stack) : "");
    }

    /** Whether there is a way back now. */
    private static Outcome rollback(Facts facts) {
        var observed = Observed.of(facts.stack, facts.serving(), facts.containers());
        if (observed.active().isEmpty()) return skip("nothing was deployed before what serves");
        var back = Rollback.of(observed);
        return back instanceof Rollback.Impossible
            ? warn(back.text(), "deploy   puts a version there that can be gone back to")
            : pass(back.text());
    }
}
