package lib.incident;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Json;
import lib.core.Version;
import lib.docker.ComposeProject;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.LogLine;
import lib.http.Probe;
import lib.journal.Retention;
import lib.nginx.AccessLog;
import lib.nginx.AccessLogReader;
import lib.nginx.Nginx;
import lib.nginx.Reach;
import lib.secrets.Redaction;
import lib.secrets.Settings;
import lib.stack.Stack;

/** Gathers evidence from all {@link Sources}. Nothing leaves here unredacted. */
final class Gathering {
    /** Lines of a service's log and of Nginx's, the newest; 50,000 of Nginx's are about 18 MB. */
    private static final int LOG_LINES = 5_000, ACCESS_LINES = 50_000;
    private static final int LONGEST_LINE = 2_000;
    private static final Pattern AT = Pattern.compile("\"at\":(\\d{1,12})\\.(\\d{3}),");
    /** The engine keeps no more events than this, of all containers together, and a health check makes three. */
    private static final int EVENTS_KEPT = 256;

    /** Bundles that are kept, and their bytes: one has up to some ten megabytes. */
    private static final int BUNDLES = 20;
    private static final long BYTES = 100_000_000;

    private final Config config;
    private final Engine engine;
    private final Evidence.Span span;
    private final Sources sources = new Sources();
    private final Map<String, String> texts = new ConcurrentSkipListMap<>();
    private Redaction redaction = Redaction.plain();

    private Gathering(Stack stack, Evidence.Span span) {
        this.config = stack.config();
        this.engine = stack.engine();
        this.span = span;
    }

    static Evidence of(Stack stack, Evidence.Span span) {
        var gathering = new Gathering(stack, span);
        try {
            return gathering.all();
        } finally {
            gathering.sources.close();
        }
    }

    private Evidence all() {
        var containers = sources.begin("containers", Map.<String, JsonNode>of(), this::inspect).get();
        redaction = Redaction.of(config, environments(containers.values()));
        sources.redact(redaction);
        var logs = new LinkedHashMap<String, Supplier<List<String>>>();
        containers.forEach((name, c) -> {
            if (!name.equals(config.nginxService()))
                logs.put(name, sources.begin("log of " + name, List.of(), () -> log(name, id(c))));
        });
        var nginx = containers.get(config.nginxService());
        var proxy = sources.begin("Nginx's logs", new Proxy(List.of(), List.of()), () -> proxy(present(nginx)));
        var events = sources.begin("events", List.<Evidence.Event>of(), this::events);
        var metrics = sources.begin("metrics", List.<JsonNode>of(), this::metrics);
        var answer = sources.begin("health answer", "", () -> answer(containers));
        var certificate = sources.begin("certificate", (Instant) null, () -> certificate(present(nginx)));
        var disks = sources.begin("disks", Map.<String, Double>of(), () -> disks(nginx));
        var room = sources.begin("what makes room for this bundle", List.of(), this::prune);
        var configuration = sources.begin("configuration", "", () -> configuration(containers));
        if (span.run() != null)
            keep("journal.jsonl",
                redaction.apply(String.join("\n", span.run().lines().stream().map(JsonNode::toString).toList())));

        var services = new TreeMap<String, Evidence.Service>();
        containers.forEach((name, c) -> services.put(name,
            service(name, c, logs.containsKey(name) ? logs.get(name).get() : List.of())));
        keep("containers.txt",
            String.join("\n", services.values().stream()
                .map(s -> s.state() + ", image " + s.image() + ", version " + s.version() + ", started " + s.started()
                    + String.join("",
                        s.checks().stream()
                            .map(k -> "\n    " + k.at() + "  exit code " + k.exitCode() + "  " + k.output().strip())
                            .toList()))
                .toList()));
        keep("configuration.txt", configuration.get());
        room.get();
        var late = Duration.between(span.to(), Instant.now());
        if (late.toMinutes() > 4)
            sources.miss(
                "the containers, disks and configuration as they were: gathered " + Console.seconds(late) + " later");
        var requests = proxy.get();
        var ofUsers = requests.lines.stream().filter(r -> !r.asksForHealth(config)).toList();
        return new Evidence(span, redaction, config.nginxService(), services, events.get(), ofUsers, requests.errors,
            metrics.get(), answer.get(), certificate.get(), disks.get(), texts, sources.missing());
    }

