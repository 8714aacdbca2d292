package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lib.core.Version;

/**
 * {@code name}: without the slash. {@code status}: created, running, paused, restarting, exited, dead. {@code image}:
 * the id, sha256:... {@code ports}: what it publishes, "80/tcp" to "8080" or "127.0.0.1:8080". {@code started}, {@code
 * ended}: the last time each, by the engine's clock; in the year 1: never. {@code restarts}: by the engine, since its
 * last start by hand. {@code restart}: no, always, unless-stopped, on-failure. {@code mounts}: destination to source on
 * the engine's machine.
 */
public record Container(String id, String name, String service, String image, String status, int exitCode,
    Instant started, Instant ended, int restarts, List<String> addresses, Map<String, String> ports,
    Map<String, String> labels, Map<String, String> environment, Map<String, String> mounts,
    int stopGraceSeconds, String restart) {
    /** From an inspect. */
    public static Container of(JsonNode n) {
        var labels = texts(n.at("/Config/Labels"));
        var addresses = n.at("/NetworkSettings/Networks")
            .valueStream()
            .map(net -> net.path("IPAddress").asText())
            .filter(address -> !address.isEmpty())
            .toList();
        return new Container(n.path("Id").asText(), n.path("Name").asText().replaceFirst("^/", ""),
            labels.getOrDefault("com.docker.compose.service", ""), n.path("Image").asText(),
            n.at("/State/Status").asText(), n.at("/State/ExitCode").asInt(),
            Instant.parse(n.at("/State/StartedAt").asText()), Instant.parse(n.at("/State/FinishedAt").asText()),
            n.path("RestartCount").asInt(), addresses,
            ports(n.at("/HostConfig/PortBindings")), labels, environment(n.at("/Config/Env")),
            mounts(n.path("Mounts")), n.at("/Config/StopTimeout").asInt(10),
            n.at("/HostConfig/RestartPolicy/Name").asText());
    }

    public boolean running() { return status.equals("running"); }
    /** It runs, or the engine is about to start it again. */
    public boolean up() { return running() || status.equals("restarting"); }
    /** Between two crashes it runs. */
    public boolean restartsOften() { return restarts > 1 && started.isAfter(Instant.now().minusSeconds(60)); }
    /** With the engine, though it was stopped; by on-failure, as a signal's end is one to the engine. */
    public boolean comesBack() { return restart.equals("always") || restart.equals("on-failure"); }
    public boolean paused() { return status.equals("paused"); }
    /** Not yet for the ten seconds after which the engine itself takes a start for a success. */
    public boolean justStarted() { return running() && started.isAfter(Instant.now().minusSeconds(10)); }
    /** What it was started as: a label, set from .deployment/compose.env. */
    public Version version() { return Version.read(labels.getOrDefault("version", "")); }
    /** It did its work, and nobody is to start it again: a migration, say. */
    public boolean isDone() {
        return status.equals("exited") && exitCode == 0 && (restart.equals("no") || restart.equals("on-failure"));
    }
    public String shortId() { return id.substring(0, 12); }
    public String shortImage() { return image.replace("sha256:", "").substring(0, 12); }

    /** A port, or ADDRESS:PORT; all addresses are none. */
    public static String binding(String bind) {
        return bind.startsWith("0.0.0.0:") ? bind.substring(bind.lastIndexOf(':') + 1) : bind;
    }

    private static Map<String, String> texts(JsonNode object) {
        return object.properties().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> e.getValue().asText()));
    }

    private static Map<String, String> ports(JsonNode bindings) {
        var ports = new HashMap<String, String>();
        bindings.properties().forEach(e -> {
            String port = e.getValue().at("/0/HostPort").asText("");
            String address = prefix(e.getValue().at("/0/HostIp").asText(""));
            if (!port.isEmpty()) ports.put(e.getKey(), binding(address + port));
        });
        return Map.copyOf(ports);
    }

    private static String prefix(String address) {
        if (address.isEmpty()) return "";
        return address.contains(":") ? "[" + address + "]:" : address + ":";
    }

    private static Map<String, String> environment(JsonNode variables) {
        var all = new HashMap<String, String>();
        for (JsonNode v : variables) {
            String[] parts = v.asText().split("=", 2);
            all.put(parts[0], parts.length == 1 ? "" : parts[1]);
        }
        return Map.copyOf(all);
    }

    private static Map<String, String> mounts(JsonNode mounts) {
        var all = new HashMap<String, String>();
        for (JsonNode m : mounts) all.put(m.path("Destination").asText(), m.path("Source").asText());
        return Map.copyOf(all);
    }
}
