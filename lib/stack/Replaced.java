package lib.stack;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lib.core.Failure;
import lib.docker.Container;

/** Containers of the compose project that its files do not have any more: what ran the app before bluegreen did. */
public record Replaced(List<Container> containers) {

    /** Of those that run. @param services that the compose files have now */
    static Replaced of(Map<String, Container> running, Set<String> services) {
        return new Replaced(running.values()
            .stream()
            .filter(c -> c.up() && !services.contains(c.service()))
            .sorted(Comparator.comparing(Container::name))
            .toList());
    }

    /** Those that have a port of the machine: Nginx cannot start beside them. */
    public List<Container> publishing() { return containers.stream().filter(c -> !c.ports().isEmpty()).toList(); }

    public boolean isEmpty() { return containers.isEmpty(); }

    public static String names(List<Container> containers) {
        return containers.stream().map(Container::name).collect(Collectors.joining(", "));
    }

    /** "shop-web-1 (0.0.0.0:80)". */
    public static String text(Container c) {
        return c.name() + (c.ports().isEmpty() ? "" : " (port " + String.join(", ", c.ports().values()) + ")");
    }

    /** @throws Failure (pre-flight) when one of them has a port that Nginx needs */
    void requireFree(String port) {
        for (Container c : containers)
            if (c.ports().values().stream().anyMatch(p -> p.equals(port) || p.endsWith(":" + port)))
                throw Failure.preflight("port " + port + " is " + c.name() + "'s, which the colours replace",
                    "adopted, it goes on as blue: then it gives the port to Nginx, which takes a second or two, once",
                    "deploy --adopt --version VERSION");
    }
}
