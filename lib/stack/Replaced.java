package lib.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.core.Failure;
import lib.core.LocalPort;
import lib.docker.ComposeProject;
import lib.docker.Container;

/**
 * Containers from before bluegreen, running or not: of services to which the compose files give the profile "replaced".
 * {@code app}: one that answers the app's requests now, whose service blue names.
 */
public record Replaced(List<Container> containers, Optional<Container> app) {

    /** In .deployment: the lock of an adoption, and in it the ids of who had the ports, while these change hands. */
    public static final String NOTE = "adopt.lock";

    /** An adoption was, while the ports changed hands. */
    public static boolean isCutOff(Config config) { return config.folder().resolve(NOTE).toFile().length() > 0; }

    /** @param there of the project @param services as the compose files have them, those of the profile too */
    static Replaced of(List<Container> there, JsonNode services, String blue) {
        var all = there.stream()
            .filter(c -> isReplaced(services.path(c.service())))
            .sorted(Comparator.comparing(Container::name))
            .toList();
        String app = services.path(blue).path("labels").path(ComposeProject.REPLACES).asText();
        return new Replaced(all, all.stream().filter(c -> c.up() && c.service().equals(app)).findFirst());
    }

    private static boolean isReplaced(JsonNode service) {
        return service.path("profiles").valueStream().anyMatch(p -> p.asText().equals(ComposeProject.REPLACED));
    }

    /** Those that have a port of the machine: Nginx cannot start beside them. */
    public List<Container> publishing() { return running().stream().filter(c -> !c.ports().isEmpty()).toList(); }

    /** One that runs has this port of the machine. @param bind a port, or ADDRESS:PORT */
    public boolean has(String bind) { return has(publishing(), bind); }

    static boolean has(List<Container> holders, String bind) {
        String port = ":" + LocalPort.number(bind);
        return holders.stream().flatMap(c -> c.ports().values().stream()).anyMatch(p -> (":" + p).endsWith(port));
    }

    public List<Container> running() { return containers.stream().filter(Container::up).toList(); }

    public static String names(List<Container> containers) {
        return containers.stream().map(Container::name).collect(Collectors.joining(", "));
    }

    /** "shop-web-1 (0.0.0.0:80)". */
    public static String text(Container c) {
        return c.name() + (c.ports().isEmpty() ? "" : " (port " + String.join(", ", c.ports().values()) + ")");
    }

    /** @throws Failure (pre-flight) when one of them has a port that Nginx needs */
    void requireFree(String bind) {
        for (Container c : running())
            if (has(List.of(c), bind))
                throw Failure.preflight(
                    "port " + LocalPort.number(bind) + " is " + c.name() + "'s, which the colours replace",
                    "adopted, it goes on as blue: then it gives the port to Nginx, which takes a second or two, and as long as it stops",
                    "deploy --adopt --version VERSION");
    }
}
