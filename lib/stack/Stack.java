package lib.stack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.PercentEncoding;
import lib.docker.Compose;
import lib.docker.ComposeEnvironment;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.ImageBuilder;
import lib.docker.Images;
import lib.nginx.Nginx;
import lib.process.Command;

/** The compose project: the shared services, and one colour at a time with its own pinned image. */
public final class Stack {
    private final Config config;
    private final Engine engine;
    private final Compose compose;

    /** On the engine of this process. */
    public Stack(Config config) { this(config, Engine.here(), Compose.of(config)); }

    public Stack(Config config, Engine engine, Compose compose) {
        this.config = config;
        this.engine = engine;
        this.compose = compose;
    }

    public Config config() { return config; }
    public Engine engine() { return engine; }
    public Compose compose() { return compose; }
    public Images images() { return new Images(config, engine, ImageBuilder.buildKit(config)); }

    /** By service. */
    public Map<String, Container> containers() { return engine.containers(config.composeProject()); }

    public Optional<Container> container(Colour colour) {
        return Optional.ofNullable(containers().get(config.service(colour)));
    }

    /** For an answer now, or a container that the engine is starting again. */
    public Duration patience() { return Duration.ofSeconds(engine.isRemote() ? 20 : 6); }

    /** A colour that runs; one that the engine is starting again gets as long as a gate. */
    public Optional<Container> running(Colour colour) {
        for (long end = System.nanoTime() + patience().toNanos();; Interruption.pause(250)) {
            var now = container(colour).filter(Container::up);
            if (now.isEmpty() || now.get().running() || System.nanoTime() >= end) return now.filter(Container::running);
        }
    }

    /** @throws Failure (pre-flight) when Nginx does not run, or no switch could be confirmed at the ports of the configuration */
    public Container nginx() {
        var nginx = nginx(containers());
        NginxDrift.require(NginxDrift.ofPorts(this, nginx), NginxDrift.Stops.SWITCH, this);
        return nginx;
    }

    /** The same, of containers that were listed already, and for who only looks. */
    public Container nginx(Map<String, Container> containers) {
        nginxDown(containers).ifPresent(down -> { throw down; });
        var nginx = containers.get(config.nginxService());
        var unreachable = NginxDrift.ofPorts(this, nginx)
            .stream()
            .filter(d -> d.text().startsWith("ports.control"))
            .toList();
        NginxDrift.require(unreachable, NginxDrift.Stops.SWITCH, this);
        return nginx;
    }

    /** Why Nginx does not run, of containers that were listed already; empty when it does. */
    public Optional<Failure> nginxDown(Map<String, Container> containers) {
        return NginxDown.of(this, Optional.ofNullable(containers.get(config.nginxService())));
    }

    /** What a person types when an interruption is all right: the only way to give Nginx other ports. */
    public String recreating() { return composing("up", "--detach", "--no-deps", config.nginxService()); }

    /** "docker compose ARGUMENTS", as a person can paste it. */
    public String composing(String... arguments) { return compose.text(variables(Pins.NONE), arguments); }

    /** Starts what is not running of Nginx and the data services; never recreates what runs. Returns whether something was started. */
    public boolean startShared(Console.Step step) {
        var started = startStopped(step::progress);
        step.done(started.isEmpty() ? "Nginx and the data services run" : "started " + String.join(", ", started));
        return !started.isEmpty();
    }

    private List<String> startStopped(Consumer<String> progress) {
        var running = containers();
        boolean nginxRuns = nginxDown(running).isEmpty();
        if (nginxRuns) NginxDrift.require(NginxDrift.of(this, running), NginxDrift.Stops.DEPLOY, this);
        else NginxFolder.require(config.nginxFolder());
        var listed = compose(Duration.ofSeconds(30), "config", "--services");
        if (!listed.ok())
            throw Failure.usage("the compose files are refused", listed.err().strip(), "docker compose config");
        var services = listed.out().lines()
            .filter(s -> !s.equals(config.blueService()) && !s.equals(config.greenService()))
            .toList();
        for (String needed : List.of(config.nginxService(), config.blueService(), config.greenService()))
            if (listed.out().lines().noneMatch(needed::equals))
                throw Failure.usage("the compose files have no service '" + needed + "'",
                    "they have: " + String.join(", ", listed.out().lines().toList()), "services: in bluegreen.yaml");
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
        if (stopped.contains(config.nginxService())) try {
            up(List.of(config.nginxService()), progress, "--no-deps");
        } catch (Failure f) {
            throw f.after(!others.isEmpty());
        }
    }

