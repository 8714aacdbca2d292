package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Json;
import lib.process.Command.Result;

/** An engine in memory: its containers are notes, and what runs in them is a function of the test. */
public final class FakeEngine implements Engine {
    /** What a command does in a container, and its exit code. An interrupt is its SIGKILL. */
    public interface Program {
        int run(Process process) throws IOException, InterruptedException;
    }
    public record Process(String container, Map<String, String> environment, List<String> command, InputStream stdin,
        OutputStream out, OutputStream err) {
        public void say(String text) throws IOException { out.write(text.getBytes(StandardCharsets.UTF_8)); }
        public void complain(String text) throws IOException { err.write(text.getBytes(StandardCharsets.UTF_8)); }
    }
    private record Known(Predicate<List<String>> commands, Program program) {}
    private record Watcher(Predicate<JsonNode> wanted, Consumer<JsonNode> event) {}

    // guarded by this
    private final Map<String, ObjectNode> containers = new LinkedHashMap<>(), images = new LinkedHashMap<>();
    // guarded by this
    private final Map<String, TreeMap<String, String>> files = new LinkedHashMap<>();
    // guarded by this
    private final Map<String, List<LogLine>> logs = new LinkedHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final List<Known> programs = new CopyOnWriteArrayList<>();
    private final List<Running> open = new CopyOnWriteArrayList<>();
    private int made;
    private volatile boolean remote;

    // What a test sets.

    /** From now on, a command that fits does this; the last one that was given counts. */
    public FakeEngine program(Predicate<List<String>> commands, Program program) {
        programs.addFirst(new Known(commands, program));
        return this;
    }
    public FakeEngine remote() {
        remote = true;
        return this;
    }
    /** A running container; returns its id. */
    public synchronized String add(String project, String service, String image) {
        String id = "%016x".formatted(++made).repeat(4);
        var n = Json.object()
            .put("Id", id)
            .put("Name", "/" + project + "-" + service + "-" + made)
            .put("Image", image)
            .put("RestartCount", 0);
        n.putObject("State")
            .put("Status", "created")
            .put("ExitCode", 0)
            .put("StartedAt", "0001-01-01T00:00:00Z")
            .put("FinishedAt", "0001-01-01T00:00:00Z");
        n.putObject("Config")
            .putObject("Labels")
            .put("com.docker.compose.project", project)
            .put("com.docker.compose.service", service)
            .put("com.docker.compose.oneoff", "False");
        containers.put(id, n);
        start(id);
        return id;
    }
    /** As inspect gives it, to be changed. */
    public synchronized ObjectNode note(String id) { return known(id); }
    public synchronized void log(String id, LogLine line) {
        logs.computeIfAbsent(id, _ -> new ArrayList<>()).add(line);
    }
    public synchronized void file(String id, String path, String content) {
        files.computeIfAbsent(id, _ -> new TreeMap<>()).put(path, content);
    }
    public synchronized Map<String, String> files(String id) {
        return Map.copyOf(files.getOrDefault(id, new TreeMap<>()));
    }
    public synchronized void image(String name, String id, Map<String, String> labels) {
        var n = images.computeIfAbsent(id, _ -> Json.object().put("Id", id).put("Created", ++made));
        n.withArray("RepoTags").add(name);
        n.set("Labels", Json.of(labels));
        n.put("Architecture", "amd64");
    }
    /** One from a registry. */
    public synchronized void image(String name, String id, String architecture, List<String> digests) {
        image(name, id, Map.of());
        digests.forEach(images.get(id).put("Architecture", architecture).withArray("RepoDigests")::add);
    }

    // The engine.

    @Override public boolean isRemote() { return remote; }
    @Override public JsonNode info() {
        return Json.object()
            .put("ServerVersion", "28.5.2")
            .put("MemTotal", 8L << 30)
            .put("SystemTime", Instant.now().toString());
    }
    @Override public JsonNode version() { return Json.object().put("Version", "28.5.2").put("Arch", "amd64"); }

