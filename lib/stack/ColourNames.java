package lib.stack;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import lib.core.Colour;
import lib.core.Json;
import lib.docker.Container;

/**
 * The names by which Nginx, as the compose files have it, asks for the colours; and containers that have another one.
 */
final class ColourNames {
    /** Compose's, of a container that it has made and was killed before it gave it its own. */
    private static final String UNFINISHED = "[0-9a-f]{12}_(.+)";

    private ColourNames() {}

    /** The colours' containers that Nginx would not find, and what they should be called. */
    private static Map<Container, String> wrong(Stack stack) {
        var config = stack.config();
        var said = Json.read(stack.understood("config", "--format", "json")).orElseThrow();
        var asked = said.path("services").path(config.nginxService()).path("environment");
        var containers = stack.containers();
        var wrong = new LinkedHashMap<Container, String>();
        for (Colour colour : Colour.values()) {
            String name = asked.path(colour.name() + "_HOST").asText(config.service(colour));
            boolean isAService = name.equals(config.service(colour));
            if (!isAService && containers.get(config.service(colour)) instanceof Container c && !c.name().equals(name))
                wrong.put(c, name);
        }
        return wrong;
    }

    /** Before an Nginx that is made anew asks for them. */
    static void correct(Stack stack) { wrong(stack).forEach((c, name) -> stack.engine().rename(c.id(), name)); }

    /** The same to type; "" where they have them. */
    static String correcting(Stack stack) {
        return wrong(stack)
            .entrySet()
            .stream()
            .map(e -> "docker rename " + e.getKey().name() + " " + e.getValue() + " && ")
            .collect(Collectors.joining());
    }

    static void finish(Stack stack, Container made) {
        if (!made.name().matches(UNFINISHED)) return;
        stack.engine().rename(made.id(), made.name().replaceFirst(UNFINISHED, "$1"));
    }
}