    private void up(List<String> services, Consumer<String> progress, String option) {
        var arguments = new ArrayList<>(List.of("up", "--detach", "--no-build", option));
        arguments.addAll(services);
        var up = compose.run(Duration.ofMinutes(10), variables(Pins.NONE), progress, arguments.toArray(String[]::new));
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not start " + String.join(", ", services), reason(up),
                "docker ps --all");
    }

    /** Until it answers: what is wrong with its configuration shows in its first second. */
    private void awaitNginx() {
        for (long deadline = System.nanoTime() + NGINX_STARTS.toNanos(); System.nanoTime() < deadline;
            Interruption.pause(200)) {
            var now = Optional.ofNullable(containers().get(config.nginxService()));
            if (now.filter(Container::running).isPresent() && Nginx.serving(config).isPresent()) return;
            var down = now.filter(n -> n.restarts() >= LOOP || n.status().equals("exited"))
                .flatMap(n -> NginxDown.of(this, now));
            down.ifPresent(f -> { throw f; });
        }
    }
    /** It seeds its folder and makes a certificate first: 1 s here. */
    private static final Duration NGINX_STARTS = Duration.ofSeconds(15);
    /** With the engine's pauses of 0.1, 0.2 and 0.4 s, a second or two. */
    private static final int LOOP = 3;

    /** A port that someone else holds, said before anything is started. Only checked on a local engine. */
    public void requireFree(String key, String bind) {
        if (engine.isRemote()) return;
        int colon = bind.lastIndexOf(':');
        int port = Integer.parseInt(bind.substring(colon + 1));
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(
                colon < 0 ? new InetSocketAddress(port) : new InetSocketAddress(bind.substring(0, colon), port));
        } catch (IOException e) {
            throw Failure.preflight("port " + port + " is taken", e.getMessage(),
                "free it, or set " + key + " in bluegreen.yaml (--set " + key + "=PORT)");
        }
    }

    /** The same for a colour's, before anything is stopped: the one that its own container publishes gets free with it. */
    public void requireFree(Colour colour) {
        String bind = "127.0.0.1:" + config.ports().of(colour);
        if (container(colour).filter(c -> (c.running() || c.paused()) && c.ports().containsValue(bind)).isEmpty())
            requireFree("ports." + colour, bind);
    }

    /**
     * Stops a colour gracefully: SIGTERM, then the grace that its container was made with. By the container, as a
     * compose file that is refused now must not keep it. Never one that serves: the caller knows.
     */
    public void stop(Colour colour) {
        container(colour).ifPresent(c -> {
            if (c.paused()) engine.unpause(c.id());
            engine.stop(c.id(), Duration.ofSeconds(c.stopGraceSeconds()));
        });
    }

    /** Starts a colour on an image id, leaving everything else alone. */
    public Container start(Colour colour, String image, String version, Consumer<String> progress) {
        var up = compose.run(Duration.ofMinutes(5), variables(Pins.of(colour, image, version)), progress,
            "up", "--detach", "--no-deps", "--no-build", config.service(colour));
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not start " + config.service(colour), reason(up),
                "docker logs " + config.container(config.service(colour)));
        return container(colour)
            .orElseThrow(() -> new Failure(ExitCode.FAILED, config.service(colour) + " vanished after its start")
                .next("docker ps --all"));
    }

    /** Starts a colour as it was: its stopped container, which needs the engine alone, or a new one on the image that it is pinned to. */
    public Container revive(Colour colour, Consumer<String> progress) {
        var stopped = container(colour);
        if (stopped.isEmpty()) {
            var image = pinnedImage(colour)
                .orElseThrow(
                    () -> new Failure(ExitCode.FAILED, config.service(colour) + " has neither a container nor an image")
                        .next("deploy --target " + colour + " --version VERSION"));
            return start(colour, image, pinned().versionOf(colour), progress);
        }
        String id = stopped.get().id();
        if (stopped.get().paused()) engine.unpause(id);
        else engine.start(id);
        return container(colour).orElseThrow();
    }

    /** The image that a colour was last started on, if it still exists. */
    public Optional<String> pinnedImage(Colour colour) {
        return pinned().imageOf(colour).filter(id -> engine.image(id).isPresent());
    }

    /** Of both colours: what their containers run, and what they would be started on. */
    public Set<String> imagesInUse() {
        var pinned = pinned();
        return Stream.of(Colour.values())
            .flatMap(colour -> pinned.imageOf(colour).stream())
            .collect(Collectors.toSet());
    }

    /** A colour's container on an image id, not started. */
    public void create(Colour colour, String image, String version) {
        var up = compose.run(Duration.ofMinutes(2), variables(Pins.of(colour, image, version)), _ -> {},
            "up", "--no-start", "--no-deps", "--no-build", config.service(colour));
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not create " + config.service(colour), reason(up),
                "docker ps --all");
    }

    /** A stopped colour's container, and what is pinned for it. */
    public void remove(Colour colour) {
        container(colour).ifPresent(c -> engine.remove(c.id()));
        new ComposeEnvironment(config).keep(variables(Pins.of(colour, "", "")));
    }

    private static String reason(Command.Result result) {
        var errors = result.err().lines().filter(l -> l.toLowerCase(Locale.ROOT).contains("error")).toList();
        return errors.isEmpty() ? result.last() : errors.getLast();
    }

    /** "docker compose ARGUMENTS" for this project, as it is pinned now. */
    public Command.Result compose(Duration limit, String... arguments) {
        return compose.run(limit, variables(Pins.NONE), _ -> {}, arguments);
    }

    private Map<String, String> variables(Pins pins) {
        var all = new TreeMap<>(PercentEncoding.forUrls(config.variables()));
        all.putAll(config.variables());
        all.putAll(pinned().and(pins).variables());
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
    private Pins pinned() {
        var found = new Pins(new ComposeEnvironment(config).pinned());
        var containers = containers();
        for (Colour colour : Colour.values())
            if (containers.get(config.service(colour)) instanceof Container c)
                found = found.and(Pins.of(colour, c.image(), c.version()));
        return found;
    }
}
