package lib.incident;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lib.core.Colour;
import lib.incident.Causes.Cause;
import lib.nginx.AccessLog;
import lib.watch.Routes;

/** The causes that Nginx's access log tells of: what the suspect answered, against what the other colour did. */
final class RequestCauses {
    /** Fewer requests of a route tell nothing about its latency; fewer errors may be one user's. */
    private static final int ENOUGH = 20, ENOUGH_ERRORS = 5;

    private RequestCauses() {}

    static Optional<Cause> serverErrors(Evidence e) {
        var mine = suspects(e);
        var errors = mine.stream().filter(r -> r.status() >= 500).toList();
        if (errors.size() < ENOUGH_ERRORS) return Optional.empty();
        var byRoute = errors.stream().collect(Collectors.groupingBy(RequestCauses::route));
        var worst = byRoute.entrySet().stream().max(Comparator.comparingInt(r -> r.getValue().size())).orElseThrow();
        String route = worst.getKey();
        long all = mine.stream().filter(r -> route(r).equals(route)).count(), rest = mine.size() - all,
            restErrors = errors.size() - worst.getValue().size();
        boolean one = worst.getValue().size() >= 0.8 * errors.size()
            && (rest == 0 || restErrors < 0.05 * rest)
            && rest > 0;
        // 502 and 504 are Nginx's own words for an app that is gone or hangs.
        boolean gone = errors.stream().allMatch(r -> r.status() == 502 || r.status() == 504);
        var before = others(e).stream().filter(r -> route(r).equals(route)).toList();
        var statuses = worst.getValue().stream()
            .collect(Collectors.groupingBy(AccessLog::status, TreeMap::new, Collectors.counting()));
        var counted = new ArrayList<>(
            List.of("%s: %d of %d requests failed %s".formatted(route, worst.getValue().size(), all, statuses)));
        if (rest > 0) counted.add("every other route: %d of %d".formatted(restErrors, rest));
        if (!before.isEmpty())
            counted.add("%s on the other colour: %d of %d"
                .formatted(route, before.stream().filter(r -> r.status() >= 500).count(), before.size()));
        worst.getValue().stream().limit(2).map(RequestCauses::line).forEach(counted::add);
        String path = worst.getValue().getFirst().uri();
        counted.addAll(
            e.logged(s -> e.suspects().contains(s), l -> l.contains(path) || Causes.ERROR.matcher(l).find(), 3));
        String where = one ? "5xx on one route" : rest == 0 ? "5xx on the only route" : "5xx on many routes";
        return Optional.of(new Cause(where, gone ? 55 : one ? 88 : 56,
            one
                ? route + " fails, the other routes do not"
                : errors.size() + " of " + mine.size() + " requests failed, on " + byRoute.size()
                    + (byRoute.size() == 1 ? " route" : " routes"),
            counted, "what this version changed there; its log in the bundle has the same moments"));
    }

    static Optional<Cause> latencyShift(Evidence e) {
        var before = byRoute(others(e));
        var after = byRoute(suspects(e));
        record Shift(String route, double before, double after, int requestsBefore, int requestsAfter) {
            boolean slower() { return after >= 2 * before && after - before >= 50; }
            String line() {
                return "%s: p95 %.0f ms of %d requests, then %.0f ms of %d"
                    .formatted(route, before, requestsBefore, after, requestsAfter);
            }
        }
        var compared = after.entrySet().stream()
            .filter(a -> a.getValue().size() >= ENOUGH && before.getOrDefault(a.getKey(), List.of()).size() >= ENOUGH)
            .map(a -> new Shift(a.getKey(), p95(before.get(a.getKey())), p95(a.getValue()),
                before.get(a.getKey()).size(), a.getValue().size()))
            .toList();
        var slower = compared.stream()
            .filter(Shift::slower)
            .sorted(Comparator.comparingDouble((Shift s) -> s.before - s.after))
            .toList();
        if (slower.isEmpty()) return metricsShift(e);
        var worst = slower.getFirst();
        var evidence = new ArrayList<>(slower.stream().limit(4).map(Shift::line).toList());
        compared.stream().filter(s -> !s.slower()).limit(2).forEach(s -> evidence.add(s.line() + " (as before)"));
        metricsShift(e).ifPresent(m -> evidence.addAll(m.evidence()));
        return Optional.of(new Cause("latency shift", worst.after >= 5 * worst.before ? 86 : 80,
            "%s: p95 from %.0f ms to %.0f ms"
                .formatted(
                    slower.size() == 1
                        ? worst.route + " got slower"
                        : slower.size() == compared.size()
                            ? "every route got slower, most " + worst.route
                            : slower.size() + " of " + compared.size() + " routes got slower, most " + worst.route,
                    worst.before, worst.after),
            evidence, "what this version changed there: a query, a call to another service, a cold cache"));
    }

