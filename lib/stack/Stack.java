package lib.stack;

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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.PercentEncoding;
import lib.docker.Docker;
import lib.docker.Image;
import lib.nginx.Nginx;
import lib.process.Command;

/** The compose project: the shared services, and one colour at a time with its own pinned image. */
public final class Stack {
    /** For a container that the engine is starting again: as long as a gate waits for an answer. */
    public static final Duration RESTART = Duration.ofSeconds(Docker.isRemote() ? 20 : 6);

    private final Config config;

    public Stack(Config config) { this.config = config; }

    public Config config() { return config; }

    /** By service. */
    public Map<String, Docker.Container> containers() { return Docker.containers(config.composeProject()); }

    public Optional<Docker.Container> container(Colour colour) { return Optional.ofNullable(containers().get(config.service(colour))); }

    /** A colour that runs; one that the engine is starting again gets as long as a gate. */
    public Optional<Docker.Container> running(Colour colour) {
        for (long end = System.nanoTime() + RESTART.toNanos(); ; Interruption.pause(250)) {
            var now = container(colour).filter(Docker.Container::up);
            if (now.isEmpty() || now.get().running() || System.nanoTime() >= end) return now.filter(Docker.Container::running);
        }
    }

    /** @throws Failure (pre-flight) when Nginx does not run, or no switch could be confirmed at the ports of the configuration */
    public Docker.Container nginx() {
        var nginx = nginx(containers());
        NginxDrift.require(NginxDrift.ofPorts(config, nginx), NginxDrift.Stops.SWITCH, this);
        return nginx;
    }

    /** The same, of containers that were listed already, and for who only looks. */
    public Docker.Container nginx(Map<String, Docker.Container> containers) {
        nginxDown(containers).ifPresent(down -> { throw down; });
        var nginx = containers.get(config.nginxService());
        var unreachable = NginxDrift.ofPorts(config, nginx).stream().filter(d -> d.text().startsWith("ports.control")).toList();
        NginxDrift.require(unreachable, NginxDrift.Stops.SWITCH, this);
        return nginx;
    }

    /** Why Nginx does not run, of containers that were listed already; empty when it does. */
    public Optional<Failure> nginxDown(Map<String, Docker.Container> containers) {
        return NginxDown.of(config, Optional.ofNullable(containers.get(config.nginxService())));
    }

    /** What a person types when an interruption is all right: the only way to give Nginx other ports. */
    Command recreating() { return compose(Duration.ofMinutes(10), "up", "--detach", "--no-deps", config.nginxService()); }

    /** Starts what is not running of Nginx and the data services; never recreates what runs. Returns whether something was started. */
    public boolean startShared(Console.Step step) {
        var started = startStopped(step::progress);
        step.done(started.isEmpty() ? "Nginx and the data services run" : "started " + String.join(", ", started));
        return !started.isEmpty();
    }

    private List<String> startStopped(Consumer<String> progress) {
        var running = containers();
        boolean nginxRuns = nginxDown(running).isEmpty();
        if (nginxRuns) NginxDrift.require(NginxDrift.of(config, running), NginxDrift.Stops.DEPLOY, this);
        else NginxFolder.require(config.nginxFolder());
        var listed = compose(Duration.ofSeconds(30), "config", "--services").run();
        if (!listed.ok()) throw Failure.usage("the compose files are refused", listed.err().strip(), "docker compose config");
        var services = listed.out().lines().filter(s -> !s.equals(config.blueService()) && !s.equals(config.greenService())).toList();
        for (String needed : List.of(config.nginxService(), config.blueService(), config.greenService()))
            if (listed.out().lines().noneMatch(needed::equals))
                throw Failure.usage("the compose files have no service '" + needed + "'", "they have: " + String.join(", ", listed.out().lines().toList()), "services: in bluegreen.yaml");
        var stopped = services.stream().filter(s -> !running.containsKey(s) || !running.get(s).up()).toList();
        if (!stopped.isEmpty()) start(stopped, progress);
        if (!nginxRuns) try {
            awaitNginx();
        } catch (Failure f) {
            throw f.after(!stopped.isEmpty());
        }
        return stopped;
    }

    private void start(List<String> stopped, Consumer<String> progress) {
        if (stopped.contains(config.nginxService())) {
            requireFree("ports.http", config.ports().http());
            requireFree("ports.https", config.ports().https());
            requireFree("ports.control", "127.0.0.1:" + config.ports().control());
        }
        var others = stopped.stream().filter(s -> !s.equals(config.nginxService())).toList();
        if (!others.isEmpty()) up(others, progress, "--no-recreate");
        // A stopped Nginx has nothing to lose: it gets the ports and the folder that the configuration says now.
        if (stopped.contains(config.nginxService())) up(List.of(config.nginxService()), progress, "--no-deps");
    }

