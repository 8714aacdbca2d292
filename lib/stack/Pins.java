package lib.stack;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import lib.core.Colour;
import lib.core.Version;

/** The image (its id) and the version that a colour is started on, as variables of the compose files. */
record Pins(Map<String, String> variables) {
    static final Pins NONE = new Pins(Map.of());

    static Pins of(Colour colour, String image, Version version) {
        return new Pins(Map.of(image(colour), image, version(colour), version.name().orElse("")));
    }

    Pins and(Pins more) {
        var all = new HashMap<>(variables);
        all.putAll(more.variables);
        return new Pins(all);
    }

    Optional<String> imageOf(Colour colour) {
        return Optional.ofNullable(variables.get(image(colour))).filter(id -> !id.isEmpty());
    }
    Version versionOf(Colour colour) { return Version.read(variables.getOrDefault(version(colour), "")); }

    private static String image(Colour colour) { return "APP_" + colour.name() + "_IMAGE"; }
    private static String version(Colour colour) { return "APP_" + colour.name() + "_VERSION"; }
}
