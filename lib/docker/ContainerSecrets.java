package lib.docker;

import java.util.List;
import java.util.Map;
import lib.config.Config;
import lib.secrets.Redaction;

/** The secrets that the project's containers are given, also by the compose files. Asks the engine. */
public final class ContainerSecrets {
    private ContainerSecrets() {}

    public static Redaction redaction(Config config, Engine engine) {
        List<Map.Entry<String, String>> variables = engine.containers(config.composeProject())
            .values()
            .stream()
            .flatMap(c -> c.environment().entrySet().stream())
            .toList();
        return Redaction.of(config, variables);
    }
}