    /** Before this bundle is written. What cannot be removed is listed, and stops nothing. */
    private List<Void> prune() throws IOException {
        Retention.newest(Incident.folder(config), BUNDLES - 1, BYTES);
        return List.of();
    }

    private String exec(JsonNode nginx, String... command) throws IOException {
        var result = engine.exec(id(nginx), Sources.LIMIT.minusSeconds(1), Map.of(), command);
        if (!result.ok()) throw new IOException(result.last());
        return result.out();
    }

    private Map<String, JsonNode> inspect() throws IOException {
        var found = new TreeMap<String, JsonNode>();
        var containers = engine.containers(config.composeProject());
        var replaced = new HashSet<>(config.follow().services());
        // Of a worker's two, one is to be down.
        for (String name : config.follow().services())
            if (Stream.of(Colour.values())
                .anyMatch(c -> containers.get(name + "-" + c) instanceof Container w && w.up()))
                for (Colour c : Colour.values()) replaced.add(name + "-" + c);
        containers.values().forEach(c -> replaced.add(c.labels().getOrDefault(ComposeProject.REPLACES, "")));
        // What the colours replace is down because it is to be.
        containers.values().removeIf(c -> !c.up() && replaced.contains(c.service()));
        for (var c : containers.entrySet())
            engine.inspect(c.getValue().id()).ifPresent(n -> found.put(c.getKey(), n));
        if (found.isEmpty()) throw new IOException("the compose project " + config.composeProject() + " has none");
        return found;
    }

    private static List<Map.Entry<String, String>> environments(Iterable<JsonNode> containers) {
        var all = new ArrayList<Map.Entry<String, String>>();
        containers.forEach(c -> all.addAll(ColourDiff.environment(c).entrySet()));
        return all;
    }

    private Evidence.Service service(String name, JsonNode c, List<String> log) {
        var checks = new ArrayList<Evidence.Check>();
        for (JsonNode k : c.at("/State/Health/Log"))
            Evidence.time(k.path("Start").asText())
                .ifPresent(at -> checks.add(new Evidence.Check(at, k.path("ExitCode").asInt(),
                    redaction.apply(Evidence.cut(k.path("Output").asText(), 500)))));
        var colour = name.equals(config.blueService())
            ? Colour.BLUE
            : name.equals(config.greenService()) ? Colour.GREEN : null;
        return new Evidence.Service(name, colour, c.at("/State/Status").asText(), c.at("/State/ExitCode").asInt(),
            c.at("/State/OOMKilled").asBoolean(), c.path("RestartCount").asInt(),
            Evidence.time(c.path("Created").asText()).orElse(null),
            Evidence.time(c.at("/State/StartedAt").asText()).orElse(null), c.at("/HostConfig/Memory").asLong(),
            c.at("/State/Health/Status").asText(), checks,
            c.path("Image").asText(), c.at("/Config/Labels/version").asText(), log);
    }

    private List<LogLine> logs(String id) { return engine.logs(id, LOG_LINES, span.from(), span.to()); }

    private List<String> log(String service, String id) {
        var lines = logs(id).stream().map(l -> Evidence.cut(l.toString(), LONGEST_LINE)).toList();
        if (lines.size() >= LOG_LINES) sources.miss("log of " + service + ": only its last " + LOG_LINES + " lines");
        String redacted = redaction.apply(Evidence.capped(String.join("\n", lines)));
        keep(service + ".log", redacted);
        return redacted.lines().toList();
    }

