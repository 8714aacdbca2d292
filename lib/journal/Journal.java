package lib.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.secrets.Redaction;

/**
 * .deployment/journal.jsonl: append-only, fsynced before and after each step, so that a killed run still tells.
 * A run's first line has step "run", phase "begin" and what was asked for; its last, step "run", phase "end" and how
 * it ended. Between them each step has "begin", then "done" or "failed".
 */
public final class Journal {
    /** Characters of a line. Ours are a few thousand at most (a hook's output). */
    private static final int LONGEST = 1 << 20;

    /** Bytes that are read, at least four times what {@link Retention} leaves. */
    private static final int MOST = 4 << 20;

    /** Fields that hold words of others: an app's answer, a hook's output. The rest is ours, and read again. */
    private static final Set<String> WORDS = Set.of("why", "detail", "answer", "output");

    private final Path file;
    private final String run;
    private final Redaction redaction;

    /** @param run names this run in every line, e.g. "deploy-20251203T101500Z-4711" */
    private Journal(Path file, String run, Redaction redaction) {
        this.file = file;
        this.run = run;
        this.redaction = redaction;
    }

    public static Journal of(Config config, String command) {
        String at = Instant.now().toString().replaceAll("[-:]|\\.\\d+", "");
        return new Journal(file(config), command + "-" + at + "-" + ProcessHandle.current().pid(),
            Redaction.of(config));
    }

    private static Path file(Config config) { return config.folder().resolve("journal.jsonl"); }

    public String run() { return run; }

    /** One line. Phases: begin, done, failed, end. Fields: strings, numbers, booleans. */
    public String line(String step, String phase, Map<String, ?> fields) {
        var all = new LinkedHashMap<String, Object>();
        all.put("at", Instant.now().toString());
        all.put("run", run);
        all.put("step", step);
        all.put("phase", phase);
        all.putAll(fields);
        all.replaceAll(
            (name, value) -> WORDS.contains(name) && value instanceof String said ? redaction.apply(said) : value);
        return Json.line(all);
    }

    /** @throws Failure when the disk does not take it */
    public void append(String line) {
        try {
            Atomic.append(file, line);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot write the journal " + file, e.toString(),
                "make room or set permissions").causedBy(e);
        }
    }

    public void write(String step, String phase, Map<String, ?> fields) { append(line(step, phase, fields)); }

    /** When a line was written; long ago where that cannot be read. */
    public static Instant at(JsonNode line) {
        try {
            return Instant.parse(line.path("at").asText());
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }

    /** One run as its lines tell it, oldest first. */
    public record Run(String name, List<Line> told) {
        public static Run of(String name, List<JsonNode> lines) {
            return new Run(name, lines.stream().map(l -> new Line(l.toString())).toList());
        }

        public List<JsonNode> lines() { return told.stream().map(Line::json).toList(); }

        /** deploy, switch, monitor, ... */
        public String command() { return name.substring(0, name.indexOf('-')); }

        /** As it was written; "" in a journal edited by hand. */
        String began() { return told.getFirst().at(); }

        public Optional<JsonNode> line(String step, String phase) {
            return told.stream().filter(l -> l.is(step, phase)).reduce((_, last) -> last).map(Line::json);
        }
        public boolean did(String step) { return told.stream().anyMatch(l -> l.is(step, "done")); }
        public boolean endedWith(int code) {
            return line("run", "end").filter(n -> n.path("code").asInt() == code).isPresent();
        }

        /** What it was asked for, e.g. {@code asked("version")}; null: not said. */
        public String asked(String field) {
            return line("run", "begin")
                .map(l -> l.path(field))
                .filter(JsonNode::isValueNode)
                .map(JsonNode::asText)
                .orElse(null);
        }

        /** The last step that had begun and not ended (one may run beside another); empty between two steps. */
        public Optional<String> inHand() {
            var open = new LinkedHashSet<String>();
            for (JsonNode l : lines()) {
                String step = l.path("step").asText();
                if (step.equals("run")) continue;
                if (l.path("phase").asText().equals("begin")) open.add(step);
                else open.remove(step);
            }
            return open.isEmpty() ? Optional.empty() : Optional.of(open.getLast());
        }
    }

    /** The runs of this checkout, oldest first. */
    public static List<Run> runs(Config config) {
        try {
            return runs(Files.exists(file(config)) ? tail(file(config)) : "");
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot read the journal " + file(config), e.toString()).causedBy(e);
        }
    }

    /** Its end: whatever somebody has put into the file, a rollback must not wait for it. */
    private static String tail(Path file) throws IOException {
        try (var channel = FileChannel.open(file); var in = Channels.newInputStream(channel)) {
            channel.position(Math.max(0, channel.size() - MOST));
            return new String(in.readNBytes(MOST), StandardCharsets.UTF_8);
        }
    }

    /** Both, each run once, as the longer of the two tells it. */
    public static List<Run> all(List<Run> own, List<Run> shared) {
        var all = new LinkedHashMap<String, Run>();
        Stream.of(shared, own)
            .flatMap(List::stream)
            .forEach(r -> all.merge(r.name(), r, (a, b) -> b.told().size() > a.told().size() ? b : a));
        return all.values().stream().sorted(Comparator.comparing(Run::began)).toList();
    }

    /** Lines that cannot be read (a crash while writing) are left out. */
    public static List<Run> runs(String text) {
        var runs = new LinkedHashMap<String, List<Line>>();
        text.lines()
            .filter(l -> l.length() < LONGEST)
            .map(Line::new)
            .forEach(l -> l.run().ifPresent(run -> runs.computeIfAbsent(run, _ -> new ArrayList<>()).add(l)));
        return runs.entrySet().stream().map(e -> new Run(e.getKey(), e.getValue())).toList();
    }
}
