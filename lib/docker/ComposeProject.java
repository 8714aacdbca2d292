package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.core.Failure;
import lib.core.Json;
import lib.process.Command;

/**
 * A compose project that somebody has, as compose itself reads it: with its {@code .env}, overrides and profiles.
 * {@code files}: in the order in which compose lays them over each other. {@code services}: those that no profile
 * hides.
 */
public record ComposeProject(String name, List<Path> files, Map<String, Service> services) {
    /** The profile of services whose work the colours and Nginx have, and the label of a colour that names its own. */
    public static final String REPLACED = "replaced", REPLACES = "bluegreen.replaces";

    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** As compose looks for them, the first one wins, and beside it an override. */
    private static final List<String> NAMES = List.of("compose.yaml", "compose.yml", "docker-compose.yml",
        "docker-compose.yaml");

    /** {@code published}: as "8080" or "127.0.0.1:8080". */
    public record Port(int inside, Optional<String> published) {}

    /** {@code context} and {@code dockerfile} are absolute. */
    public record Build(Path context, Path dockerfile, Optional<String> target, Map<String, String> arguments) {}

    public record Service(String name, JsonNode definition) {
        public Optional<String> image() { return text(definition.path("image")); }
        public Optional<String> restart() { return text(definition.path("restart")); }
        public Optional<String> graceInCompose() { return text(definition.path("stop_grace_period")); }
        public boolean hasInit() { return definition.path("init").asBoolean(); }
        /** Of the machine, or of another container: then it is on no network of its own. */
        public Optional<String> networkMode() { return text(definition.path("network_mode")); }
        /** 0: it is there to be started by hand. */
        public int replicas() { return definition.path("scale").asInt(definition.at("/deploy/replicas").asInt(1)); }
        public Map<String, String> labels() { return texts(definition.path("labels")); }
        public Map<String, String> environment() { return texts(definition.path("environment")); }
        /** With an entrypoint of its own before it. */
        public List<String> command() {
            return Stream.of("entrypoint", "command").flatMap(k -> words(definition.path(k)).stream()).toList();
        }
        public List<String> healthcheck() { return words(definition.at("/healthcheck/test")); }

        /** Without any it is on "default"; none where it has the network of another. */
        public List<String> networks() { return names(definition.path("networks")); }
        /** By which others on it ask for this service, beside its own. */
        public List<String> namesOn(String network) {
            var aliases = words(definition.path("networks").path(network).path("aliases"));
            return Stream.concat(text(definition.path("container_name")).stream(), aliases.stream())
                .filter(n -> !n.equals(name))
                .distinct()
                .toList();
        }
        /** Fixed ones. */
        public List<String> addresses() {
            return definition.path("networks")
                .valueStream()
                .flatMap(n -> Stream.of("ipv4_address", "ipv6_address").flatMap(key -> text(n.path(key)).stream()))
                .toList();
        }

        /** By service: service_started, service_healthy or service_completed_successfully. */
        public Map<String, String> dependsOn() {
            var all = new LinkedHashMap<String, String>();
            definition.path("depends_on")
                .properties()
                .forEach(e -> all.put(e.getKey(), e.getValue().path("condition").asText()));
            return all;
        }

        public Optional<Build> build() {
            var build = definition.path("build");
            if (build.isMissingNode() || build.isNull()) return Optional.empty();
            if (build.has("dockerfile_inline") || build.path("context").asText().contains("://"))
                throw Failure.usage(name + " is built from " + (build.has("dockerfile_inline")
                    ? "dockerfile_inline"
                    : build.path("context").asText()),
                    "bluegreen builds from a Dockerfile in a folder of this machine",
                    "write a Dockerfile, or give the service an image:");
            Path context = Path.of(build.path("context").asText());
            return Optional.of(new Build(context, context.resolve(build.path("dockerfile").asText("Dockerfile")),
                text(build.path("target")), texts(build.path("args"))));
        }

        public List<Port> ports() {
            var all = new ArrayList<Port>();
            for (JsonNode p : definition.path("ports")) {
                String address = p.path("host_ip").asText("");
                all.add(new Port(p.path("target").asInt(),
                    text(p.path("published")).map(port -> binding(address, port))));
            }
            return all;
        }
    }

    /** Of a range, which replicas share, the first. */
    private static String binding(String address, String ports) {
        String port = ports.replaceFirst("-.*", "");
        if (address.isEmpty()) return port;
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
    }

    /** The files that "docker compose" would take in a folder; none: it is no compose project. */
    public static List<Path> filesIn(Path folder) {
        var named = named(folder);
        if (!named.isEmpty()) return named;
        return NAMES.stream()
            .map(folder::resolve)
            .filter(Files::isRegularFile)
            .findFirst()
            .map(main -> Stream.concat(Stream.of(main), override(main).stream()).toList())
            .orElse(List.of());
    }

