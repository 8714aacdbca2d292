package lib.stack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.Json;
import lib.core.LocalPort;
import lib.core.PercentEncoding;
import lib.core.Version;
import lib.docker.Compose;
import lib.docker.ComposeEnvironment;
import lib.docker.ComposeProject;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.ImageBuilder;
import lib.docker.Images;
import lib.docker.References;
import lib.docker.Registry;
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
    public Images images() {
        return new Images(config, engine, ImageBuilder.buildKit(config), Registry.ofDocker());
    }

    /** By service. */
    public Map<String, Container> containers() { return engine.containers(config.composeProject()); }

    /** Its replicas, running or not. */
    public List<Container> all(String service) {
        return engine.all(config.composeProject()).stream().filter(c -> c.service().equals(service)).toList();
    }

    public Optional<Container> container(Colour colour) {
        return Optional.ofNullable(containers().get(config.service(colour)));
    }

    /** Of a service's container, for a command to type: compose files name it as they like, or leave it to compose. */
    public String nameOf(String service) {
        return containers().get(service) instanceof Container c
            ? c.name()
            : config.composeProject() + "-" + service;
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

    /**
     * @throws Failure (pre-flight) when Nginx does not run, or no switch could be confirmed at the ports of the
     * configuration
     */
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
    public String recreating() {
        if (!engine.isRemote() && NginxFolder.wrong(config).isPresent()) return NginxFolder.fix(config);
        return ColourNames.correcting(this) + composing("up", "--detach", "--no-deps", config.nginxService());
    }

    /** "docker compose ARGUMENTS", as a person can paste it. */
    public String composing(String... arguments) { return compose.text(variables(Pins.NONE), arguments); }

    /**
     * Of the compose files, those that no profile hides.
     * @throws Failure (usage) when compose refuses them, or one that is needed is not there
     */
    public Set<String> services() {
        var services = new TreeSet<>(understood("config", "--services").lines().toList());
        for (String needed : config.services())
            if (!services.contains(needed))
                throw Failure.usage("the compose files have no service '" + needed + "'",
                    "they have: " + String.join(", ", services), "services: and follow: in bluegreen.yaml");
        return services;
    }

    /** What there is of the project from before its colours were. */
    public Replaced replaced() {
        String said = understood("--profile", ComposeProject.REPLACED, "config", "--no-consistency",
            "--format", "json");
        return Replaced.of(engine.all(config.composeProject()), Json.read(said).orElseThrow().path("services"),
            config.service(Colour.BLUE));
    }

    String understood(String... arguments) {
        var said = compose(Duration.ofSeconds(30), arguments);
        if (said.ok()) return said.out();
        throw Failure.usage("the compose files are refused", said.err().strip(), "docker compose config");
    }

    /** A port that someone else holds, said before anything is started. Only checked on a local engine. */
    public void requireFree(String key, String bind) {
        if (engine.isRemote()) return;
        LocalPort.taken(bind).ifPresent(why -> {
            throw Failure.preflight("port " + LocalPort.number(bind) + " is taken", why,
                "free it, or set " + key + " in bluegreen.yaml (--set " + key + "=PORT)");
        });
    }

    /**
     * The same for a colour's, before anything is stopped: the one that its own container publishes gets free with it.
     */
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
    public Container start(Colour colour, String image, Version version, Consumer<String> progress) {
        return start(config.service(colour), Pins.of(colour, image, version), progress);
    }

    /** The same for a service that follows the colour. */
    public Container startFollower(String service, Colour colour, String image, Version version,
        Consumer<String> progress) {
        return start(service, Pins.of(colour, image, version), progress);
    }

    private Container start(String service, Pins pins, Consumer<String> progress) {
        var up = up(Duration.ofMinutes(5), pins, progress, "--detach", "--no-deps", "--no-build", service);
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not start " + service, reason(up),
                "docker logs " + nameOf(service));
        var made = Optional.ofNullable(containers().get(service))
            .orElseThrow(() -> new Failure(ExitCode.FAILED, service + " vanished after its start")
                .next("docker ps --all"));
        ColourNames.finish(this, made);
        return made;
    }

    /** Starts a container beside the colour's, with all that it has but its ports, for one command; it outlives us. */
    public void runOnce(String name, Map<String, String> labels, Colour colour, String image, Version version,
        List<String> command, Consumer<String> progress) {
        var arguments = new ArrayList<>(
            List.of("run", "--detach", "--no-deps", "--name", name, "--env", "DRAIN_FILE="));
        labels.forEach((label, value) -> arguments.addAll(List.of("--label", label + "=" + value)));
        arguments.add(config.service(colour));
        arguments.addAll(command);
        var ran = make(Duration.ofMinutes(2), Pins.of(colour, image, version), progress,
            arguments.toArray(String[]::new));
        if (!ran.ok()) throw new Failure(ExitCode.FAILED, "could not start " + name, reason(ran), "docker ps --all");
    }

    /**
     * Starts a colour as it was: its stopped container, which needs the engine alone, or a new one on the image that it
     * is pinned to.
     */
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
    public void create(Colour colour, String image, Version version) {
        var up = up(Duration.ofMinutes(2), Pins.of(colour, image, version), _ -> {}, "--no-start", "--no-deps",
            "--no-build", config.service(colour));
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not create " + config.service(colour), reason(up),
                "docker ps --all");
    }

    /** A stopped colour's container, and what is pinned for it. */
    public void remove(Colour colour) {
        container(colour).ifPresent(c -> engine.remove(c.id()));
        new ComposeEnvironment(config).write(variables(Pins.of(colour, "", Version.UNKNOWN)));
    }

    static String reason(Command.Result result) {
        var errors = result.err().lines().filter(l -> l.toLowerCase(Locale.ROOT).contains("error")).toList();
        return errors.isEmpty() ? result.last() : errors.getLast();
    }

    /** "docker compose ARGUMENTS" that makes no container, for this project as it is pinned now. */
    public Command.Result compose(Duration limit, String... arguments) {
        return compose.run(limit, variables(Pins.NONE), _ -> {}, arguments);
    }

    /** "docker compose up ARGUMENTS". @param progress each line as it comes */
    Command.Result up(Duration limit, Pins pins, Consumer<String> progress, String... arguments) {
        return make(limit, pins, progress, Stream.concat(Stream.of("up"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Makes containers: all that compose does which needs the secrets. */
    private Command.Result make(Duration limit, Pins pins, Consumer<String> progress, String... arguments) {
        var variables = variables(pins);
        var secrets = References.read(config);
        variables.putAll(PercentEncoding.forUrls(secrets));
        variables.putAll(secrets);
        return compose.run(limit, variables, progress, arguments);
    }

    private Map<String, String> variables(Pins pins) {
        var all = new TreeMap<>(PercentEncoding.forUrls(config.variables()));
        all.putAll(config.variables());
        all.putAll(PercentEncoding.forUrls(References.unread(config)));
        all.putAll(References.unread(config));
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
