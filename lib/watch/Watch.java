package lib.watch;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Death;
import lib.http.Probe;
import lib.nginx.Generation;
import lib.nginx.Nginx;
import lib.nginx.Reach;
import lib.stack.Stack;

/**
 * Watching a live colour: every two seconds its requests from the access log, probes through Nginx, and whether its
 * container still is the one that was started; judged as it goes, written to the metrics, shown.
 */
public final class Watch {
    private static final Duration EVERY = Duration.ofSeconds(2), PROBE = Duration.ofSeconds(5);
    /** What is compared with: the time before the switch. */
    private static final Duration BEFORE = Duration.ofMinutes(2);
    /**
     * So long ago at most, the requests since the switch count as well: a deploy that is resumed watches later than it
     * switched.
     */
    private static final Duration SINCE = Duration.ofSeconds(60);
    /** A version that just got its first requests is cold: compilers, caches, connections. */
    private static final Duration WARM = Duration.ofSeconds(5);
    private static final int MOST_SAMPLES = 600;
    /** Beyond the end of the watch, for an engine that did not answer all the while. */
    private static final Duration TRIES = Duration.ofSeconds(15);

    private final Stack stack;
    private final Config config;
    private final Console console;
    private final Generation serving;
    private final Optional<Instant> switched;
    private final KeptProbe kept;
    private final String run;
    private final Metrics metrics;
    private final Happenings happenings;
    private final List<CompletableFuture<Probe.Answer>> asked = new ArrayList<>();
    private boolean strict;
    private Instant from;                    // from when on requests count, past ones too
    private long opened;                     // from when on the first sample counts that is not past
    private List<Sample> samples = new ArrayList<>();
    private Routes before = new Routes();
    // never done: there is nothing to compare with
    private CompletableFuture<List<Sample>> past = new CompletableFuture<>();
    private boolean seen;                    // the requests could be read at least once
    private Optional<Traffic> traffic = Optional.empty();
    private Optional<String> cannotBegin = Optional.empty();
    private Optional<Container> container = Optional.empty();      // as it was when the watch began
    private Instant started;                 // when it must have been started at the latest, by the engine's clock

    /**
     * @param serving what the workers serve: its active colour is watched
     * @param switched when it got the traffic; empty: not known, and nothing to compare with
     * @param kept the probe that was there before the switch; it stays the caller's to close
     * @param run names the file of the metrics
     */
    public Watch(Stack stack, Console console, Generation serving, Optional<Instant> switched, KeptProbe kept,
        String run) {
        this.stack = stack;
        this.config = stack.config();
        this.console = console;
        this.serving = serving;
        this.switched = switched;
        this.kept = kept;
        this.run = run;
        this.metrics = new Metrics(config, run, console);
        this.happenings = new Happenings(stack.engine());
    }

    /** The thresholds are meant as they are said: a site that was beyond them before is not excused. */
    public Watch strictly(boolean yes) {
        strict = yes;
        return this;
    }

    /**
     * Watches, and returns what a person reads when the version may stay.
     * @throws Failure (unhealthy) when it must not: the verdict is fail, or one that the configuration takes for it
     */
    public String require(Duration length, Console.Step step) throws InterruptedException {
        var verdict = watch(length, step);
        step.fact("verdict", verdict.name());
        console.event("verdict",
            Map.of("verdict", verdict.name(), "reasons", verdict.reasons(), "active", serving.active().toString()));
        var judging = config.judging();
        return switch (verdict) {
            case Verdict.Pass _ -> verdict.text();
            case Verdict.Inconclusive _ -> doubtful(verdict, judging.rollbackInconclusive());
            case Verdict.Unwatched _ -> doubtful(verdict, judging.rollbackUnwatched());
            case Verdict.Fail _ -> throw new Failure(ExitCode.UNHEALTHY, verdict.text());
        };
    }