    /** By the variable COMPOSE_FILE, which compose reads in .env too. */
    private static List<Path> named(Path folder) {
        Path file = folder.resolve(".env");
        try (var lines = Files.isRegularFile(file) ? Files.lines(file) : Stream.<String>empty()) {
            var own = lines.filter(line -> line.startsWith("COMPOSE_FILE="))
                .map(line -> line.substring(line.indexOf('=') + 1).strip().replaceAll("^[\"']|[\"']$", ""))
                .findFirst();
            return Optional.ofNullable(System.getenv("COMPOSE_FILE"))
                .or(() -> own)
                .map(text -> Stream.of(text.split(":")).map(folder::resolve).toList())
                .orElse(List.of());
        } catch (IOException | UncheckedIOException e) {
            throw Failure.usage("cannot read " + file, e.toString());
        }
    }

    private static Optional<Path> override(Path main) {
        String name = main.getFileName().toString().replaceFirst("[.][a-z]+$", "");
        return Stream.of(".override.yml", ".override.yaml")
            .map(end -> main.resolveSibling(name + end))
            .filter(Files::isRegularFile)
            .findFirst();
    }

    /**
     * @throws Failure (usage) with compose's own words when it refuses them; (pre-flight) when there is no docker
     * command
     */
    public static ComposeProject read(Path folder, List<Path> files) {
        var project = config(folder, files, true);
        var services = new LinkedHashMap<String, Service>();
        project.path("services")
            .properties()
            .forEach(e -> services.put(e.getKey(), new Service(e.getKey(), e.getValue())));
        String name = running(folder, files).orElse(project.path("name").asText());
        return new ComposeProject(name, files, services);
    }

    /** Interpolated, each "$" that is meant is a double one in what compose prints, as in its files. */
    private static JsonNode config(Path folder, List<Path> files, boolean isInterpolated) {
        var command = DockerCommand.of(LIMIT, "compose", "--project-directory", folder.toString());
        for (Path file : files) command = command.and("--file", file.toString());
        command = command.and("config", "--format", "json").in(folder);
        if (!isInterpolated) command = command.and("--no-interpolate");
        var said = DockerCommand.inTime(command, command.run());
        return Optional.of(said)
            .filter(Command.Result::ok)
            .flatMap(s -> Json.read(isInterpolated ? s.out().replace("$$", "$") : s.out()))
            .orElseThrow(() -> Failure.usage("docker compose refuses " + files.getFirst().getFileName(),
                said.err().strip(), "docker compose config"));
    }

    /** Build arguments of a service, by name, that the environment gives: not to be written down. */
    public Set<String> variableArguments(Service service) {
        var all = new HashSet<>(service.build().orElseThrow().arguments().keySet());
        // Compose leaves out here what is a name alone, which is the environment's, too.
        pairs(written(service).at("/build/args")).forEach((name, value) -> {
            if (!value.replace("$$", "").contains("$")) all.remove(name);
        });
        return all;
    }

    /** Labels of a service as they are written, and so without what variables give. */
    public Map<String, String> writtenLabels(Service service) { return pairs(written(service).path("labels")); }

    private JsonNode written(Service service) {
        return config(files.getFirst().getParent(), files, false)
            .path("services")
            .path(service.name());
    }

    /** What the project is called that was started from these files, perhaps by "-p"; empty when none was. */
    private static Optional<String> running(Path folder, List<Path> files) {
        var command = DockerCommand.of(LIMIT, "compose", "ls", "--all", "--format", "json").in(folder);
        var listed = DockerCommand.inTime(command, command.run());
        for (JsonNode project : Json.read(listed.out()).orElse(Json.object())) {
            var its = List.of(project.path("ConfigFiles").asText().split(","));
            if (its.contains(files.getFirst().toString())) return text(project.path("Name"));
        }
        return Optional.empty();
    }

    private static Optional<String> text(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node.asText());
    }

    private static Map<String, String> texts(JsonNode object) {
        var all = new LinkedHashMap<String, String>();
        object.properties().forEach(e -> { if (!e.getValue().isNull()) all.put(e.getKey(), e.getValue().asText()); });
        return all;
    }

    /** An object, or a list of "NAME=VALUE". */
    private static Map<String, String> pairs(JsonNode written) {
        if (!written.isArray()) return texts(written);
        var all = new LinkedHashMap<String, String>();
        words(written)
            .forEach(w -> all.put(w.replaceFirst("=(?s:.*)", ""), w.contains("=") ? w.replaceFirst("[^=]*=", "") : ""));
        return all;
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<String> words(JsonNode list) {
        return list.valueStream().map(JsonNode::asText).toList();
    }
}
