package lib.init;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.core.Json;
import lib.core.Resource;
import lib.docker.ComposeProject;
import lib.docker.ComposeProject.Service;

/**
 * The compose file that is laid over a project's own: the two colours, which take the app's definition from there, and
 * Nginx. What they replace gets a profile that nobody asks for.
 */
public final class ColoursFile {
    public static final String NAME = "compose.blue-green.yaml";
    private static final String OURS = "compose/docker-compose.blue-green.yml";
    /** Of names that a project may have as well. */
    private static final String PREFIX = "bluegreen-";
    /** Of a service in a compose file: up to the next one, or the next section. */
    private static final Pattern NGINX = Pattern.compile("(?ms)^  nginx:\n(.*?)(?=^ {0,2}\\w)");
    private static final Pattern MOUNT = Pattern.compile("(?m)^(\\s+- )([a-z]+)(:/)");

    private static final String CONTAINER = "${COMPOSE_PROJECT_NAME}-%s-%s";

    private final Found found;
    private final Set<String> gone;
    private final String keptLabels;

    private ColoursFile(Found found) {
        this.found = found;
        this.gone = new LinkedHashSet<>(found.replaced());
        this.keptLabels = keptLabels();
    }

    public static String text(Found found) { return new ColoursFile(found).text(); }

    private String text() {
        var parts = new ArrayList<String>();
        parts.add(head());
        parts.add("services:\n" + colour(Colour.BLUE));
        parts.add(colour(Colour.GREEN));
        for (String name : found.follow())
            for (Colour c : Colour.values()) parts.add(follower(service(name), c));
        var volumes = new LinkedHashSet<>(List.of("drain"));
        parts.add(nginx(volumes));
        if (!gone.isEmpty()) parts.add(replaced());
        parts.addAll(others());
        parts.add("networks:\n  " + PREFIX + "edge:\n");
        parts.add("volumes:\n" + volumes.stream().map(v -> "  " + PREFIX + v + ":\n").collect(Collectors.joining()));
        return String.join("\n", parts);
    }

    private String head() {
        return found.app().isEmpty()
            ? """
                # Two colours of the app, and Nginx before them. Written by "bluegreen init", yours to change;
                # "init --check" shows what a newer bluegreen would write.
                """
            : """
                # Laid over %s: two colours of its service "%s", and Nginx before them. What the app needs
                # is said there. Written by "bluegreen init", yours to change; "init --check" shows what a newer bluegreen
                # would write.
                """.formatted(file(), found.app().get().name());
    }

    private String file() {
        return found.folder().relativize(found.compose().orElseThrow().files().getFirst()).toString();
    }
    private Service service(String name) { return found.compose().orElseThrow().services().get(name); }

    private String colour(Colour c) {
        var block = new Block("app-" + c);
        found.app().ifPresent(app -> {
            block.add("extends: {file: %s, service: %s}", file(), app.name());
            extended(block, app, 1);
        });
        block.add("container_name: " + CONTAINER, "app", c);
        image(block, c);
        if (found.needsInit()) block.add("init: true                      # passes signals on, and ends what is left");
        block.add("restart: unless-stopped         # not \"always\": a stopped colour would come back with the engine");
        if (found.app().flatMap(Service::graceInCompose).isEmpty()) block.add("stop_grace_period: 40s");
        block.add("ports: %s[\"127.0.0.1:${%s_PORT:-%d}:${APP_PORT:-%d}\"]", override(), c.name(),
            c == Colour.BLUE ? 3009 : 3010, found.port());
        block.add("networks: %s[%s]", override(), String.join(", ", networks()));
        block.add("environment:");
        block.add("  DEPLOYMENT: %s", c);
        block.add(
            "  DRAIN_FILE: /run/drain/%s    # made by an app that is going (runtime/ of bluegreen); Nginx looks there",
            c);
        if (found.app().filter(a -> a.environment().containsKey("PORT")).isEmpty())
            block.add("  PORT: ${APP_PORT:-%d}", found.port());
        found.app().stream().flatMap(OuterProxy::variables).forEach(name -> block.add("  %s: \"\"", name));
        block.add("volumes: [%sdrain:/run/drain]", PREFIX);
        String replaces = found.app().map(app -> ", " + ComposeProject.REPLACES + ": " + app.name()).orElse("");
        block.add("labels: %s{deployment: %s, version: \"${APP_%s_VERSION:-}\"%s%s}",
            isRoutedByLabels() ? "!override " : "", c, c.name(),
            replaces, keptLabels);
        return block.text();
    }

    private boolean isRoutedByLabels() {
        return found.app().stream().flatMap(OuterProxy::labels).findAny().isPresent();
    }