    private String complaints(JsonNode nginx) {
        return logs(id(nginx))
            .stream()
            .filter(l -> l.stream() == LogLine.Stream.ERR)
            .map(LogLine::toString)
            .collect(Collectors.joining("\n"));
    }

    private record Proxy(List<AccessLog> lines, List<String> errors) {}

    /** Access lines are redacted when they are kept: none spans two lines, and there are many. */
    private Proxy proxy(JsonNode nginx) throws IOException {
        String errors = redaction.apply(Evidence.capped(complaints(nginx)));
        keep("nginx-error.log", errors);
        var lines = new ArrayDeque<String>();
        int[] all = {0};
        try {
            new AccessLogReader(engine, span.from()).read(id(nginx), Sources.LIMIT.minusSeconds(2), line -> {
                if (!within(line)) return true;
                lines.add(line);
                if (++all[0] > ACCESS_LINES) lines.remove();
                return true;
            });
        } catch (IOException e) {
            sources.miss("Nginx's access log: " + e.getMessage());
        }
        if (all[0] > ACCESS_LINES) sources.miss("Nginx's access log: only its last " + lines.size() + " lines");
        keep("access.jsonl", redaction.apply(Evidence.capped(String.join("\n", lines))));
        return new Proxy(lines.stream().flatMap(l -> AccessLog.read(l).stream()).toList(),
            errors.lines().map(l -> Evidence.cut(l, LONGEST_LINE)).toList());
    }

    /** By its time, without reading it as JSON. */
    private boolean within(String line) {
        var at = AT.matcher(line);
        return at.find()
            && span.has(Instant.ofEpochMilli(Long.parseLong(at.group(1)) * 1000 + Long.parseLong(at.group(2))));
    }

    private List<Evidence.Event> events() {
        var now = Instant.now();
        // later, and docker would wait for it
        long until = span.to().isBefore(now) ? span.to().getEpochSecond() + 1 : now.getEpochSecond();
        var all = engine.events(Instant.EPOCH, Instant.ofEpochSecond(until), "type=container");
        var found = new ArrayList<Evidence.Event>();
        Instant oldest = null;
        for (JsonNode n : all) {
            var at = Instant.ofEpochMilli(n.path("timeNano").asLong() / 1_000_000);
            if (oldest == null) oldest = at;
            var attributes = n.at("/Actor/Attributes");
            if (!attributes.path("com.docker.compose.project").asText().equals(config.composeProject())
                || n.path("Action").asText().startsWith("exec_")
                || !span.has(at)) continue;
            boolean oneOff = attributes.path("com.docker.compose.oneoff").asText().equals("True");      // a migration
            found.add(new Evidence.Event(at, attributes.path(oneOff ? "name" : "com.docker.compose.service").asText(),
                n.path("Action").asText(), attributes.path("exitCode").asInt(-1)));
        }
        if (all.size() >= EVENTS_KEPT / 2 && oldest != null && oldest.isAfter(span.from()))
            sources.miss("events before " + oldest + ": the engine keeps only the last " + EVENTS_KEPT);
        keep("events.txt", String.join("\n", found.stream().map(Object::toString).toList()));
        return found;
    }