    private String doubtful(Verdict verdict, boolean goBack) {
        String key = "verdict." + verdict.name() + ": ";
        if (goBack)
            throw new Failure(ExitCode.UNHEALTHY, verdict.name() + ": " + verdict.text(), key + "rollback");
        console.warning(verdict.name() + ": " + verdict.reasons().getFirst() + " (" + key + "keep)");
        return verdict.name() + ", kept: " + verdict.text();
    }

    public Verdict watch(Duration length, Console.Step step) throws InterruptedException {
        var view = new LiveView(console, step, config, serving, length, run);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        Verdict verdict;
        opened = System.nanoTime();
        try {
            verdict = watch(length, threads, view);
            if (verdict instanceof Verdict.Inconclusive && !seen)
                verdict = Verdict.unwatched(trouble().orElse("nothing was read"));
        } catch (RuntimeException e) {
            verdict = Verdict.unwatched(
                "the watch broke off: " + (e instanceof Failure ? e.getMessage() : e.toString()));
        } finally {
            happenings.close();
            threads.shutdownNow();       // a probe that hangs holds up no rollback
            view.end();
        }
        metrics.end(verdict);
        return verdict;
    }

    /** Why the requests cannot be seen now. */
    private Optional<String> trouble() {
        return cannotBegin.or(() -> traffic.flatMap(Traffic::trouble).map(why -> "Nginx's log cannot be read: " + why));
    }

    /**
     * The engine is needed for it: while that does not answer, the probes watch alone, and the next sample tries again.
     */
    private void begin(ExecutorService threads) {
        if (traffic.isPresent()) return;
        try {
            var log = new Traffic(stack);
            var containers = stack.containers();
            container = Optional.ofNullable(containers.get(config.service(serving.active())));
            log.locate(containers);
            var now = Instant.now();
            var lately = switched.filter(at -> !at.isBefore(now.minus(SINCE)));
            from = lately.orElse(now);
            container.ifPresent(c -> started = lately.map(log::engineAtMost).orElse(c.started()));
            String active = serving.active().toString();
            log.follow(from, r -> r.deployment().equals(active) || r.generation() >= serving.number());
            traffic = Optional.of(log);
            cannotBegin = Optional.empty();
            happenings.again();         // what came before is to be compared with it
            switched.ifPresent(at -> past = CompletableFuture.supplyAsync(() -> lookBack(log, at), threads));
        } catch (Failure f) {
            cannotBegin = Optional.of("cannot watch: " + f.getMessage());
        }
    }

