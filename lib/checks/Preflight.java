package lib.checks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lib.checks.Check.Outcome;
import lib.core.Console;
import lib.core.Failure;

/** All checks at the same time, and the table of what they found. */
public record Preflight(List<Check.Result> results) {

    public static List<Check> checks() {
        return Stream.of(HostChecks.ALL, StackChecks.ALL, NginxChecks.ALL).flatMap(List::stream).toList();
    }

    /** Every check, as a step. */
    public static Preflight of(Facts facts, Console console) throws InterruptedException {
        var step = console.step("checks");
        try (facts) {
            var found = run(checks(), facts, facts.limit, step::progress);
            if (found.failed() > 0) step.fail(found.summary());
            else step.done(found.summary());
            return found;
        }
    }

    /** What one check came to; {@code failure}: by what it broke off. */
    private record Raw(Check check, Outcome outcome, Optional<Failure> failure, Duration took) {}

    /** @param limit of each check: one that takes longer fails; {@code progress}: "12 of 24" */
    public static Preflight run(List<Check> checks, Facts facts, Duration limit, Consumer<String> progress)
        throws InterruptedException {
        var ended = new AtomicInteger();
        var tasks = checks.stream().<Callable<Raw>>map(check -> () -> {
            var raw = look(check, facts);
            progress.accept(ended.incrementAndGet() + " of " + checks.size());
            return raw;
        }).toList();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            var asked = threads.invokeAll(tasks, limit.toMillis(), TimeUnit.MILLISECONDS);
            var raw = new ArrayList<Raw>();
            for (int i = 0; i < asked.size(); i++)
                raw.add(asked.get(i).isCancelled() ? late(checks.get(i), limit) : asked.get(i).get());
            return new Preflight(toldOnce(raw));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();      // not close(): that would wait for the one that hangs
        }
    }

    private static Raw late(Check check, Duration limit) {
        return new Raw(check, Check.fail("no answer within " + Console.seconds(limit),
            "see what it waits for, or give it longer: --timeout"), Optional.empty(), limit);
    }

    private static Raw look(Check check, Facts facts) {
        long began = System.nanoTime();
        Outcome outcome;
        Optional<Failure> failure = Optional.empty();
        try {
            outcome = check.look().at(facts);
        } catch (Check.Skipped e) {
            outcome = Check.skip(e.getMessage());
        } catch (Failure f) {
            failure = Optional.of(f);
            outcome = new Outcome.Fail(f.inOneLine(), f.next());
        } catch (Exception e) {
            outcome = Check.fail("the check itself broke: " + e);
        }
        return new Raw(check, outcome, failure, Duration.ofNanos(System.nanoTime() - began));
    }

    /** A fact that several checks need and that cannot be read is the fail of the first one only. */
    private static List<Check.Result> toldOnce(List<Raw> all) {
        var told = new HashSet<String>();
        return all.stream()
            .map(r -> new Check.Result(r.check.name(),
                r
                    .failure.filter(f -> !told.add(f.whatAndWhy()))
                    .map(f -> Check.skip("could not be looked at: " + f.getMessage()))
                    .orElse(r.outcome),
                r.took))
            .toList();
    }

    public long failed() { return count(Outcome.Fail.class); }
    public long warnings() { return count(Outcome.Warn.class); }
    private long count(Class<? extends Outcome> kind) {
        return results.stream().filter(r -> kind.isInstance(r.outcome())).count();
    }

    /** "21 passed, 1 warning, 2 skipped" */
    public String summary() {
        long skipped = count(Outcome.Skip.class), warnings = warnings();
        return count(Outcome.Pass.class) + " passed" + (failed() == 0 ? "" : ", " + failed() + " failed")
            + (warnings == 0 ? "" : ", " + warnings + (warnings == 1 ? " warning" : " warnings"))
            + (skipped == 0 ? "" : ", " + skipped + " skipped");
    }

    /** An event a check; the table, and under it what to do. @param all false: only what is not good */
    public void print(Console console, boolean all) {
        int width = results.stream().mapToInt(r -> r.name().length()).max().orElse(0);
        for (var r : results) {
            boolean good = r.outcome() instanceof Outcome.Pass || r.outcome() instanceof Outcome.Skip;
            if (all || !good)
                console.line("  " + mark(console, r.outcome()) + " " + pad(r.name(), width) + "  "
                    + (r.outcome() instanceof Outcome.Skip
                        ? console.dim("skip: " + r.outcome().reason())
                        : r.outcome().reason()));
            event(console, r);
        }
        var toFix = results.stream().filter(r -> r.outcome().fix().isPresent()).toList();
        if (!toFix.isEmpty()) console.line("\n  what to do");
        for (var r : toFix)
            console.line("  " + mark(console, r.outcome()) + " " + pad(r.name(), width) + "  "
                + console.command(r.outcome().fix().get()));
        console.event("checked", Map.of("failed", failed(), "warnings", warnings(), "summary", summary()));
    }

    private static void event(Console console, Check.Result r) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("name", r.name());
        fields.put("outcome", r.outcome().getClass().getSimpleName().toLowerCase(Locale.ROOT));
        fields.put("reason", r.outcome().reason());
        r.outcome().fix().ifPresent(fix -> fields.put("fix", console.command(fix)));
        fields.put("ms", r.took().toMillis());
        console.event("check", fields);
    }

    private static String mark(Console console, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Pass _ -> console.good("✓");
            case Outcome.Warn _ -> console.warn("!");
            case Outcome.Fail _ -> console.bad("✗");
            case Outcome.Skip _ -> console.dim("-");
        };
    }
    private static String pad(String name, int width) { return name + " ".repeat(width - name.length()); }
}
