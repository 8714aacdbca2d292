package lib.init;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.docker.ComposeProject.Service;

/**
 * A proxy that finds containers by what they say of themselves: Traefik and caddy-docker-proxy by labels, nginx-proxy
 * by variables. A colour that says it would have visitors that no switch knows of.
 */
final class OuterProxy {
    private static final String LABEL = "(?i)(traefik|caddy(_\\d+)?)([.].*)?",
        VARIABLE = "VIRTUAL_(HOST|PORT|PATH|PROTO|DEST)(_.*)?";

    private OuterProxy() {}

    static List<String> of(Service app) { return Stream.concat(labels(app), variables(app)).toList(); }

    static Stream<String> labels(Service app) {
        return app.labels().keySet().stream().filter(name -> name.matches(LABEL)).sorted();
    }

    static Stream<String> variables(Service app) {
        return app.environment().keySet().stream().filter(name -> name.matches(VARIABLE)).sorted();
    }

    /** The others. */
    static Map<String, String> without(Map<String, String> labels) {
        return labels.entrySet().stream()
            .filter(e -> !e.getKey().matches(LABEL))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