    /** Beside the watch: on a busy site it takes seconds to read. */
    private List<Sample> lookBack(Traffic log, Instant switched) {
        try {
            Instant begin = switched.minus(BEFORE), end = switched.plusSeconds(1);
            return Traffic.samples(log.before(serving.active().other(), begin, end), begin, end, serving.number() - 1);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, e.getMessage()).causedBy(e);
        }
    }

    /** Once it is read. Without it, nothing is compared. */
    private void compare() {
        if (!past.isDone()) return;
        try {
            var old = past.join();
            before = Sample.sum(old, serving.active().other());
            metrics.add(old);
        } catch (CompletionException e) {
            console.warning("the requests before the switch cannot be read: " + e.getCause().getMessage());
        }
        past = new CompletableFuture<>();
    }

    private Verdict watch(Duration length, ExecutorService threads, LiveView view) throws InterruptedException {
        long began = System.nanoTime(), end = began + length.toNanos();
        for (long last = began, counted = opened;;) {
            asked.add(CompletableFuture.supplyAsync(this::probe, threads));
            begin(threads);
            long next = last + EVERY.toNanos();
            // no last sample of a moment
            long until = last < end && end - next < EVERY.toNanos() / 2 ? end : next;
            var happened = awaitHappening(until);
            long now = System.nanoTime();
            add(counted, now, now >= end);
            compare();
            if (samples.size() > MOST_SAMPLES) samples = Sample.halved(samples);
            last = counted = now;

            var judgement = new Judgement(config.thresholds(), config.judging(), strict, serving.active(),
                switched.map(at -> at.plus(WARM)).orElse(Instant.MIN), before, samples);
            view.show(samples.getLast(), judgement, Duration.ofNanos(Math.max(0, end - now)));
            var over = happened.or(this::moved).or(judgement::early);
            if (over.isPresent()) return over.get();
            // Who has not read a single time yet tries again for a while.
            if (now >= end && (seen || now >= end + TRIES.toNanos())) return judgement.whole();
        }
    }

    private void add(long counted, long now, boolean last) {
        var probes = probes(last);
        // On a machine that is overrun even a short log takes its time, and not to have seen it may cost a rollback.
        var limit = last && !seen ? Traffic.LONGEST : Traffic.SHORT;
        var requests = traffic.map(log -> log.take(limit)).orElseGet(() -> new EnumMap<>(Colour.class));
        seen |= trouble().isEmpty();
        var sample = new Sample(Instant.now(), Math.max(0.1, Math.round((now - counted) / 1e8) / 10.0),
            serving.number(), requests, probes);
        traffic.ifPresent(log -> {
            var past = Traffic.samples(log.takePast(), from, log.began(), serving.number());
            samples.addAll(past);
            metrics.add(past);
        });
        samples.add(sample);
        metrics.add(List.of(sample));
    }

    /** What ends the watch at once; empty when its time has come. */
    private Optional<Verdict> awaitHappening(long until) throws InterruptedException {
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            boolean happened = happenings.await(Duration.ofNanos(left));
            var over = happened ? died() : Optional.<Verdict>empty();
            if (over.isPresent()) return over;
        }
        return died();
    }

    /**
     * By its own connection each, on the public port; where both colours share it, through the control port by name.
     */
    private Probe.Answer probe() {
        var reach = Reach.of(config);
        boolean shared = serving.green() % 100 != 0;
        return Probe.once(URI.create(shared
            ? "http://127.0.0.1:" + reach.control() + "/health/" + serving.active()
            : "http://" + reach.httpAddress() + ":" + reach.http() + "/health/ready"), PROBE);
    }

    /** Those that ended; at the end all, as each has its own limit. */
    private Sample.Probes probes(boolean all) {
        var expected = Probe.Expected.of(config, serving.active(), serving.version());
        var sum = kept.take();
        for (var each : List.copyOf(asked)) {
            if (!all && !each.isDone()) continue;
            asked.remove(each);
            var answer = each.join();
            var wrong = answer.wrong(expected);
            sum = sum.and(wrong.isEmpty()
                ? new Sample.Probes(1, 0, answer.took().toNanos() / 1e6, null)
                : new Sample.Probes(0, 1, 0, wrong.get()));
        }
        return sum;
    }

    /** The traffic is somewhere else. */
    private Optional<Verdict> moved() {
        return Nginx.serving(config)
            .filter(now -> now.active() != serving.active())
            .map(now -> Verdict.inconclusive(
                "the traffic was moved to " + now.active() + " (generation " + now.number() + ") meanwhile"));
    }

    /** What ends the watch whatever the requests say: the container died. Looked at when something has happened. */
    private Optional<Verdict> died() {
        try {
            return happenings.any() ? died(stack.containers()) : Optional.empty();
        } catch (Failure f) {
            happenings.again();
            return Optional.empty();        // an engine that does not answer for a moment; probes and the log go on
        }
    }

    private Optional<Verdict> died(Map<String, Container> containers) {
        traffic.ifPresent(log -> log.locate(containers));
        var now = container.map(Container::service).map(containers::get);
        if (now.isEmpty()) return Optional.empty();
        var c = now.get();
        if (!c.id().equals(container.get().id()))
            return Optional.of(Verdict.inconclusive(c.service() + " was replaced by another container meanwhile"));
        if (c.running() && !c.started().isAfter(started)) return Optional.empty();
        String how = Death.of(stack.engine(), c, started) + (c.running() ? " and was restarted" : "");
        return Optional.of(Verdict.fail(c.service() + " " + how));
    }
}
