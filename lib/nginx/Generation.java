package lib.nginx;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Json;
import lib.core.Version;

/**
 * One generation of the active folder: who gets the traffic. {@code green} is green's share in percent, so 0 is
 * all blue. {@code backed}: the other colour is warm and good, and Nginx may fail over to it.
 * {@code active} null: the workers have no generation ("unknown").
 */
public record Generation(long number, Colour active, int green, boolean backed, Version version, Way via) {

    /** All traffic on one colour. */
    public static Generation all(long number, Colour active, boolean backed, Version version, Way via) {
        return new Generation(number, active, active == Colour.GREEN ? 100 : 0, backed, version, via);
    }

    /** Both colours get a share. */
    public boolean isShared() { return green % 100 != 0; }

    public Generation renumbered(long next) { return new Generation(next, active, green, backed, version, via); }

    public boolean routesTo(Colour colour) {
        return active == null || colour == active || (colour == Colour.GREEN ? green > 0 : green < 100) || backed;
    }

    /** For a person: "blue serves 1.0.1 (generation 7)". */
    public String text() {
        if (active == null) return "the workers have no generation: whatever is alive serves";
        return active + " serves " + version + " (generation " + number
            + ")";
    }

    /** What GET /deployment answers while this generation serves. */
    public String json() {
        var n = Json.object();
        n.put("active", active.toString());
        n.put("generation", number);
        n.put("version", version.name().orElse(null));
        n.putObject("weights").put("blue", 100 - green).put("green", green);
        n.put("backed", backed);
        n.put("via", via.toString());
        return n.toString();
    }

    /** Empty when the text is not such an answer. */
    public static Optional<Generation> read(String text) {
        return Json.read(text).filter(Generation::whole).map(n -> {
            String active = n.path("active").asText();
            return new Generation(n.path("generation").asLong(), active.equals("unknown") ? null : Colour.of(active),
                n.at("/weights/green").asInt(), n.path("backed").asBoolean(),
                Version.read(n.path("version").textValue() instanceof String version ? version : ""),
                n.path("via").asText().equals("reload") ? Way.RELOAD : Way.INSTANT);
        });
    }

    /** A number of up to 15 digits, as the folders gen-N have; a colour; a share from 0 to 100. */
    private static boolean whole(JsonNode n) {
        var number = n.path("generation");
        var green = n.at("/weights/green");
        String active = n.path("active").isTextual() ? n.path("active").asText() : "";
        if (!number.isIntegralNumber()
            || !number.canConvertToLong()
            || number.asLong() < 0
            || number.asLong() > 999_999_999_999_999L) return false;
        return active.equals("unknown")
            || active.matches("blue|green") && green.isInt() && green.asInt() >= 0 && green.asInt() <= 100;
    }
}
