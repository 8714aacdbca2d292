package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Json;
import lib.process.Command;

/**
 * The engine, through the docker command line: it is needed for compose anyway, knows contexts, DOCKER_HOST,
 * TLS and ssh://, speaks to every engine version, and costs 30 ms a call.
 */
public final class Docker {
    /** No call waits for ever on an engine that hangs. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /**
     * {@code status}: created, running, paused, restarting, exited, dead. {@code image}: the id, sha256:... {@code ports}:
     * what it publishes, "80/tcp" to "8080" or "127.0.0.1:8080". {@code restarts}: by the engine, since its last start by hand.
     */
    public record Container(String id, String service, String image, String status, int exitCode, Instant started, int restarts,
                            List<String> addresses, Map<String, String> ports, Map<String, String> labels, int stopGraceSeconds) {
        public boolean running() { return status.equals("running"); }
        /** It runs, or the engine is about to start it again. */
        public boolean up() { return running() || status.equals("restarting"); }
        /** Between two crashes it runs. */
        public boolean restartsOften() { return restarts > 1 && started.isAfter(Instant.now().minusSeconds(60)); }
        public boolean paused() { return status.equals("paused"); }
        /** Not yet for the ten seconds after which the engine itself takes a start for a success. */
        public boolean justStarted() { return running() && started.isAfter(Instant.now().minusSeconds(10)); }
        /** The version it was started as: a label, set from .deployment/compose.env. Null: none, or one that is no version. */
        public String version() { return Image.isVersion(labels.get("version")) ? labels.get("version") : null; }
        public String shortImage() { return image.replace("sha256:", "").substring(0, 12); }
    }

    private Docker() {}

    /** The engine is another machine's: ports published on its loopback are not ours. */
    public static boolean isRemote() { return Remote.YES; }

    private static final class Remote {       // asked once, and only by who needs it
        static final boolean YES = !endpoint().startsWith("unix:") && !endpoint().startsWith("npipe:");

        private static String endpoint() {
            if (System.getenv("DOCKER_HOST") instanceof String host && !host.isBlank()) return host;
            var context = command(LIMIT, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}").run();
            return context.ok() ? context.out().strip() : "unix:";
        }
    }

    public static Command command(Duration limit, String... arguments) {
        return Command.of(limit, "docker").and(arguments);
    }

    /** @throws Failure (pre-flight) when the engine does not answer */
    public static Command.Result call(String... arguments) { return checked(command(LIMIT, arguments)); }

    public static Command.Result checked(Command command) {
        var result = command.run();
        requireEngine(result);
        // Its arguments are not told: they may hold a secret.
        if (!result.ended())
            throw Failure.preflight("Docker does not answer", command.verb() + ": no answer within " + Console.seconds(command.limit()), "docker info");
        return result;
    }

    /** @throws Failure (pre-flight) when what was said is that there is no engine */
    static void requireEngine(Command.Result result) {
        if (result.ok()) return;
        if (result.code() == 127 && result.err().contains("No such file"))
            throw Failure.preflight("docker is not installed", "no docker on PATH", "https://docs.docker.com/engine/install/");
        EngineError.of(result.err()).ifPresent(failure -> { throw failure; });
    }

    /** The containers of a compose project, running or not, by service. */
    public static Map<String, Container> containers(String project) {
        var listed = call("ps", "--all", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.project=" + project,
                          "--filter", "label=com.docker.compose.oneoff=False");
        if (!listed.ok()) throw Failure.preflight("cannot list the containers of " + project, listed.last(), "docker ps");
        var found = new HashMap<String, Container>();
        if (listed.out().isBlank()) return found;
        var ids = new ArrayList<>(List.of("container", "inspect"));
        ids.addAll(listed.out().lines().toList());
        // A container that goes away between the two calls is an error line beside the others' JSON.
        var inspected = call(ids.toArray(String[]::new));
        for (JsonNode n : Json.read(inspected.out()).orElseThrow(() -> Failure.preflight("docker inspect failed", inspected.last(), null)))
            // A compose that was cut off may leave two of one service.
            found.merge(n.at("/Config/Labels/com.docker.compose.service").asText(), container(n), (a, b) -> a.running() ? a : b);
        return found;
    }

    /** What the engine says of one container; empty when there is none. */
    public static Optional<JsonNode> inspect(String id) {
        return Json.read(call("container", "inspect", id).out()).map(n -> n.path(0)).filter(JsonNode::isObject);
    }
    public static Optional<Container> container(String id) { return inspect(id).map(Docker::container); }

    /** A port, or ADDRESS:PORT; all addresses are none. */
    public static String binding(String bind) { return bind.startsWith("0.0.0.0:") ? bind.substring(bind.lastIndexOf(':') + 1) : bind; }

    private static Map<String, String> ports(JsonNode bindings) {
        var ports = new HashMap<String, String>();
        bindings.properties().forEach(e -> {
            String address = e.getValue().at("/0/HostIp").asText(""), port = e.getValue().at("/0/HostPort").asText("");
            if (!port.isEmpty()) ports.put(e.getKey(), binding((address.contains(":") ? "[" + address + "]:" : address.isEmpty() ? "" : address + ":") + port));
        });
        return Map.copyOf(ports);
    }

    private static Container container(JsonNode n) {
        var addresses = new ArrayList<String>();
        n.at("/NetworkSettings/Networks").forEach(net -> { if (!net.path("IPAddress").asText().isEmpty()) addresses.add(net.path("IPAddress").asText()); });
        var labels = new HashMap<String, String>();
        n.at("/Config/Labels").properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
        return new Container(n.path("Id").asText(), labels.get("com.docker.compose.service"), n.path("Image").asText(),
            n.at("/State/Status").asText(), n.at("/State/ExitCode").asInt(), Instant.parse(n.at("/State/StartedAt").asText()),
            n.path("RestartCount").asInt(), List.copyOf(addresses), ports(n.at("/HostConfig/PortBindings")), Map.copyOf(labels), n.at("/Config/StopTimeout").asInt(10));
    }

    /** How a container ended that ran at {@code started}: "died: out of memory (exit code 137)". */
    public static String death(Container now, Instant started) {
        var range = new String[] {"--since", started.toString(), "--until", now.running() ? now.started().toString() : Instant.now().toString()};
        var events = command(LIMIT, "events", "--filter", "container=" + now.id(), "--filter", "event=die", "--filter", "event=oom", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}").and(range).run();
        var died = events.out().lines().filter(l -> l.startsWith("die ")).findFirst().map(l -> l.substring(4));
        String code = died.orElse(now.running() ? "unknown" : String.valueOf(now.exitCode()));
        return (events.out().lines().anyMatch(l -> l.startsWith("oom")) ? "died: out of memory" : "died") + " (exit code " + code + ")";
    }

    public static Command.Result exec(String container, String... arguments) { return exec(LIMIT, null, container, arguments); }

    /** @param stdin null: none */
    public static Command.Result exec(Duration limit, String stdin, String container, String... arguments) {
        var command = command(limit, "exec").and(stdin == null ? new String[] {} : new String[] {"--interactive"}).and(container).and(arguments);
        return checked(stdin == null ? command : command.input(stdin));
    }

    /** stdout and stderr, interleaved as they came. */
    public static String logs(String container, int lines) {
        var result = call("logs", "--tail", String.valueOf(lines), "--timestamps", container);
        return (result.out() + result.err()).lines().sorted().map(l -> l + "\n").collect(Collectors.joining());
    }
}