    @Override public synchronized List<Container> all(String composeProject) {
        return containers.values()
            .stream()
            .map(n -> Container.of(n.deepCopy()))
            .filter(c -> composeProject.equals(c.labels().get("com.docker.compose.project")))
            .filter(c -> "False".equals(c.labels().get("com.docker.compose.oneoff")))
            .toList();
    }

    private synchronized Optional<ObjectNode> find(String id) {
        return containers.values().stream()
            .filter(n -> n.path("Id").asText().startsWith(id) || n.path("Name").asText().equals("/" + id))
            .findFirst();
    }
    private ObjectNode known(String id) { return find(id).orElseThrow(() -> refused("No such container: " + id)); }
    private static Failure refused(String why) {
        return Failure.preflight("docker was refused", "Error response from daemon: " + why);
    }
    private boolean runs(String id) {
        return find(id).filter(n -> n.at("/State/Status").asText().equals("running")).isPresent();
    }

    private synchronized void status(String id, String status, String event) {
        var n = known(id);
        ((ObjectNode) n.path("State")).put("Status", status);
        happened(n, event);
    }

    private void happened(ObjectNode n, String action) {
        var now = Instant.now();
        var e = Json.object()
            .put("Type", "container")
            .put("Action", action)
            .put("time", now.getEpochSecond())
            .put("timeNano", now.getEpochSecond() * 1_000_000_000 + now.getNano());
        var actor = e.putObject("Actor").put("ID", n.path("Id").asText());
        actor.putObject("Attributes")
            .put("exitCode", n.at("/State/ExitCode").asText())
            .setAll((ObjectNode) n.at("/Config/Labels").deepCopy());
        events.add(e);
        watchers.stream().filter(w -> w.wanted.test(e)).forEach(w -> w.event.accept(e));
    }

    private synchronized void end(String id, int code) {
        ((ObjectNode) known(id).path("State")).put("ExitCode", code);
        status(id, "exited", "die");
        open.stream().filter(r -> r.process.container.equals(id)).forEach(r -> r.thread.interrupt());
    }

    @Override public synchronized Optional<JsonNode> inspect(String id) { return find(id).map(ObjectNode::deepCopy); }
    @Override public synchronized void start(String id) {
        var n = known(id);
        if (runs(id)) return;
        ((ObjectNode) n.path("State")).put("StartedAt", Instant.now().toString());
        status(id, "running", "start");
    }
    @Override public void stop(String id, Duration grace) {
        known(id);
        if (runs(id)) end(id, 0);
    }
    @Override public boolean kill(String id, String signal) {
        if (!runs(id)) return false;
        if (signal.matches("(SIG)?KILL|9")) end(id, 137);
        else status(id, "running", "kill");
        return true;
    }
    @Override public synchronized void leaveDown(String id) {
        known(id).withObject("/HostConfig/RestartPolicy").put("Name", "unless-stopped");
    }
    @Override public synchronized void rename(String id, String name) { known(id).put("Name", "/" + name); }
    @Override public void pause(String id) {
        if (!runs(id)) throw refused("Container " + id + " is not running");
        status(id, "paused", "pause");
    }
    @Override public void unpause(String id) {
        if (!known(id).at("/State/Status").asText().equals("paused"))
            throw refused("Container " + id + " is not paused");
        status(id, "running", "unpause");
    }
    @Override public synchronized boolean remove(String id) {
        var n = find(id);
        if (n.isPresent() && runs(id)) end(id, 137);
        return n.map(o -> containers.remove(o.path("Id").asText())).isPresent();
    }

    @Override public Result exec(String id, Duration limit, Map<String, String> environment, String... command) {
        if (find(id).isEmpty()) return new Result(1, "", "Error response from daemon: No such container: " + id);
        if (!runs(id)) return new Result(1, "", "Error response from daemon: Container " + id + " is not running");
        return toItsEnd(id, limit, environment, command, "docker exec");
    }