    private void up(List<String> services, Consumer<String> progress, String option) {
        var arguments = new ArrayList<>(List.of("up", "--detach", "--no-build", option));
        arguments.addAll(services);
        var up = compose(Duration.ofMinutes(10), arguments.toArray(String[]::new)).run(progress);
        if (!up.ok()) throw new Failure(ExitCode.FAILED, "could not start " + String.join(", ", services), reason(up), "docker ps --all");
    }

    /** Until it answers: what is wrong with its configuration shows in its first second. */
    private void awaitNginx() {
        for (long deadline = System.nanoTime() + NGINX_STARTS.toNanos(); System.nanoTime() < deadline; Interruption.pause(200)) {
            var now = Optional.ofNullable(containers().get(config.nginxService()));
            if (now.filter(Docker.Container::running).isPresent() && Nginx.serving(config).isPresent()) return;
            var down = now.filter(n -> n.restarts() >= LOOP || n.status().equals("exited")).flatMap(n -> NginxDown.of(config, now));
            down.ifPresent(f -> { throw f; });
        }
    }
    /** It seeds its folder and makes a certificate first: 1 s here. */
    private static final Duration NGINX_STARTS = Duration.ofSeconds(15);
    /** With the engine's pauses of 0.1, 0.2 and 0.4 s, a second or two. */
    private static final int LOOP = 3;

