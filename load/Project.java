package load;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Json;

/** A project of its own in a temporary folder, on free ports: what the demo, the tests and the benchmarks deploy. */
public final class Project implements AutoCloseable {
    private static final String OWNER = ".owner";        // the process that takes it down

    public final String name;
    public final Path folder;
    public final int http, https, control, blue, green;
    private final Path home;
    private boolean coloured;
    private List<String> before = List.of();
    private final Map<String, String> environment = new HashMap<>();

    /** @param home the checkout of bluegreen */
    public Project(String name, Path home) throws IOException { this(name, home, "java"); }

    /** @param example a folder of examples/ */
    public Project(String name, Path home, String example) throws IOException {
        this.name = name;
        this.home = home;
        folder = Files.createTempDirectory(name + "-");
        Files.writeString(folder.resolve(OWNER), String.valueOf(ProcessHandle.current().pid()));
        var free = freePorts(5);
        http = free.get(0);
        https = free.get(1);
        control = free.get(2);
        blue = free.get(3);
        green = free.get(4);
        copy(home.resolve("nginx"), folder.resolve("nginx"));
        Files.writeString(folder.resolve("bluegreen.yaml"),
            """
            app: %s
            build: {context: %s, dockerfile: %s}
            ports: {http: 127.0.0.1:%d, https: 127.0.0.1:%d, control: %d, blue: %d, green: %d}
            compose: {files: [%s]}
            nginx: nginx
            monitor: 3s
            thresholds: {latency: 5s}   # clients and servers share this machine
            """
                .formatted(name, home, home.resolve("examples").resolve(example).resolve("Dockerfile"), http, https,
                    control, blue, green,
                    home.resolve("compose/docker-compose.blue-green.yml")));
    }

    /** Lines added to bluegreen.yaml. */
    public Project configure(String yaml) throws IOException {
        Files.writeString(folder.resolve("bluegreen.yaml"),
            Files.readString(folder.resolve("bluegreen.yaml")) + yaml + "\n");
        return this;
    }

    /** What turns "0 failed on reload" into failures: the line that makes old workers answer once more. */
    public Project withoutKeepaliveMinTimeout() throws IOException {
        Path conf = folder.resolve("nginx/nginx.conf");
        Files.writeString(conf,
            Files.readString(conf).replaceAll("keepalive_min_timeout \\w+;", "keepalive_min_timeout 0;"));
        return this;
    }

    /** A variable for the scripts; null takes it back. */
    public Project variable(String name, String value) {
        if (value == null) environment.remove(name);
        else environment.put(name, value);
        return this;
    }

    /** The scripts' text in colour, although it goes through a pipe. */
    public void coloured() { coloured = true; }

    /**
     * The scripts hear signals although we may not: under nohup, or as a job in the background, a process ignores some.
     */
    public void hearing() { before = List.of("env", "--default-signal=HUP,INT,TERM"); }

    public Config config() { return Config.load(folder, Map.of()); }

    /** What a script said: its exit code, its events (--json) and its text. */
    public record Said(int code, List<JsonNode> events, String text) {
        public List<JsonNode> events(String name) {
            return events.stream().filter(e -> e.path("event").asText().equals(name)).toList();
        }

        /** The last one of this name. */
        public JsonNode event(String name) {
            var all = events(name);
            if (all.isEmpty()) throw new AssertionError("no event '" + name + "', exit code " + code + ":\n" + text);
            return all.getLast();
        }

        /** Itself, if the script ended with this code. */
        public Said ended(int expected) {
            if (code != expected)
                throw new AssertionError("it ended with " + code + ", not " + expected + ":\n" + text);
            return this;
        }
    }

    /** When the link moved, of an event "switched": milliseconds since 1970. */
    public static long renamedAt(JsonNode switched) {
        return Instant.parse(switched.path("renamedAt").asText()).toEpochMilli();
    }

