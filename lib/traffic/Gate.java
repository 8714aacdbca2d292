package lib.traffic;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.ContainerSecrets;
import lib.docker.Life;
import lib.docker.Listening;
import lib.http.Probe;
import lib.journal.KeptLogs;
import lib.nginx.Reach;
import lib.stack.Stack;

/**
 * What a colour must pass before it gets traffic: healthy on its own port, and through Nginx by the name it routes to.
 */
public record Gate(Stack stack, Colour colour, Version version) {

    /** How it came out: healthy, with the colour's own last answer, or why not. */
    public sealed interface Outcome {
        record Passed(Probe.Answer answer) implements Outcome {}
        record Failed(String why) implements Outcome {}
    }

    /** Nginx learns an address within its resolver's time, 1 to 2 s: what is longer is told, and at last given up. */
    private static final Duration NGINX_LEARNS = Duration.ofSeconds(2), NGINX_FAILS = Duration.ofSeconds(15);
    /** Fewer answers say nothing of a version that dies a moment after its start. */
    private static final int ANSWERS = 3;
    private static final String NOT_THROUGH_NGINX = "healthy on its own port, but not through Nginx: ";

    /**
     * Asks until every answer of {@code health.stable} was healthy and Nginx reaches this very container, or
     * {@code limit}, or its container ended for good; {@code seen} gets the reason of each answer that is not good.
     */
    public Outcome await(Duration limit, Consumer<String> seen) throws InterruptedException {
        var life = stack.container(colour).map(c -> new Life(stack.engine(), c));
        if (life.isEmpty()) return new Outcome.Failed(colour + " has no container");
        var refused = new Refused();
        var stable = config().health().stable();
        int answers = stable.isZero() ? 1 : ANSWERS;
        long began = System.nanoTime(), deadline = began + limit.toNanos(), since = 0;
        boolean answered = false, reached = false;
        Instant runs = null;
        for (int good = 0;;) {
            var own = Probe.once(ownPort(), until(deadline, Duration.ofSeconds(10)));
            var alive = life.get().look();
            if (alive.ended().isPresent()) return new Outcome.Failed(alive.ended().get());
            var wrong = own.wrong(expected());
            if (wrong.isPresent() || !alive.started().equals(runs)) good = 0;
            if (wrong.isEmpty()) {
                if (!answered) deadline = Math.max(deadline, System.nanoTime() + NGINX_FAILS.toNanos());
                answered = true;
                if (good++ == 0) since = System.nanoTime();
                runs = alive.started();
                wrong = notThroughNginx(Duration.ofSeconds(5), itself(alive));
                if (wrong.isPresent() && reached) good = 0;         // it had learnt the address
                reached |= wrong.isEmpty();
            }
            var steady = Duration.ofNanos(System.nanoTime() - since);
            boolean stood = good >= answers && steady.compareTo(stable) >= 0;
            if (stood && wrong.isEmpty()) return new Outcome.Passed(own);
            var pause = stood
                ? SOON
                : good > 0 ? between(stable) : pause(Duration.ofNanos(System.nanoTime() - began));
            boolean over = System.nanoTime() + pause.toNanos() >= deadline;
            if (wrong.isPresent() && (over || good == 0 || steady.compareTo(NGINX_LEARNS) > 0)) {
                String reason = (over ? life.get().diedSoFar() : Optional.<String>empty())
                    .orElse(refused.explained(own, wrong.get(), over));
                seen.accept(reason);
                if (over) return new Outcome.Failed(reason);
            }
            Thread.sleep(pause);
        }
    }

    /** Between two questions where the answer may come at any moment. */
    private static final Duration SOON = Duration.ofMillis(100);

    private static Duration between(Duration stable) {
        return Duration.ofMillis(Math.clamp(stable.toMillis() / (ANSWERS - 1), SOON.toMillis(), 1000));
    }