    /** All that the service has, without those of a proxy outside, as they are written. */
    private String keptLabels() {
        if (!isRoutedByLabels()) return "";
        return OuterProxy.without(found.compose().orElseThrow().writtenLabels(found.app().orElseThrow()))
            .entrySet()
            .stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> ", " + quoted(e.getKey()) + ": " + quoted(e.getValue()))
            .collect(Collectors.joining());
    }
    private static String quoted(String text) { return Json.of(text).toString(); }

    private String override() { return found.app().isPresent() ? "!override " : ""; }

    /** An address that is fixed, or a name that others use, can be had by one container only. */
    private List<String> networks() {
        var all = new ArrayList<>(found.app().map(Service::networks).orElse(List.of()));
        if (all.isEmpty() && found.app().isPresent()) all.add("default");
        all.add(PREFIX + "edge");
        return all;
    }

    private String follower(Service worker, Colour c) {
        var block = new Block(worker.name() + "-" + c);
        block.add("extends: {file: %s, service: %s}", file(), worker.name());
        extended(block, worker, worker.replicas());
        if (worker.replicas() == 1) block.add("container_name: " + CONTAINER, worker.name(), c);
        image(block, c);
        if (found.needsInit() && !worker.hasInit()) block.add("init: true");
        block.add("restart: unless-stopped");
        if (worker.graceInCompose().isEmpty()) block.add("stop_grace_period: 40s");
        block.add("environment: {DEPLOYMENT: %s}", c);
        block.add("labels: {deployment: %s, version: \"${APP_%s_VERSION:-}\"}", c, c.name());
        return block.text();
    }

    /**
     * What cannot be there twice, or not for two colours. One that was stopped stays down, whatever the engine does.
     */
    private void extended(Block block, Service from, int replicas) {
        if (from.build().isPresent()) block.add("build: !reset null");
        if (from.definition().has("hostname")) block.add("hostname: !reset null");
        if (from.definition().has("profiles")) block.add("profiles: !reset []");
        var deploy = new ArrayList<String>();
        if (from.replicas() != replicas && from.definition().has("scale")) block.add("scale: " + replicas);
        else if (from.replicas() != replicas) deploy.add("replicas: " + replicas);
        if (from.definition().path("deploy").has("restart_policy")) deploy.add("restart_policy: !reset null");
        if (!deploy.isEmpty()) block.add("deploy: {" + String.join(", ", deploy) + "}");
        dependsOn(from).ifPresent(block::add);
    }

    private static void image(Block block, Colour c) {
        block.add(
            "image: ${APP_%s_IMAGE:-bluegreen-none}      # by .deployment/compose.env: no \"up\" changes the one that serves",
            c.name());
        block.add("pull_policy: never");
    }

    /** Without those that are not started any more; empty when it waits for none of them. */
    private Optional<String> dependsOn(Service s) {
        var all = s.dependsOn();
        if (all.keySet().stream().noneMatch(gone::contains)) return Optional.empty();
        var rest = all.entrySet().stream().filter(e -> !gone.contains(e.getKey())).map(ColoursFile::condition).toList();
        return Optional.of(rest.isEmpty()
            ? "depends_on: !reset {}"
            : "depends_on: !override {" + String.join(", ", rest) + "}");
    }
    private static String condition(Map.Entry<String, String> on) {
        return on.getKey() + ": {condition: " + on.getValue() + "}";
    }

    /** As bluegreen's own compose file has it. */
    private String nginx(Set<String> volumes) {
        var own = NGINX.matcher(Resource.text(OURS));
        if (!own.find()) throw new IllegalStateException("no nginx in " + OURS);
        MOUNT.matcher(own.group(1)).results().map(m -> m.group(2)).forEach(volumes::add);
        String name = found.nginxService();
        String body = MOUNT.matcher(own.group(1))
            .replaceAll("$1" + PREFIX + "$2$3")
            .replace("    networks: [edge]\n", nginxNetworks())
            .replace("${COMPOSE_PROJECT_NAME}-nginx", "${COMPOSE_PROJECT_NAME}-" + name)
            .replaceFirst("\\$\\{NGINX_DIR:-[^}]*}", "\\${NGINX_DIR:?is in .deployment/compose.env}");
        return "  " + name + ":\n" + body.stripTrailing() + "\n";
    }

    /** Others inside ask for the app by its names, or for the proxy that stood before it. */
    private String nginxNetworks() {
        if (found.app().isEmpty()) return "    networks: [" + PREFIX + "edge]\n";
        var text = new StringBuilder("    networks:             # inside, http://" + found.app().get().name()
            + " leads to what serves, by the app's own port too\n");
        for (String name : networks())
            text.append(name.startsWith(PREFIX)
                ? "      " + name + ":\n"
                : "      " + name + ": {aliases: [" + String.join(", ", namesOn(name)) + "]}\n");
        return text.toString();
    }

    private List<String> namesOn(String network) {
        var app = found.app().orElseThrow();
        return Stream.of(List.of(app.name()), app.namesOn(network), found.entries()).flatMap(List::stream).toList();
    }

    private String replaced() {
        return "  # The colours and Nginx have their work now.\n" + gone.stream()
            .map(name -> "  " + name + ": {profiles: !override [" + ComposeProject.REPLACED + "]}\n")
            .collect(Collectors.joining());
    }

    /** Services that stay, and waited for one that does not. */
    private List<String> others() {
        if (found.compose().isEmpty()) return List.of();
        return found.compose()
            .get()
            .services()
            .values()
            .stream()
            .filter(s -> !gone.contains(s.name()))
            .flatMap(s -> dependsOn(s).map(on -> "  " + s.name() + ": {" + on + "}\n").stream())
            .toList();
    }

    /** One service, a line a thing. */
    private static final class Block {
        private final StringBuilder text;
        Block(String name) { text = new StringBuilder("  " + name + ":\n"); }
        void add(String line, Object... values) {
            text.append("    ").append(values.length == 0 ? line : line.formatted(values)).append('\n');
        }
        String text() { return text.toString(); }
    }

}
