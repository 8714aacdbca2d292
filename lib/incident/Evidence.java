package lib.incident;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.journal.Journal;
import lib.nginx.AccessLog;
import lib.secrets.Redaction;

/**
 * What is known of a stretch of time, redacted. {@code texts}: the raw texts by file name, as they go into the bundle;
 * {@code missing}: what could not be gathered, or only in part, and why; {@code answer}: what the suspect's health
 * answers now, "green: healthy ..."; {@code proxy}: Nginx's service; {@code certificate}: when Nginx's ends (null: not
 * known); {@code disks}: used share by place, 0 to 1.
 */
record Evidence(Span span, Redaction redaction, String proxy, Map<String, Service> services, List<Event> events,
    List<AccessLog> requests, List<String> proxyErrors,
    List<JsonNode> metrics, String answer, Instant certificate, Map<String, Double> disks, Map<String, String> texts,
    List<String> missing) {

    /** From and to, and the run that it is about, or that ran then (null: none). */
    record Span(String name, Instant from, Instant to, Journal.Run run) {
        boolean has(Instant at) { return !at.isBefore(from) && !at.isAfter(to); }

        /** The colour that was to get the traffic. */
        Optional<Colour> suspect() {
            if (run == null) return Optional.empty();
            return Stream.of(run.asked("to"),
                run.line("start", "begin").map(l -> l.path("colour").asText()).orElse(null),
                run.line("health", "begin").map(l -> l.path("colour").asText()).orElse(null),
                run.line("switch", "begin").map(l -> l.path("to").asText()).orElse(null))
                .filter(c -> c != null && c.matches("blue|green"))
                .findFirst()
                .map(Colour::of);
        }

        /** Why the run did not end well, in its own words. */
        Optional<String> why() {
            if (run == null) return Optional.empty();
            return Stream.of("health", "watch", "start", "switch", "hook", "build", "migrate", "run")
                .flatMap(step -> Stream.concat(run.line(step, "failed").stream(), run.line(step, "end").stream()))
                .map(l -> l.path("why").asText())
                .filter(w -> !w.isEmpty())
                .findFirst();
        }

        /** The moment from which the suspect's container is this run's: what happened before was another's. */
        Instant started() {
            if (run == null) return from;
            return Stream.concat(run.lines().stream().filter(l -> l.path("step").asText().equals("start")),
                run.lines().stream()).findFirst().flatMap(l -> Evidence.time(l.path("at").asText())).orElse(from);
        }

        /** The moment from which the suspect had traffic: the last switch that began to it. */
        Optional<Instant> switched() {
            return suspect()
                .flatMap(to -> run.lines().stream()
                    .filter(
                        l -> l.path("step").asText().equals("switch") && l.path("to").asText().equals(to.toString()))
                    .findFirst()
                    .flatMap(l -> Evidence.time(l.path("at").asText())));
        }
    }

    /**
     * A container of the project. {@code colour} null: not an app's; {@code created}, {@code started} null: not known;
     * {@code memoryLimit} in bytes, 0: none; {@code health}: "" without a check.
     */
    record Service(String name, Colour colour, String status, int exitCode, boolean oomKilled, int restarts,
        Instant created, Instant started, long memoryLimit,
        String health, List<Check> checks, String image, String version, List<String> log) {
        boolean isApp() { return colour != null; }
        boolean running() { return status.equals("running"); }
        String state() {
            return name + ": " + status + (running() ? "" : ", exit code " + exitCode)
                + (oomKilled ? ", OOMKilled" : "") + (restarts == 0 ? "" : ", " + restarts + " restarts")
                + (health.isEmpty() ? "" : ", " + health)
                + (memoryLimit == 0 ? "" : ", memory limit " + memoryLimit / (1 << 20) + " MiB");
        }
    }

    /** One run of Docker's own health check. */
    record Check(Instant at, int exitCode, String output) {}

    /** What Docker tells of a container. {@code exitCode} -1: none. */
    record Event(Instant at, String service, String action, int exitCode) {
        @Override public String toString() {
            return at + "  " + service + "  " + action + (exitCode < 0 ? "" : ", exit code " + exitCode);
        }
    }

    /**
     * ISO 8601 with an offset or Z; empty for anything else, and for Docker's "0001-01-01T00:00:00Z", which means
     * never.
     */
    static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant()).filter(t -> t.getEpochSecond() > 0);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    Optional<Service> suspect() {
        return span.suspect().flatMap(c -> services.values().stream().filter(s -> s.colour == c).findFirst());
    }

    /** The suspect, or all apps when there is none. */
    List<Service> suspects() {
        return suspect().map(List::of).orElseGet(() -> services.values().stream().filter(Service::isApp).toList());
    }

    /**
     * What a colour did then was an earlier version's doing: before its container was made, if that was in this span.
     */
    boolean isAnEarlierVersions(String colour, Instant at) {
        return services.values().stream()
            .anyMatch(s -> s.colour != null
                && s.colour.toString().equals(colour)
                && s.created != null
                && span.has(s.created)
                && at.isBefore(s.created));
    }

    /** Of the suspect only those of its own container, not of the one that it replaced. */
    List<Event> events(String service, String action) {
        boolean replaced = suspect().filter(s -> s.name.equals(service)).isPresent();
        return events.stream()
            .filter(e -> e.service.equals(service)
                && e.action.equals(action)
                && !(replaced && e.at.isBefore(span.started())))
            .toList();
    }

    /** Each log line of the services that the pattern is in, "service: line", the last {@code limit} of them. */
    List<String> logged(Predicate<Service> of, Predicate<String> pattern, int limit) {
        var found = services.values().stream()
            .filter(of)
            .flatMap(s -> s.log.stream().filter(pattern).map(l -> s.name + ": " + l))
            .toList();
        return found.subList(Math.max(0, found.size() - limit), found.size());
    }

    static String cut(String s, int length) {
        return s.length() <= length ? s : s.substring(0, length) + " … " + (s.length() - length) + " more characters";
    }

    /** A megabyte: the beginning tells how it started, the end how it ended. */
    static String capped(String text) {
        int most = 1 << 20, head = most / 4;
        if (text.length() <= most) return text;
        int from = text.indexOf('\n', text.length() - (most - head));
        int to = text.lastIndexOf('\n', head);
        return text.substring(0, to < 0 ? head : to) + "\n… " + (text.length() - most) + " characters left out …"
            + text.substring(from < 0 ? text.length() - (most - head) : from);
    }
}