    /** A port that someone else holds, said before anything is started. Only checked on a local engine. */
    public void requireFree(String key, String bind) {
        if (Docker.isRemote()) return;
        int colon = bind.lastIndexOf(':');
        int port = Integer.parseInt(bind.substring(colon + 1));
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(colon < 0 ? new InetSocketAddress(port) : new InetSocketAddress(bind.substring(0, colon), port));
        } catch (IOException e) {
            throw Failure.preflight("port " + port + " is taken", e.getMessage(),
                "free it, or set " + key + " in bluegreen.yaml (--set " + key + "=PORT)");
        }
    }

    /** The same for a colour's, before anything is stopped: the one that its own container publishes gets free with it. */
    public void requireFree(Colour colour) {
        String bind = "127.0.0.1:" + config.ports().of(colour);
        if (container(colour).filter(c -> (c.running() || c.paused()) && c.ports().containsValue(bind)).isEmpty()) requireFree("ports." + colour, bind);
    }

    /**
     * Stops a colour gracefully: SIGTERM, then the grace that its container was made with. By the container, as a
     * compose file that is refused now must not keep it. Never one that serves: the caller knows.
     */
    public void stop(Colour colour) {
        container(colour).ifPresent(c -> {
            if (c.paused()) act(c.id(), "unpause", Duration.ofMinutes(1), "could not unpause " + c.service());
            act(c.id(), "stop", Duration.ofSeconds(c.stopGraceSeconds()).plusMinutes(5), "could not stop " + c.service());
        });
    }

    private static void act(String container, String what, Duration limit, String failed) {
        var done = Docker.checked(Docker.command(limit, what, container));
        if (!done.ok()) throw new Failure(ExitCode.FAILED, failed, reason(done), "docker ps --all");
    }

    /** Starts a colour on an image id, leaving everything else alone. */
    public Docker.Container start(Colour colour, String image, String version, Consumer<String> progress) {
        var up = compose(Duration.ofMinutes(5), pins(colour, image, version), "up", "--detach", "--no-deps", "--no-build", config.service(colour)).run(progress);
        if (!up.ok()) throw new Failure(ExitCode.FAILED, "could not start " + config.service(colour), reason(up), "docker logs " + config.container(config.service(colour)));
        return container(colour).orElseThrow(() -> new Failure(ExitCode.FAILED, config.service(colour) + " vanished after its start", null, "docker ps --all"));
    }

    /** Starts a colour as it was: its stopped container, which needs the engine alone, or a new one on the image that it is pinned to. */
    public Docker.Container revive(Colour colour, Consumer<String> progress) {
        var stopped = container(colour);
        if (stopped.isEmpty()) {
            var image = pinnedImage(colour).orElseThrow(() -> new Failure(ExitCode.FAILED, config.service(colour) + " has neither a container nor an image", null, "deploy --target " + colour + " --version VERSION"));
            return start(colour, image, pinned().getOrDefault(versionOf(colour), ""), progress);
        }
        act(stopped.get().id(), stopped.get().paused() ? "unpause" : "start", Duration.ofMinutes(1), "could not start " + config.service(colour));
        return container(colour).orElseThrow();
    }

    /** The image that a colour was last started on, if it still exists. */
    public Optional<String> pinnedImage(Colour colour) {
        return Optional.ofNullable(pinned().get(imageOf(colour))).filter(id -> Image.find(id).isPresent());
    }

    /** Of both colours: what their containers run, and what they would be started on. */
    public Set<String> imagesInUse() {
        var ids = new HashSet<String>();
        var pinned = pinned();
        for (Colour colour : Colour.values()) if (pinned.get(imageOf(colour)) instanceof String id && !id.isEmpty()) ids.add(id);
        return ids;
    }

    /** A colour's container on an image id, not started. */
    public void create(Colour colour, String image, String version) {
        var up = compose(Duration.ofMinutes(2), pins(colour, image, version), "up", "--no-start", "--no-deps", "--no-build", config.service(colour)).run();
        if (!up.ok()) throw new Failure(ExitCode.FAILED, "could not create " + config.service(colour), reason(up), "docker ps --all");
    }

    /** A stopped colour's container, and what is pinned for it. */
    public void remove(Colour colour) {
        container(colour).ifPresent(c -> act(c.id(), "rm", Duration.ofMinutes(1), "could not remove " + c.service()));
        writeEnvironment(variables(pins(colour, "", "")));
    }

    private static String reason(Command.Result result) {
        var errors = result.err().lines().filter(l -> l.toLowerCase(Locale.ROOT).contains("error")).toList();
        return errors.isEmpty() ? result.last() : errors.getLast();
    }

    public Command compose(Duration limit, String... arguments) { return compose(limit, Map.of(), arguments); }

    private Command compose(Duration limit, Map<String, String> pins, String... arguments) {
        var variables = variables(pins);
        var command = new ArrayList<>(List.of("compose", "--project-name", config.composeProject(), "--env-file", writeEnvironment(variables)));
        for (Path file : config.composeFiles()) {
            if (!Files.isReadable(file)) throw Failure.usage("cannot read the compose file " + file, "compose.files in bluegreen.yaml names it", null);
            command.addAll(List.of("--file", file.toString()));
        }
        command.addAll(List.of(arguments));
        // The process's own environment would win over the file: say the same in both. Its passwords go into no file.
        var environment = PercentEncoding.forUrls(System.getenv());
        environment.putAll(variables);
        return Docker.command(limit, command.toArray(String[]::new)).with(environment);
    }

    private static String imageOf(Colour colour) { return "APP_" + colour.name() + "_IMAGE"; }
    private static String versionOf(Colour colour) { return "APP_" + colour.name() + "_VERSION"; }
    private static Map<String, String> pins(Colour colour, String image, String version) {
        return Map.of(imageOf(colour), image, versionOf(colour), version == null ? "" : version);
    }

    /**
     * .deployment/compose.env, so that a "docker compose" by hand means the same images and ports. The variables reach
     * compose without it: on a full disk, or where it is a colleague's, compose gets an empty file.
     */
    private String writeEnvironment(Map<String, String> all) {
        var text = new StringBuilder("# Written by bluegreen. By hand: docker compose -p " + config.composeProject() + " --env-file THIS_FILE ...\n");
        all.forEach((k, v) -> text.append(k).append('=').append(quoted(v)).append('\n'));
        Path file = environmentFile();
        try {
            boolean same = Files.isReadable(file) && Arrays.equals(Files.readAllBytes(file), text.toString().getBytes(StandardCharsets.UTF_8));
            if (!same) Atomic.writeSecret(file, text.toString());
            return file.toString();
        } catch (IOException e) {
            return "/dev/null";
        }
    }

    /** As compose reads it: nothing is replaced in '...', but it knows no escape there; so all else in "...", on one line. */
    public static String quoted(String value) {
        if (!value.matches("(?s).*['\\\\\n\r].*")) return "'" + value + "'";
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$").replace("\n", "\\n").replace("\r", "\\r") + '"';
    }

    private Path environmentFile() { return config.folder().resolve("compose.env"); }

    private TreeMap<String, String> variables(Map<String, String> pins) {
        var all = new TreeMap<>(PercentEncoding.forUrls(config.variables()));
        all.putAll(config.variables());
        all.putAll(pinned());
        all.putAll(pins);
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

    /**
     * The image and version of each colour: what its container was made with, as two checkouts see the same containers;
     * where there is none, what the file says.
     */
    private Map<String, String> pinned() {
        var found = fromFile();
        var containers = containers();
        for (Colour colour : Colour.values())
            if (containers.get(config.service(colour)) instanceof Docker.Container c)
                found.putAll(pins(colour, c.image(), c.version()));
        return found;
    }

    /** A line that is not as it was written here says nothing; nor does a file that cannot be read. */
    private Map<String, String> fromFile() {
        var found = new LinkedHashMap<String, String>();
        if (!Files.isReadable(environmentFile())) return found;
        try {
            for (String line : Files.readString(environmentFile(), StandardCharsets.ISO_8859_1).split("\n"))      // any bytes can be read so
                if (line.matches("APP_(BLUE|GREEN)_(IMAGE='sha256:[0-9a-f]{64}|VERSION='[A-Za-z0-9_.-]{0,128})'"))
                    found.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 2, line.length() - 1));
        } catch (IOException e) {
            found.clear();      // it went away, or its disk did
        }
        return found;
    }
}