    private List<JsonNode> metrics() throws IOException {
        Path folder = config.folder().resolve("metrics");
        if (!Files.isDirectory(folder)) throw new IOException("none were written");
        var ticks = new ArrayList<JsonNode>();
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                boolean ours = span.run() != null && file.getFileName().toString().equals(span.run().name() + ".jsonl");
                new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .flatMap(l -> Json.read(l).stream())
                    .filter(n -> ours || Evidence.time(n.path("at").asText()).filter(span::has).isPresent())
                    .forEach(ticks::add);
            }
        }
        if (ticks.isEmpty()) throw new IOException("none were written for this time");
        keep("metrics.jsonl", redaction.apply(String.join("\n", ticks.stream().map(JsonNode::toString).toList())));
        return ticks;
    }

    private String answer(Map<String, JsonNode> containers) {
        var lines = new TreeMap<String, String>();
        for (Colour colour : span.suspect().map(List::of).orElse(List.of(Colour.values()))) {
            if (!(containers.get(config.service(colour)) instanceof JsonNode c) || !c.at("/State/Running").asBoolean())
                continue;
            var answer = Probe.once(URI.create(Reach.healthUrl(config, colour)), Duration.ofSeconds(3));
            lines.put(colour.toString(), colour + ": "
                + answer.wrong(Probe.Expected.of(config, colour, Version.UNKNOWN))
                    .map(w -> "not healthy: " + w)
                    .orElse("healthy")
                + "  " + answer.text().strip());
        }
        String text = redaction.apply(Evidence.cut(String.join("\n", lines.values()), LONGEST_LINE));
        keep("health.txt", text);
        return text;
    }

    private Instant certificate(JsonNode nginx) throws IOException {
        String said = exec(nginx, "openssl", "x509", "-noout", "-enddate", "-in", "/etc/nginx/certs/tls.crt")
            .strip()
            .replaceAll("\\s+", " ");
        return ZonedDateTime.parse(said.replace("notAfter=", ""),
            DateTimeFormatter.ofPattern("MMM d HH:mm:ss yyyy z", Locale.US)).toInstant();
    }

    private Map<String, Double> disks(JsonNode nginx) throws IOException {
        var used = new TreeMap<String, Double>();
        var store = Files.getFileStore(config.project());
        if (store.getTotalSpace() > 0)
            used.put("the project's folder", 1 - (double) store.getUsableSpace() / store.getTotalSpace());
        if (nginx == null || !nginx.at("/State/Running").asBoolean()) return used;
        var fields = exec(nginx, "df", "-P", "/etc/nginx/active")
            .lines()
            .reduce((_, last) -> last)
            .orElse("")
            .split("\\s+");
        if (fields.length > 4 && fields[4].matches("\\d+%"))
            used.put("Docker's volumes", Integer.parseInt(fields[4].replace("%", "")) / 100.0);
        return used;
    }

    /** What serves and what did before, what differs between the two colours, and the files that say so. */
    private String configuration(Map<String, JsonNode> containers) throws IOException {
        var text = new StringBuilder();
        var serving = Nginx.serving(config);
        text.append("the workers serve: ")
            .append(serving.map(g -> g.active() == null ? "unknown" : g.json()).orElse("no answer on the control port"))
            .append('\n');
        if (serving.isPresent() && serving.get().number() > 1)
            text.append("before that:       ")
                .append(exec(present(containers.get(config.nginxService())), "cat",
                    "/etc/nginx/active/gen-" + (serving.get().number() - 1) + "/deployment.json").strip())
                .append('\n');
        text.append(ColourDiff.between(containers.get(config.blueService()), containers.get(config.greenService())));
        text.append("\n# the configuration in effect\n");
        var shown = new StringBuilder(redaction.apply(text.toString()));
        Settings.of(config).forEach((key, value) -> shown.append(setting(key, value)).append('\n'));
        var variables = config.folder().resolve("compose.env");
        if (Files.isReadable(variables))
            shown.append("\n# compose.env\n").append(redaction.apply(Files.readString(variables)));
        else if (Files.exists(variables))
            sources.miss("compose.env: only " + Files.getOwner(variables) + " can read it");
        return shown.toString();
    }

    /** Who tries all short passwords would find one by its fingerprint; an address or arguments he would not. */
    private String setting(String key, String value) {
        String line = key + ": " + value;
        return key.startsWith("variables.") || key.startsWith("build.args.") ? redaction.apply(line) : line;
    }

    private static String id(JsonNode container) { return container.path("Id").asText(); }

    private static JsonNode present(JsonNode nginx) throws IOException {
        if (nginx == null) throw new IOException("there is no Nginx container");
        return nginx;
    }

    private void keep(String name, String redacted) {
        if (!redacted.isBlank()) texts.put(name, Evidence.capped(redacted));
    }
}