    /** From the watcher's ticks, where the access log does not reach far enough. */
    private static Optional<Cause> metricsShift(Evidence e) {
        var to = e.span().suspect();
        if (to.isEmpty()) return Optional.empty();
        var before = median(e, to.get().other());
        var after = median(e, to.get());
        if (before.isEmpty() || after.isEmpty() || after.get() < 2 * before.get() || after.get() - before.get() < 50)
            return Optional.empty();
        return Optional.of(new Cause("latency shift", 70,
            "%s is slower than %s: p95 from %.0f ms to %.0f ms"
                .formatted(to.get(), to.get().other(), before.get(), after.get()),
            List.of("metrics, median of the ticks' p95: %s %.0f ms, %s %.0f ms"
                .formatted(to.get().other(), before.get(), to.get(), after.get())),
            "what this version changed: a query, a call to another service, a cold cache"));
    }

    private static Optional<Double> median(Evidence e, Colour colour) {
        var own = e.metrics().stream()
            .filter(t -> Evidence.time(t.path("at").asText())
                .filter(at -> e.isAnEarlierVersions(colour.toString(), at))
                .isEmpty());
        var all = own.map(t -> t.path(colour.toString()))
            .filter(c -> c.path("requests").asLong() > 0 && c.path("p95").isNumber())
            .map(c -> c.path("p95").asDouble())
            .sorted()
            .toList();
        return all.size() < 3 ? Optional.empty() : Optional.of(all.get(all.size() / 2));
    }

    /** The suspect's requests since the switch to it; without a suspect the later half of the span's. */
    private static List<AccessLog> suspects(Evidence e) { return part(e, true); }
    private static List<AccessLog> others(Evidence e) { return part(e, false); }

    private static List<AccessLog> part(Evidence e, boolean suspect) {
        var suspected = e.span().suspect();
        var half = e.span().from().plusMillis((e.span().to().toEpochMilli() - e.span().from().toEpochMilli()) / 2);
        var switched = suspected.isEmpty() ? half : e.span().switched().orElse(e.span().from());
        return e.requests().stream().filter(r -> !e.isAnEarlierVersions(r.deployment(), r.at())).filter(r -> {
            boolean mine = suspected.map(c -> r.deployment().equals(c.toString())).orElse(r.at().isAfter(half));
            return suspect ? mine && !r.at().isBefore(switched) : !mine;
        }).toList();
    }

    private static Map<String, List<Double>> byRoute(List<AccessLog> requests) {
        return requests.stream()
            .collect(Collectors.groupingBy(RequestCauses::route,
                Collectors.mapping(AccessLog::millis, Collectors.toList())));
    }

    private static double p95(List<Double> all) {
        var sorted = all.stream().sorted().toList();
        return sorted.get((int) Math.ceil(sorted.size() * 0.95) - 1);
    }

    /** As the monitor names it: a method that fails shows in the requests themselves. */
    private static String route(AccessLog r) { return Routes.name(r.uri()); }

    private static String line(AccessLog r) {
        return "%s  %s %s → %d in %.0f ms by %s"
            .formatted(r.at(), r.method(), r.uri(), r.status(), r.millis(), r.deployment());
    }
}
