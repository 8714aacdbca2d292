package lib.incident;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;

/** What differs between the two colours' containers, as "docker inspect" tells of them: image, limits, variables. */
final class ColourDiff {
    private ColourDiff() {}

    /** As a diff from blue to green, with secrets; empty when one has no container (null). */
    static String between(JsonNode blue, JsonNode green) {
        if (blue == null || green == null) return "";
        var one = facts(blue);
        var other = facts(green);
        var names = new TreeMap<>(one);
        names.putAll(other);
        var text = new StringBuilder("\n--- blue\n+++ green\n");
        for (String name : names.keySet()) {
            String left = one.get(name), right = other.get(name);
            if (left != null && !left.equals(right))
                text.append('-').append(name).append('=').append(left).append('\n');
            if (right != null && !right.equals(left))
                text.append('+').append(name).append('=').append(right).append('\n');
        }
        return text.toString();
    }

    private static Map<String, String> facts(JsonNode container) {
        var all = new TreeMap<>(environment(container));
        all.put("image", container.path("Image").asText());
        all.put("version", container.at("/Config/Labels/version").asText());
        all.put("memory limit", container.at("/HostConfig/Memory").asText());
        all.put("command", container.at("/Config/Entrypoint") + " " + container.at("/Config/Cmd"));
        return all;
    }

    static Map<String, String> environment(JsonNode container) {
        var all = new TreeMap<String, String>();
        for (JsonNode v : container.at("/Config/Env"))
            if (v.asText().contains("="))
                all.put(v.asText().substring(0, v.asText().indexOf('=')),
                    v.asText().substring(v.asText().indexOf('=') + 1));
        return all;
    }
}