    /**
     * Runs a script as a person would, through the launcher, with --json; each line of its text goes to {@code seen}.
     */
    public Said run(Consumer<String> seen, String script, String... arguments) {
        try {
            Process process = start(script, arguments);
            var text = new StringBuilder();
            Thread err = Thread.ofVirtual().start(() -> read(process.errorReader(), line -> {
                text.append(line).append('\n');
                seen.accept(line);
            }));
            var events = new ArrayList<JsonNode>();
            read(process.inputReader(), line -> events.add(
                Json.read(line).orElseThrow(() -> new AssertionError("not JSON on stdout: " + line))));
            int code = process.waitFor();
            err.join();
            return new Said(code, events, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
    public Said run(String script, String... arguments) { return run(_ -> {}, script, arguments); }

    public Process start(String script, String... arguments) throws IOException {
        var command = new ArrayList<>(before);
        command.addAll(List.of(home.resolve("bluegreen").toString(), script, "-C", folder.toString(), "--json"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        builder.environment().putAll(environment);
        if (coloured) builder.environment().put("FORCE_COLOR", "1");
        return builder.start();
    }

    private static void read(BufferedReader from, Consumer<String> line) {
        try (from) {
            for (String s; (s = from.readLine()) != null;) line.accept(s);
        } catch (IOException e) {
            line.accept("(" + e.getMessage() + ")");
        }
    }

    /** Takes down containers, networks, volumes and the images that were built. */
    @Override public void close() throws IOException {
        remove(name);
        delete(folder);
    }

    /**
     * The same for projects whose process was killed: their containers would come back with the engine, on ports that
     * nobody asks.
     */
    public static void sweep(String prefix) throws IOException {
        var listed = Docker.call("ps", "--all", "--format", "{{.Label \"com.docker.compose.project\"}}\t"
            + "{{.Label \"com.docker.compose.project.environment_file\"}}\t"
            + "{{.Label \"com.docker.compose.project.working_dir\"}}");
        for (String line : listed.out().lines().distinct().filter(l -> l.startsWith(prefix)).toList()) {
            String[] labels = line.split("\t", -1);
            var folder = folderOf(labels[1], Path.of(labels[2]));
            if (isAlive(folder.resolve(OWNER))) continue;
            remove(labels[0]);
            if (Files.exists(folder.resolve(OWNER))) delete(folder);
        }
    }

    /**
     * Above .deployment/compose.env, the last of the files; where bluegreen did not start it, the compose file's own.
     */
    private static Path folderOf(String environmentFiles, Path workingFolder) {
        String last = environmentFiles.substring(environmentFiles.lastIndexOf(',') + 1);
        return last.endsWith("compose.env") ? Path.of(last).resolve("../..").normalize() : workingFolder;
    }

    private static boolean isAlive(Path owner) throws IOException {
        return Files.exists(owner) && ProcessHandle.of(Long.parseLong(Files.readString(owner))).isPresent();
    }

    /** What has the labels of a compose project, running or not, and the images that name it as their app. */
    public static void remove(String project) throws IOException {
        String own = "label=com.docker.compose.project=" + project;
        all(List.of("rm", "--force", "--volumes"), "ps", "--all", "--quiet", "--filter", own);
        all(List.of("network", "rm"), "network", "ls", "--quiet", "--filter", own);
        all(List.of("volume", "rm"), "volume", "ls", "--quiet", "--filter", own);
        all(List.of("rmi", "--force"), "images", "--quiet", "--no-trunc", "--filter", "label=bluegreen.app=" + project);
    }

    private static void all(List<String> remove, String... list) throws IOException {
        var command = new ArrayList<>(remove);
        Docker.call(list).out().lines().distinct().forEach(command::add);
        if (command.size() == remove.size()) return;
        var removed = Docker.call(command.toArray(String[]::new));
        if (!removed.ok()) throw new IOException("clean-up: " + removed.last());
    }

    /** With all that is in it. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(p);
        }
    }

    /** A folder with all that is in it. */
    public static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path p : all.toList()) {
                Path target = to.resolve(from.relativize(p).toString());
                if (Files.isDirectory(p)) Files.createDirectories(target);
                else Files.copy(p, target);
            }
        }
    }

    /** Of all projects of this process: nothing may listen yet on a standby's. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    /**
     * Below 32768, where the kernel begins to give out ports: a client's connection must not take one while nothing
     * listens there.
     */
    public static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            while (sockets.size() < count) {
                int port = ThreadLocalRandom.current().nextInt(10_000, 32_768);
                if (GIVEN.add(port)) listen(port).ifPresent(sockets::add);
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket s : sockets) s.close();
        }
    }

    private static Optional<ServerSocket> listen(int port) {
        try {
            return Optional.of(new ServerSocket(port));
        } catch (IOException taken) {
            return Optional.empty();
        }
    }
}
