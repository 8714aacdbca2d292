package lib.incident;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.incident.Causes.Cause;
import lib.journal.Journal;
import lib.stack.Stack;

/**
 * What went wrong: evidence gathered into a folder of its own ({@code .deployment/incidents/NAME}, private), and the
 * likely causes, ranked. {@code facts}: version, colour, result, why, as far as known; {@code lookedAt} and
 * {@code missing}: what the causes rest on, and what they do not.
 */
public record Incident(String name, Instant from, Instant to, Map<String, String> facts, List<Cause> causes,
    List<String> lookedAt, List<String> missing, Path bundle) {
    /** Before a run, for what was normal; after it, for what came of it. */
    private static final Duration BEFORE = Duration.ofSeconds(60), AFTER = Duration.ofSeconds(30);

    /**
     * Of a run: before anything is removed, because a container takes its log and its state along.
     * @throws Failure if the bundle cannot be written
     */
    public static Incident gather(Stack stack, Journal.Run run) {
        var at = run.lines().stream().flatMap(l -> Evidence.time(l.path("at").asText()).stream()).toList();
        var now = Instant.now();
        var from = at.isEmpty() ? now.minus(Duration.ofMinutes(30)) : at.getFirst().minus(BEFORE);
        var to = at.isEmpty() || at.getLast().plus(AFTER).isAfter(now) ? now : at.getLast().plus(AFTER);
        return gather(stack, new Evidence.Span(run.name(), from, to, run));
    }

    /** Of a stretch of time, with the last run that did something in it. */
    public static Incident gather(Stack stack, Instant from, Instant to) {
        var ran = Journal.runs(stack.config())
            .stream()
            .filter(r -> r.lines().stream()
                .filter(l -> l.path("step").asText().matches("start|switch|health"))
                .anyMatch(l -> Evidence.time(l.path("at").asText())
                    .filter(t -> !t.isBefore(from) && !t.isAfter(to))
                    .isPresent()))
            .reduce((_, last) -> last);
        return gather(stack,
            new Evidence.Span("span-" + from.toString().replaceAll("[-:]|\\.\\d+", ""), from, to, ran.orElse(null)));
    }

    static Path folder(Config config) { return config.folder().resolve("incidents"); }

    private static Incident gather(Stack stack, Evidence.Span span) {
        if (!span.name().matches("[A-Za-z0-9-]{1,100}"))
            throw Failure.usage("'" + span.name() + "' is not a run's name",
                "the journal has names like deploy-20261124T020000Z-4711");
        var evidence = Gathering.of(stack, new Evidence.Span(span.name(), span.from().truncatedTo(ChronoUnit.MILLIS),
            span.to().truncatedTo(ChronoUnit.MILLIS), span.run()));
        var incident = analyse(evidence, folder(stack.config()).resolve(span.name()));
        try {
            incident.write(evidence.texts());
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot write " + incident.bundle, e.toString(),
                "make room or set permissions").causedBy(e);
        }
        return incident;
    }

    /**
     * A failing deploy's last act before it cleans up: gathers, and says in a step what it found. It never throws:
     * the deploy's own failure is what counts.
     */
    public static void keep(Stack stack, Console console, String run) {
        var step = console.step("incident");
        try {
            var known = Journal.runs(stack.config()).stream().filter(r -> r.name().equals(run)).findFirst();
            if (known.isEmpty()) {
                step.skip("the journal knows nothing of " + run);
                return;
            }
            var incident = gather(stack, known.get());
            step.done(incident.headline());
            console.event("incident", incident.fields());
        } catch (RuntimeException e) {
            step.fail("the evidence could not be kept: " + e.getMessage());
        }
    }

    static Incident analyse(Evidence e, Path bundle) {
        var facts = new LinkedHashMap<String, String>();
        var run = e.span().run();
        if (run != null) {
            facts.put("run", run.name());
            if (run.asked("version") != null) facts.put("version", run.asked("version"));
            e.span().suspect().ifPresent(c -> facts.put("colour", c.toString()));
            run.line("run", "end").ifPresent(l -> facts.put("result", ExitCode.of(l.path("code").asInt()).meaning));
            e.span().why().ifPresent(w -> facts.put("why", w));
        }
        facts.replaceAll((_, v) -> clean(e, v, 500));
        var causes = Causes.of(e)
            .stream()
            .map(c -> new Cause(c.name(), c.score(), clean(e, c.sentence(), 300),
                c.evidence().stream().map(l -> clean(e, l, 400)).toList(), clean(e, c.fix(), 300)))
            .toList();
        var lookedAt = new ArrayList<String>();
        lookedAt.add(e.services().size() + " containers");
        var logged = e.services().values().stream().filter(s -> !s.log().isEmpty()).toList();
        if (!logged.isEmpty())
            lookedAt.add(logged.stream().mapToInt(s -> s.log().size()).sum() + " log lines of "
                + String.join(" and ", logged.stream().map(Evidence.Service::name).toList()));
        lookedAt.add(e.requests().size() + " requests in Nginx's access log");
        lookedAt.add(e.proxyErrors().size() + " lines of Nginx's error log");
        lookedAt.add(e.events().size() + " container events");
        if (!e.metrics().isEmpty()) lookedAt.add(e.metrics().size() + " ticks of metrics");
        if (run != null) lookedAt.add(run.lines().size() + " lines of the journal");
        if (!e.answer().isEmpty()) lookedAt.add("the health answer");
        if (e.certificate() != null) lookedAt.add("Nginx's certificate, good until " + e.certificate());
        e.disks().forEach((place, used) -> lookedAt.add("%s, %.0f %% used".formatted(place, used * 100)));
        return new Incident(e.span().name(), e.span().from(), e.span().to(), facts, causes, lookedAt, e.missing(),
            bundle);
    }

    /**
     * For a terminal and a report: redacted, without control characters (a log may hold escape sequences), not endless.
     */
    private static String clean(Evidence e, String text, int longest) {
        return Evidence.cut(
            e.redaction().apply(text).replaceAll("[\\p{Cntrl}\\u2028\\u2029\\u202a-\\u202e]+", " ").strip(), longest);
    }

    private void write(Map<String, String> texts) throws IOException {
        for (var text : texts.entrySet()) Atomic.writePrivate(bundle.resolve(text.getKey()), text.getValue() + "\n");
        Atomic.writePrivate(bundle.resolve("incident.md"), markdown(texts.keySet()));
        // last: it says that the bundle is whole
        Atomic.writePrivate(bundle.resolve("incident.json"), Json.of(fields()).toPrettyString() + "\n");
    }

    /** As in incident.json and in the event. */
    public Map<String, ?> fields() {
        var all = new LinkedHashMap<String, Object>();
        all.put("name", name);
        all.put("from", from.toString());
        all.put("to", to.toString());
        all.put("facts", facts);
        all.put("causes", causes);
        all.put("lookedAt", lookedAt);
        all.put("missing", missing);
        all.put("bundle", bundle.toString());
        return all;
    }

    /** One that was gathered before; empty when there is none, or only a part of one. */
    public static Optional<Incident> read(Config config, String name) {
        Path bundle = folder(config).resolve(name);
        try {
            if (!Files.exists(bundle.resolve("incident.json"))) return Optional.empty();
            return Json.read(Files.readString(bundle.resolve("incident.json")))
                .filter(n -> n instanceof ObjectNode)
                .map(n -> {
                    var facts = new LinkedHashMap<String, String>();
                    n.path("facts").properties().forEach(f -> facts.put(f.getKey(), f.getValue().asText()));
                    var causes = new ArrayList<Cause>();
                    n.path("causes")
                        .forEach(c -> causes.add(new Cause(c.path("name").asText(), c.path("score").asInt(),
                            c.path("sentence").asText(), strings(c.path("evidence")), c.path("fix").asText())));
                    return new Incident(name, Instant.parse(n.path("from").asText()),
                        Instant.parse(n.path("to").asText()), facts, causes, strings(n.path("lookedAt")),
                        strings(n.path("missing")), bundle);
                });
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot read " + bundle, e.toString()).causedBy(e);
        }
    }

    private static List<String> strings(JsonNode list) {
        var all = new ArrayList<String>();
        list.forEach(s -> all.add(s.asText()));
        return all;
    }

    /**
     * The last run that failed or was rolled back; else the last. What was refused before it began (usage, a lock) is
     * none.
     */
    public static Optional<Journal.Run> lastFailed(Config config) {
        var runs = Journal.runs(config)
            .stream()
            .filter(r -> r.line("run", "end")
                .map(l -> l.path("code").asInt())
                .filter(c -> c == ExitCode.USAGE.code() || c == ExitCode.LOCKED.code())
                .isEmpty())
            .toList();
        return runs.stream()
            .filter(Incident::failed)
            .reduce((_, last) -> last)
            .or(() -> runs.stream().reduce((_, last) -> last));
    }

    private static boolean failed(Journal.Run run) {
        return run.line("run", "end")
            .map(l -> l.path("code").asInt() != 0)
            .orElseGet(() -> run.did("rollback")
                || run.lines().stream().anyMatch(l -> l.path("phase").asText().equals("failed")));
    }

    /** One line: the first cause, or that there is none. */
    public String headline() {
        return causes.isEmpty()
            ? "no cause found in " + String.join(", ", lookedAt)
            : causes.getFirst().name() + " (" + causes.getFirst().confidence() + "): " + causes.getFirst().sentence();
    }

    /** Evidence stands indented, so that Markdown takes it as it is. */
    private String markdown(Iterable<String> files) {
        var text = new StringBuilder("# Incident " + name + "\n\nFrom " + from + " to " + to + ".\n");
        facts.forEach((k, v) -> text.append("\n- ").append(k).append(": ").append(v));
        text.append("\n\n## Likely causes\n");
        if (causes.isEmpty())
            text.append("\nNo cause found. Looked for: ").append(String.join(", ", Causes.LOOKED_FOR)).append(".\n");
        int rank = 1;
        for (Cause c : causes) {
            text.append("\n")
                .append(rank++)
                .append(". **")
                .append(c.name())
                .append("** (")
                .append(c.confidence())
                .append(", ")
                .append(c.score())
                .append("): ")
                .append(c.sentence())
                .append(".\n\n");
            c.evidence().forEach(l -> text.append("        ").append(l).append('\n'));
            text.append("\n   Next: ").append(c.fix()).append(".\n");
        }
        text.append("\n## Looked at\n");
        lookedAt.forEach(l -> text.append("\n- ").append(l));
        text.append("\n\n## Missing\n");
        (missing.isEmpty() ? List.of("nothing") : missing).forEach(l -> text.append("\n- ").append(l));
        text.append("\n\n## Files\n");
        files.forEach(f -> text.append("\n- ").append(f));
        return text.append('\n').toString();
    }

    /** The report on the terminal. */
    public void show(Console console) {
        console.line(console.bold("incident " + name) + console.dim("  " + from + " to " + to));
        facts.forEach((k, v) -> console.line("  %-9s%s".formatted(k, v)));
        if (causes.isEmpty())
            console.line(
                "\n  " + console.warn("no cause found") + "\n  looked for  " + String.join(", ", Causes.LOOKED_FOR));
        int rank = 1;
        for (Cause c : causes) {
            console.line("\n  " + console.bold(rank + "  " + c.name()) + "  "
                + (rank == 1 ? console.warn(c.confidence()) : console.dim(c.confidence())) + "  " + c.sentence());
            (rank++ <= 3 ? c.evidence() : List.<String>of())
                .forEach(l -> console.line(console.dim("       " + Evidence.cut(l, 200))));
            console.line("     next:  " + c.fix());
        }
        console.line("\n  looked at  " + String.join(", ", lookedAt));
        missing.forEach(m -> console.line("  missing    " + console.warn(m)));
        console.line("  bundle     " + bundle);
    }
}