    /**
     * A tenth of the wait so far, so that what comes is seen hardly later: 0.1 s at first, 5 s at most, each ± 20 % so
     * that many deployers do not ask in step.
     */
    private static Duration pause(Duration waited) {
        long tenth = Math.clamp(waited.toMillis() / 10, SOON.toMillis(), 5_000);
        return Duration.ofMillis((long) (tenth * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }

    /**
     * A connection that nobody takes: the kernel's table in the container tells why, looked at every 10 s and at the
     * end.
     */
    private final class Refused {
        private long lookAt = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        private Optional<String> found = Optional.empty();

        String explained(Probe.Answer own, String wrong, boolean last) {
            if (!own.refused()) return wrong;
            if (last || System.nanoTime() >= lookAt) {
                var containers = stack.containers();
                var app = Optional.ofNullable(containers.get(config().service(colour))).filter(Container::running);
                var nginx = Optional.ofNullable(containers.get(config().nginxService()));
                found = app.flatMap(a -> nginx.flatMap(n -> Listening.wrong(config(), stack.engine(), a, n)));
                lookAt = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            }
            return found.orElse(wrong);
        }
    }

    /** For {@link #now}: an app that pauses for its garbage is asked again, one that hangs is not waited for long. */
    private static final Duration AGAIN = Duration.ofMillis(250);

    /**
     * Does it pass now? One healthy answer on its own port and one through Nginx; asked again for up to 6 s in all.
     * Returns what is wrong; empty: it passes.
     */
    public Optional<String> now() {
        for (long deadline = System.nanoTime() + stack.patience().toNanos();; Interruption.pause(AGAIN.toMillis())) {
            var wrong = once(deadline);
            if (wrong.isEmpty() || System.nanoTime() + AGAIN.toNanos() >= deadline) return wrong;
        }
    }

    /** Whether it gives good answers through Nginx, whatever else is asked of them. */
    public boolean answers() { return Probe.once(throughNginx(), stack.patience().dividedBy(2)).good(); }

    private Optional<String> once(long deadline) {
        return Probe.once(ownPort(), until(deadline, stack.patience().dividedBy(2)))
            .wrong(expected())
            .or(() -> notThroughNginx(until(deadline, stack.patience().dividedBy(2)), _ -> true));
    }

    /**
     * Through Nginx by the name it routes to; empty: it is well.
     * @param itself whether an ADDRESS:PORT is the colour's
     */
    private Optional<String> notThroughNginx(Duration limit, Predicate<String> itself) {
        var answer = Probe.once(throughNginx(), limit);
        return answer.wrong(expected())
            .or(() -> answer.upstream().filter(itself.negate()).map(asked -> "it still asks " + asked))
            .map(NOT_THROUGH_NGINX::concat);
    }

    /** Where the container had a new start, the address that Nginx knows may be another one's by now. */
    private static Predicate<String> itself(Life.Seen alive) {
        return asked -> alive.addresses().stream().anyMatch(own -> asked.startsWith(own + ":"));
    }

    /** In less time a busy machine answers nothing, and the last answer would hide the reason. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private static Duration until(long deadline, Duration atMost) {
        var left = Duration.ofNanos(deadline - System.nanoTime());
        if (left.compareTo(SHORTEST) < 0) return SHORTEST;
        return left.compareTo(atMost) < 0 ? left : atMost;
    }

    private Probe.Expected expected() { return Probe.Expected.of(config(), colour, version); }
    private URI ownPort() { return URI.create(Reach.healthUrl(config(), colour)); }
    private URI throughNginx() {
        return URI.create("http://127.0.0.1:" + Reach.of(config()).control() + "/health/" + colour);
    }
    private Config config() { return stack.config(); }

    /**
     * The step "health" of a colour that was just started. Not passed: its log is kept where the next start does not
     * lose it, and its last lines are told. {@code meanwhile}: what serves meanwhile.
     */
    public String require(Console.Step step, String meanwhile) throws InterruptedException {
        step.limit(config().health().timeout()).progress(ownPort().toString());
        return switch (await(config().health().timeout(), step::note)) {
            case Outcome.Passed(var answer) -> {
                step.fact("answer", answer.summary());
                yield answer.summary() + doubt(answer);
            }
            case Outcome.Failed(String why) -> throw failed(why, meanwhile);
        };
    }

    /** Where nobody asks for the version, and the app tells one. */
    private String doubt(Probe.Answer answer) {
        boolean other = answer.version() != null && version.isKnown() && !version.is(answer.version());
        return other ? ", not " + version + ": health.require: [status, version] would stop here" : "";
    }

    private Failure failed(String why, String meanwhile) {
        var log = stack.container(colour)
            .map(c -> ContainerSecrets.redaction(config(), stack.engine()).apply(log(c)))
            .orElse("");
        var tail = log.lines().toList();
        String last = tail.isEmpty()
            ? "its log is empty"
            : "the last lines of its log:\n"
                + String.join("\n", tail.subList(Math.max(0, tail.size() - 10), tail.size()));
        return new Failure(ExitCode.FAILED, colour + " never got healthy: " + why,
            last + "\n" + (why.contains(Probe.OTHER_VERSION) ? ITS_VERSION + "\n" : "") + meanwhile,
            tail.isEmpty() ? "incident   tells why" : "incident   tells why   or   " + kept(log));
    }

    private static final String ITS_VERSION = """
        What it says is in its image. Built here, VERSION is given: the Dockerfile keeps it by "ARG VERSION" and
        "ENV APP_VERSION=$VERSION", and the app answers with that. Built elsewhere: docker build --build-arg VERSION=...
        An app that cannot say it: health.require: [status, deployment]""";

    /** The command that shows the kept log. */
    private String kept(String log) {
        try {
            return "less " + KeptLogs.write(config(), colour + version.name().map("-"::concat).orElse(""), log);
        } catch (IOException e) {
            return "docker logs " + stack.nameOf(config().service(colour)) + "   (its log could not be kept: " + e
                + ")";
        }
    }

    /** One that cannot be read hides no reason. */
    private String log(Container app) {
        try {
            return stack.engine().logs(app.id(), 2000).stream().map(line -> line + "\n").collect(Collectors.joining());
        } catch (Failure f) {
            return f.whatAndWhy();
        }
    }
}