    private Result toItsEnd(String id, Duration limit, Map<String, String> environment, String[] command, String what) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var running = new Running(
            new Process(id, environment, List.of(command), InputStream.nullInputStream(), out, err));
        try {
            return new Result(running.exit.get(limit.toMillis(), TimeUnit.MILLISECONDS).orElse(137),
                out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } catch (TimeoutException e) {
            throw Failure.preflight("Docker does not answer", what + ": no answer within " + Console.seconds(limit),
                "docker info");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(Result.INTERRUPTED, out.toString(StandardCharsets.UTF_8), "interrupted");
        }
    }

    @Override public Held hold(String id, Duration limit, String... command) {
        known(id);
        if (!runs(id)) throw refused("Container " + id + " is not running");
        var stdin = new Pipe();
        var out = new Pipe();
        var err = new ByteArrayOutputStream();
        var running = new Running(new Process(id, Map.of(), List.of(command), stdin, out.sink(), err));
        open.add(running);
        running.exit.completeOnTimeout(OptionalInt.empty(), limit.toMillis(), TimeUnit.MILLISECONDS).thenRun(() -> {
            stdin.end();
            out.end();
        });
        return new Held() {
            @Override public OutputStream stdin() { return stdin.sink(); }
            @Override public InputStream out() { return out; }
            @Override public String err() { return err.toString(StandardCharsets.UTF_8); }
            @Override public CompletableFuture<OptionalInt> onExit() { return running.exit; }
            @Override public void close() {
                running.exit.complete(OptionalInt.empty());
                out.close();
            }
        };
    }

    /** A process: its end is its exit code, or SIGKILL's when its thread is interrupted. */
    private final class Running {
        final CompletableFuture<OptionalInt> exit = new CompletableFuture<>();
        final Process process;
        final Thread thread;

        Running(Process process) {
            this.process = process;
            thread = Thread.ofVirtual().start(() -> exit.complete(OptionalInt.of(code())));
        }

        private int code() {
            var program = programs.stream().filter(p -> p.commands.test(process.command)).findFirst();
            try {
                if (program.isPresent()) return program.get().program.run(process);
                process.complain("OCI runtime exec failed: \"" + process.command.getFirst()
                    + "\": executable file not found in $PATH");
                return 126;
            } catch (IOException | InterruptedException e) {
                return 137;
            }
        }
    }

    @Override public Result run(String image, String network, Duration limit, String... command) {
        if (image(image).isEmpty()) return new Result(125, "", "Error response from daemon: No such image: " + image);
        return toItsEnd("one-off", limit, Map.of(), command, "docker run");
    }

    @Override public synchronized void copy(String from, String folder, String to, String target) {
        known(from);
        known(to);
        var found = new TreeMap<>(files.getOrDefault(from, new TreeMap<>()).tailMap(folder + "/"));
        found.keySet().removeIf(path -> !path.startsWith(folder + "/"));
        if (found.isEmpty()) throw refused("Could not find the file " + folder + " in container " + from);
        found.forEach((path, content) -> file(to, target + path.substring(folder.length()), content));
    }

    @Override public synchronized List<LogLine> logs(String id, int tail, Instant since, Instant until) {
        known(id);
        var all = logs.getOrDefault(id, List.of())
            .stream()
            .filter(l -> !l.at().isBefore(since) && !l.at().isAfter(until))
            .sorted(Comparator.comparing(LogLine::at))
            .toList();
        return all.subList(Math.max(0, all.size() - tail), all.size());
    }

    @Override public Optional<JsonNode> stats(String id) {
        return find(id).map(_ -> {
            var stats = Json.object();
            stats.putObject("memory_stats").put("usage", 100L << 20);
            return stats;
        });
    }

