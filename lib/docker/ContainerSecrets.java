package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Map;
import lib.config.Config;
import lib.core.Json;
import lib.secrets.Redaction;

/** The secrets that the project's containers are given, also by the compose files. Asks the engine. */
public final class ContainerSecrets {
    private ContainerSecrets() {}

    public static Redaction redaction(Config config) {
        var listed = Docker.call("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=" + config.composeProject());
        var variables = new ArrayList<Map.Entry<String, String>>();
        for (String id : listed.out().lines().toList()) {
            var environment = Json.read(Docker.call("container", "inspect", "--format", "{{json .Config.Env}}", id).out());
            environment.ifPresent(all -> all.forEach(v -> variables.add(entry(v))));
        }
        return Redaction.of(config, variables);
    }

    private static Map.Entry<String, String> entry(JsonNode variable) {
        String[] parts = variable.asText().split("=", 2);
        return Map.entry(parts[0], parts.length == 1 ? "" : parts[1]);
    }
}
