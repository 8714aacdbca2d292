package lib;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The compose project: the shared services, and one colour at a time with its own pinned image. */
public final class Stack {
    private final Config config;

    public Stack(Config config) { this.config = config; }

    /** By service. */
    public Map<String, Docker.Container> containers() { return Docker.containers(config.composeProject()); }

    public Optional<Docker.Container> container(Color color) { return Optional.ofNullable(containers().get(config.service(color))); }

    /** @throws Failure (pre-flight) when Nginx is not running */
    public Docker.Container nginx() { return nginx(containers()); }

    /** The same, of containers that were listed already. */
    Docker.Container nginx(Map<String, Docker.Container> containers) {
        var nginx = containers.get(config.nginxService());
        if (nginx == null || !nginx.running())
            throw Failure.preflight("Nginx is not running", "compose project '" + config.composeProject() + "' has "
                + (nginx == null ? "no container" : "a container in state " + nginx.status()) + " for service " + config.nginxService(),
                "deploy --version VERSION   (starts the stack)");
        return nginx;
    }

    /** Starts what is not running of Nginx and the data services; never recreates what runs. */
    public void startShared(Console.Step step) {
        var started = startStopped(step::progress);
        step.done(started.isEmpty() ? "Nginx and the data services run" : "started " + String.join(", ", started));
    }

    private List<String> startStopped(Consumer<String> progress) {
        var running = containers();
        var listed = compose(Duration.ofSeconds(30), "config", "--services").run();
        if (!listed.ok()) throw Failure.usage("the compose files are refused", listed.err().strip(), "docker compose config");
        var services = listed.out().lines().filter(s -> !s.equals(config.blueService()) && !s.equals(config.greenService())).toList();
        for (String needed : List.of(config.nginxService(), config.blueService(), config.greenService()))
            if (listed.out().lines().noneMatch(needed::equals))
                throw Failure.usage("the compose files have no service '" + needed + "'", "they have: " + String.join(", ", listed.out().lines().toList()), "services: in bluegreen.yaml");
        var stopped = services.stream().filter(s -> !running.containsKey(s) || !running.get(s).running()).toList();
        if (stopped.isEmpty()) return stopped;
        if (stopped.contains(config.nginxService())) {
            requireFree("ports.http", config.ports().http());
            requireFree("ports.https", config.ports().https());
            requireFree("ports.control", "127.0.0.1:" + config.ports().control());
        }
        var arguments = new ArrayList<>(List.of("up", "--detach", "--no-build", "--no-recreate"));
        arguments.addAll(stopped);
        var up = compose(Duration.ofMinutes(10), arguments.toArray(String[]::new)).run(progress);
        if (!up.ok()) throw Failure.preflight("could not start " + String.join(", ", stopped), reason(up), "docker compose logs");
        return stopped;
    }