    @Override public List<JsonNode> events(Instant since, Instant until, String... filters) {
        return events.stream()
            .filter(wanted(filters))
            .filter(e -> !at(e).isBefore(since) && !at(e).isAfter(until))
            .toList();
    }
    private static Instant at(JsonNode event) { return Instant.ofEpochSecond(0, event.path("timeNano").asLong()); }

    @Override public Following follow(Consumer<JsonNode> event, String... filters) {
        var watcher = new Watcher(wanted(filters), event);
        var end = new CompletableFuture<Void>();
        watchers.add(watcher);
        end.thenRun(() -> watchers.remove(watcher));
        return new Following() {
            @Override public CompletableFuture<Void> onEnd() { return end; }
            @Override public void close() { end.complete(null); }
        };
    }

    private static Predicate<JsonNode> wanted(String... filters) {
        return e -> Filter.of(filters).stream().allMatch(f -> switch (f.name()) {
            case "container" -> f.values().contains(e.at("/Actor/ID").asText());
            case "event" -> f.values().contains(e.path("Action").asText());
            case "type" -> f.values().contains(e.path("Type").asText());
            case "label" -> f.values().stream().anyMatch(v -> labelled(e.at("/Actor/Attributes"), v));
            default -> throw new IllegalArgumentException(f.name());
        });
    }
    private static boolean labelled(JsonNode labels, String label) {
        String[] parts = label.split("=", 2);
        return labels.path(parts[0]).asText().equals(parts[1]);
    }

    @Override public synchronized Optional<JsonNode> image(String reference) {
        return images.values().stream()
            .filter(n -> n.path("Id").asText().equals(reference) || named(n, reference))
            .findFirst()
            .map(n -> n.deepCopy());
    }
    private static boolean named(JsonNode image, String name) {
        return image.path("RepoTags").valueStream().anyMatch(t -> t.asText().equals(name));
    }

    @Override public synchronized List<JsonNode> images(String... filters) {
        return images.values().stream().filter(n -> Filter.of(filters).stream().allMatch(f -> switch (f.name()) {
            case "label" -> f.values().stream().anyMatch(v -> labelled(n.path("Labels"), v));
            case "reference" -> f.values().stream()
                .anyMatch(v -> n.path("RepoTags")
                    .valueStream()
                    .anyMatch(t -> t.asText().equals(v) || t.asText().startsWith(v + ":")));
            default -> throw new IllegalArgumentException(f.name());
        }))
            .sorted(Comparator.comparing((JsonNode n) -> n.path("Created").asLong()).reversed())
            .map(n -> (JsonNode) n.deepCopy())
            .toList();
    }

    @Override public synchronized void tag(String image, String name) {
        var n = image(image)
            .map(i -> images.get(i.path("Id").asText()))
            .orElseThrow(() -> refused("No such image: " + image));
        images.values().forEach(other -> takeName(other, name));
        n.withArray("RepoTags").add(name);
    }

    private static boolean takeName(ObjectNode image, String name) {
        var names = image.withArray("RepoTags");
        for (int i = 0; i < names.size(); i++)
            if (names.get(i).asText().equals(name)) {
                names.remove(i);
                return true;
            }
        return false;
    }

    /** In use: by a container, running or not; then the last name stays. */
    @Override public synchronized boolean untag(String nameOrId) {
        var n = image(nameOrId);
        if (n.isEmpty()) return false;
        var image = images.get(n.get().path("Id").asText());
        boolean last = image.withArray("RepoTags").size() <= 1;
        boolean used = containers.values().stream()
            .anyMatch(c -> c.path("Image").asText().equals(n.get().path("Id").asText()));
        if (last && used) return false;
        takeName(image, nameOrId);
        if (last) images.remove(n.get().path("Id").asText());
        return true;
    }

    @Override public void close() { open.forEach(r -> r.exit.complete(OptionalInt.empty())); }
}
