package lib.watch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import lib.config.Config;
import lib.core.Colour;

/**
 * From what was seen to a verdict, and nothing else: docs/monitor.md says why each number is what it is. Never from one
 * blip: what is judged must have lasted. {@code before}: the other colour in the two minutes before the switch. {@code
 * warm}: latency is judged from then on. {@code strict}: the thresholds hold for all requests, however it was before.
 */
public record Judgement(Config.Thresholds thresholds, Config.Judging judging, boolean strict, Colour colour,
    Instant warm, Routes before, List<Sample> samples) {
    /** 95 %: so sure must it be that a share is really above what is allowed. */
    private static final double Z = 1.96;
    /** Fewer failed requests may be one user's. */
    private static final int FEW = 5;
    /** Samples with failures before they count as lasting; and the same for a verdict before the end. */
    private static final int LASTING = 3, LONG = 5;
    /** Slow slices (10 s) before they do: on a busy machine a start of ours is felt for six seconds. */
    private static final int SLOW = 5;
    /** Failed probes in a row that end a watch. */
    private static final int DEAD_PROBES = 3;
    /** Requests of a slice whose p95 means something: its slowest one is that of twenty. */
    private static final int SLICE = 20;
    /** Slices (20 s) beyond twice the threshold, without a break, before the end. */
    private static final int SLOW_EARLY = 10;
    /** Of the requests in each of three samples in a row: nobody needs the rest of the window. */
    private static final double MASSIVE = 0.2;
    /** A route whose 4xx rise by so much of all its requests is gone, or locked. */
    private static final double RISE_4XX = 0.2;

    /**
     * One thing that is judged: all requests, or a route, by sample, {@code warm} without the first ones; {@code
     * reference}: the same on the other colour.
     */
    private record Subject(String name, Window sum, List<Window> bySample, List<Window> warm, Window reference) {
        boolean isAll() { return name.equals("all requests"); }
        double p95() {
            var sum = new Window();
            warm.forEach(sum::add);
            return sum.p95();
        }
    }

    /** What is certain before the window's end. */
    public Optional<Verdict> early() {
        if (inARow(probesDead()) >= DEAD_PROBES)
            return Optional.of(
                Verdict.fail(inARow(probesDead()) + " failed probes in a row, the last: " + lastProbeError()));
        var reasons = new ArrayList<String>();
        for (var s : subjects()) {
            var allowed = allowed(s);
            long massive = inARow(s.bySample.stream()
                .map(w -> w.asked() >= 10 && w.failedShare() >= Math.max(MASSIVE, 2 * allowed))
                .toList());
            boolean surely = withFailures(s) >= LONG
                && s.sum.failed() >= FEW
                && lowest(s.sum.failed(), s.sum.asked()) > 2 * allowed;
            if (massive >= LASTING || surely) reasons.add(errors(s, allowed));
            if (s.isAll()
                && !wasSlowBefore(s)
                && inARow(
                    slices(s).stream().map(w -> w.p95() > 2 * thresholds.latency().toMillis()).toList()) >= SLOW_EARLY)
                reasons.add(slow(s));
        }
        return reasons.isEmpty() ? Optional.empty() : Optional.of(new Verdict.Fail(worstFirst(reasons)));
    }

    /** At the window's end. */
    public Verdict whole() {
        var early = early();
        if (early.isPresent()) return early.get();
        var reasons = new ArrayList<String>();
        for (var s : subjects()) {
            if (fails(s)) reasons.add(errors(s, allowed(s)));
            if (rises4xx(s))
                reasons.add("%s: %s answered 4xx, before %s"
                    .formatted(s.name, share(s.sum.errors4xx(), s.sum.requests()),
                        share(s.reference.errors4xx(), s.reference.requests())));
            if (s.isAll() && lasts(s, thresholds.latency().toMillis()) && !wasSlowBefore(s)) reasons.add(slow(s));
            if (!s.isAll() && s.reference.requests() >= SLICE && lasts(s, slowerThan(s.reference)))
                reasons.add("%s is slower: p95 %.0f ms, before %.0f ms (%.1f times)"
                    .formatted(s.name, s.p95(), s.reference.p95(), s.p95() / Math.max(1, s.reference.p95())));
        }
        probes().ifPresent(reasons::add);
        if (!reasons.isEmpty()) return new Verdict.Fail(worstFirst(reasons));
        long seen = sum().all().asked();
        if (seen < judging.minRequests())
            return Verdict.inconclusive("only %,d %s, %,d are needed for a verdict"
                .formatted(seen, seen == 1 ? "request" : "requests", judging.minRequests()), probesText());
        return new Verdict.Pass(List.of(summary(), probesText()));
    }

    // Failed requests.

    /** The threshold; or more, where more failed before: that is not this version's doing. */
    private double allowed(Subject s) {
        return s.reference.failed() < FEW || strict && s.isAll()
            ? thresholds.errors()
            : Math.max(thresholds.errors(), s.reference.failedShare());
    }

    private boolean fails(Subject s) {
        return s.sum.failed() >= FEW
            && withFailures(s) >= Math.min(LASTING, withRequests(s))
            && lowest(s.sum.failed(), s.sum.asked()) > allowed(s);
    }

    private static long withFailures(Subject s) { return s.bySample.stream().filter(w -> w.failed() > 0).count(); }
    private static long withRequests(Subject s) { return s.bySample.stream().filter(w -> w.asked() > 0).count(); }

    private String errors(Subject s, double allowed) {
        return "%s: %s failed%s, allowed are %.1f %%%s"
            .formatted(s.name, share(s.sum.failed(), s.sum.asked()),
                how(s.sum),
                allowed * 100,
                s.reference.asked() == 0 ? "" : "; before " + share(s.reference.failed(), s.reference.asked()));
    }

    /** In what ways they failed: " (5xx, gave up waiting)". */
    private String how(Window w) {
        var ways = new ArrayList<String>();
        if (w.errors5xx() > 0) ways.add("5xx");
        if (w.gaveUp() > 0) ways.add("gave up waiting");
        if (w.failedOver() > 0) ways.add("served by " + colour.other());
        return " (" + String.join(", or ", ways) + ")";
    }

    /** Only where there is something to compare with: a stranger's 404s are no fault of the version. */
    private static boolean rises4xx(Subject s) {
        if (s.isAll()
            || s.reference.requests() < SLICE
            || s.sum.errors4xx() < FEW
            || s.bySample.stream().filter(w -> w.errors4xx() > 0).count() < LASTING) return false;
        return lowest(s.sum.errors4xx(), s.sum.requests()) > (double) s.reference.errors4xx() / s.reference.requests()
            + RISE_4XX;
    }

    /** The lower end of Wilson's interval: at least so large is the true share behind {@code some} of {@code all}. */
    static double lowest(long some, long all) {
        if (all == 0) return 0;
        double p = (double) some / all, z2 = Z * Z / all;
        return (p + z2 / 2 - Z * Math.sqrt(p * (1 - p) / all + z2 / (4 * all))) / (1 + z2);
    }

    // Latency.

    /** Over twice as long (thresholds.slower), and by as much as a person feels (thresholds.slower-by). */
    private double slowerThan(Window reference) {
        return Math.max(judging.slower() * reference.p95(), reference.p95() + judging.slowerBy().toMillis());
    }

    private boolean wasSlowBefore(Subject s) {
        return !strict && s.reference.requests() >= SLICE && s.reference.p95() > thresholds.latency().toMillis();
    }

    /** The p95 of the whole is beyond the limit, and that of more than half of its slices, and of {@link #SLOW}. */
    private static boolean lasts(Subject s, double limit) {
        var slices = slices(s);
        long beyond = slices.stream().filter(w -> w.p95() > limit).count();
        return beyond >= SLOW && beyond * 2 > slices.size() && s.p95() > limit;
    }

    /** Samples, joined where one has too few requests for a percentile. */
    private static List<Window> slices(Subject s) {
        var slices = new ArrayList<Window>();
        var open = new Window();
        for (Window w : s.warm) {
            open.add(w);
            if (open.requests() < SLICE) continue;
            slices.add(open);
            open = new Window();
        }
        return slices;
    }

    private String slow(Subject s) {
        return "%s: p95 is %.0f ms, the threshold %d ms%s"
            .formatted(s.name, s.p95(), thresholds.latency().toMillis(),
                s.reference.requests() < SLICE ? "" : "; before %.0f ms".formatted(s.reference.p95()));
    }

    // Probes: they see what no log tells, a connection that was reset, an app that does not answer at all.

    /** By sample in which probes ended: none was good. */
    private List<Boolean> probesDead() {
        return samples.stream().map(Sample::probes).filter(p -> p.ok() + p.failed() > 0).map(p -> p.ok() == 0).toList();
    }

    private Optional<String> probes() {
        var p = allProbes();
        if (p.failed() >= FEW && lowest(p.failed(), p.ok() + p.failed()) > thresholds.errors())
            return Optional.of(
                "%s probes failed, the last: %s".formatted(share(p.failed(), p.ok() + p.failed()), p.error()));
        var answered = samples.stream().filter(s -> s.probes().ok() > 0).toList();
        long slow = answered.stream().filter(s -> s.probes().ms() > thresholds.latency().toMillis()).count();
        // With traffic it is the traffic that tells: a health check may well be the slowest route of all.
        if (sum().all().asked() < judging.minRequests() && slow >= LASTING && slow * 2 > answered.size())
            return Optional.of(
                "probes take %.0f ms, the threshold is %d ms".formatted(p.ms(), thresholds.latency().toMillis()));
        return Optional.empty();
    }

    Sample.Probes allProbes() {
        return samples.stream().map(Sample::probes).reduce(Sample.Probes.NONE, Sample.Probes::and);
    }
    private String lastProbeError() { return allProbes().error(); }
    private String probesText() {
        var p = allProbes();
        return p.failed() == 0
            ? p.ok() + " probes good"
            : "%d of %d probes failed: %s".formatted(p.failed(), p.ok() + p.failed(), p.error());
    }

    // What there is to judge.

    Routes sum() { return Sample.sum(samples, colour); }

    private List<Subject> subjects() {
        var found = new ArrayList<Subject>();
        var sum = sum();
        // The other colour at the same time is the better measure, where it has traffic of its own: a canary's.
        var meanwhile = Sample.sum(samples, colour.other());
        boolean canary = meanwhile.all().asked() >= judging.minRequests();
        var reference = canary ? meanwhile : before;
        found.add(subject(WHOLE, sum.all(), Routes::all, reference));
        for (Map.Entry<String, Window> e : sum.byRoute().entrySet())
            if (e.getValue().asked() >= SLICE)
                found.add(subject(e.getKey(), e.getValue(), r -> r.route(e.getKey()), reference));
        return found;
    }

    private Subject subject(String name, Window sum, Function<Routes, Window> of, Routes reference) {
        var warmed = samples.stream().filter(s -> !s.from().isBefore(warm));
        return new Subject(name, sum, samples.stream().map(s -> of.apply(s.of(colour))).toList(),
            warmed.map(s -> of.apply(s.of(colour))).toList(), of.apply(reference));
    }

    /** How many of the last ones hold, without a break. */
    private static int inARow(List<Boolean> all) {
        int n = 0;
        for (boolean b : all.reversed()) {
            if (!b) break;
            n++;
        }
        return n;
    }

    private static final String WHOLE = "all requests";

    /** A route says more than the whole; five reasons are enough. */
    private static List<String> worstFirst(List<String> reasons) {
        var sorted = new ArrayList<>(reasons);
        // Of an app with one route, both say the same.
        sorted.removeIf(r -> r.startsWith(WHOLE)
            && reasons.stream().anyMatch(o -> !o.equals(r) && o.endsWith(r.substring(WHOLE.length()))));
        sorted.sort((a, b) -> Boolean.compare(a.startsWith(WHOLE), b.startsWith(WHOLE)));
        return sorted.size() <= 5 ? sorted : sorted.subList(0, 5);
    }

    /** "3,421 requests, 2 failed (0.06 %), p95 41 ms, before 38 ms". */
    String summary() {
        var all = sum().all();
        boolean slow = all.p95() > thresholds.latency().toMillis();
        return "%,d requests, %s, p95 %.0f ms%s%s"
            .formatted(all.asked(), all.failed() == 0 ? "none failed" : share(all.failed(), all.asked()) + " failed",
                all.p95(), slow ? " (the threshold is %d ms)".formatted(thresholds.latency().toMillis()) : "",
                before.all().requests() < SLICE ? "" : ", before %.0f ms".formatted(before.all().p95()));
    }

    private static String share(long some, long all) {
        return "%,d of %,d (%.2f %%)".formatted(some, all, all == 0 ? 0 : 100.0 * some / all);
    }
}