    /** A port that someone else holds, said before anything is started. Only checked on a local engine. */
    public void requireFree(String key, String bind) {
        if (Docker.isRemote()) return;
        int colon = bind.lastIndexOf(':');
        int port = Integer.parseInt(bind.substring(colon + 1));
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(colon < 0 ? new InetSocketAddress(port) : new InetSocketAddress(bind.substring(0, colon), port));
        } catch (IOException e) {
            throw Failure.preflight("port " + port + " is taken", e.getMessage() + "; nothing was changed",
                "free it, or set " + key + " in bluegreen.yaml (--set " + key + "=PORT)");
        }
    }

    /** Stops a colour gracefully: SIGTERM, then the compose file's stop_grace_period. Never one that serves: the caller knows. */
    public void stop(Color color) {
        var stopped = compose(Duration.ofMinutes(10), "stop", config.service(color)).run();
        if (!stopped.ok()) throw new Failure(ExitCode.FAILED, "could not stop " + config.service(color), reason(stopped), "docker ps");
    }

    /** Starts a colour on an image id, leaving everything else alone. */
    public Docker.Container start(Color color, String image, String version, Consumer<String> progress) {
        pin(color, image, version);
        var up = compose(Duration.ofMinutes(5), "up", "--detach", "--no-deps", "--no-build", config.service(color)).run(progress);
        if (!up.ok()) throw new Failure(ExitCode.FAILED, "could not start " + config.service(color), reason(up), "docker compose logs " + config.service(color));
        return container(color).orElseThrow(() -> new Failure(ExitCode.FAILED, config.service(color) + " vanished after its start", null, "docker ps --all"));
    }

    /** Starts a colour as it was: its stopped container, or a new one on the image that it is pinned to. */
    public Docker.Container revive(Color color, Consumer<String> progress) {
        if (container(color).isEmpty()) {
            var image = pinnedImage(color).orElseThrow(() -> new Failure(ExitCode.FAILED, config.service(color) + " has neither a container nor an image", null, "deploy --target " + color + " --version VERSION"));
            return start(color, image, pinned().getOrDefault("APP_" + color.name() + "_VERSION", ""), progress);
        }
        var started = compose(Duration.ofMinutes(5), "start", config.service(color)).run(progress);
        if (!started.ok()) throw new Failure(ExitCode.FAILED, "could not start " + config.service(color), reason(started), "docker compose logs " + config.service(color));
        return container(color).orElseThrow();
    }

    /** The image that a colour was last started on, if it still exists. */
    public Optional<String> pinnedImage(Color color) {
        return Optional.ofNullable(pinned().get("APP_" + color.name() + "_IMAGE")).filter(id -> Image.find(id).isPresent());
    }

    /** Of both colours: what their containers run, and what they would be started on. */
    public Set<String> imagesInUse() {
        var ids = new HashSet<String>();
        for (Color color : Color.values()) {
            container(color).map(Docker.Container::image).ifPresent(ids::add);
            Optional.ofNullable(pinned().get("APP_" + color.name() + "_IMAGE")).ifPresent(ids::add);
        }
        return ids;
    }

    /** A colour's container on an image id, not started. */
    public void create(Color color, String image, String version) {
        pin(color, image, version);
        var up = compose(Duration.ofMinutes(2), "up", "--no-start", "--no-deps", "--no-build", config.service(color)).run();
        if (!up.ok()) throw new Failure(ExitCode.FAILED, "could not create " + config.service(color), reason(up), "docker ps --all");
    }

    /** A stopped colour's container, and what is pinned for it. */
    public void remove(Color color) {
        var removed = compose(Duration.ofMinutes(2), "rm", "--force", config.service(color)).run();
        if (!removed.ok()) throw new Failure(ExitCode.FAILED, "could not remove " + config.service(color), reason(removed), "docker ps --all");
        pin(color, "", "");
    }

    private static String reason(Command.Result result) {
        var errors = result.err().lines().filter(l -> l.toLowerCase().contains("error")).toList();
        return errors.isEmpty() ? result.last() : errors.getLast();
    }

    public Command compose(Duration limit, String... arguments) {
        var command = new ArrayList<>(List.of("compose", "--project-name", config.composeProject(), "--env-file", writeEnvironment(Map.of()).toString()));
        for (Path file : config.composeFiles()) {
            if (!Files.isReadable(file)) throw Failure.usage("cannot read the compose file " + file, "compose.files in bluegreen.yaml names it", null);
            command.addAll(List.of("--file", file.toString()));
        }
        command.addAll(List.of(arguments));
        // The process's own environment would win over the file: say the same in both.
        return Docker.command(limit, command.toArray(String[]::new)).with(variables());
    }

    private void pin(Color color, String image, String version) {
        String prefix = "APP_" + color.name();
        writeEnvironment(Map.of(prefix + "_IMAGE", image, prefix + "_VERSION", version == null ? "" : version));
    }

    /** .deployment/compose.env, so that a "docker compose" by hand means the same images and ports. */
    private Path writeEnvironment(Map<String, String> changes) {
        var all = variables();
        all.putAll(changes);
        var text = new StringBuilder("# Written by bluegreen. By hand: docker compose -p " + config.composeProject() + " --env-file THIS_FILE ...\n");
        all.forEach((k, v) -> text.append(k).append('=').append(quoted(v)).append('\n'));
        Path file = environmentFile();
        try {
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), text.toString().getBytes(StandardCharsets.UTF_8))) Atomic.writeSecret(file, text.toString());
        } catch (IOException e) {
            throw Failure.preflight("cannot write " + file, e.toString() + "; nothing was changed", "make room or set permissions");
        }
        return file;
    }

    /** As compose reads it: nothing is replaced in '...', but it knows no escape there; so all else in "...", on one line. */
    static String quoted(String value) {
        if (!value.matches("(?s).*['\\\\\n\r].*")) return "'" + value + "'";
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$").replace("\n", "\\n").replace("\r", "\\r") + '"';
    }

    private Path environmentFile() { return config.folder().resolve("compose.env"); }

    private TreeMap<String, String> variables() {
        var all = new TreeMap<String, String>(config.variables());
        all.putAll(pinned());
        var p = config.ports();
        all.put("HTTP_PORT", p.http());
        all.put("HTTPS_PORT", p.https());
        all.put("CONTROL_PORT", String.valueOf(p.control()));
        all.put("BLUE_PORT", String.valueOf(p.blue()));
        all.put("GREEN_PORT", String.valueOf(p.green()));
        all.put("APP_PORT", String.valueOf(p.app()));
        all.put("HEALTH_PATH", config.health().path());
        all.put("ASSETS_PATH", config.assets().path());
        all.put("REDIRECT_PORT", config.redirectPort());
        all.put("NGINX_DIR", config.nginxFolder().toString());
        return all;
    }

    /** What the file says of the colours; a line that is not as {@link #pin} writes it says nothing. */
    private Map<String, String> pinned() {
        var found = new LinkedHashMap<String, String>();
        if (!Files.exists(environmentFile())) return found;
        try {
            for (String line : Files.readString(environmentFile(), StandardCharsets.ISO_8859_1).split("\n"))      // any bytes can be read so
                if (line.matches("APP_(BLUE|GREEN)_(IMAGE='sha256:[0-9a-f]{64}|VERSION='[A-Za-z0-9_.-]{0,128})'"))
                    found.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 2, line.length() - 1));
        } catch (IOException e) {
            throw Failure.preflight("cannot read " + environmentFile(), e.toString(), null);
        }
        return found;
    }
}
