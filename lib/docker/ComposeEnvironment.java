package lib.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.config.Config;
import lib.core.Atomic;

/**
 * .deployment/compose.env, so that a "docker compose" by hand means the same images and ports. What bluegreen.yaml has
 * by reference is written nowhere.
 */
public record ComposeEnvironment(Config config) {

    private Path file() { return config.folder().resolve("compose.env"); }

    /**
     * Its path. The variables reach compose without it: on a full disk, or where it is a colleague's, compose gets an
     * empty file.
     */
    public String write(Map<String, String> variables) {
        var text = new StringBuilder("# Written by bluegreen. By hand: docker compose -p " + config.composeProject()
            + " --env-file .env --env-file THIS_FILE ...   (.env: where there is one)\n");
        var left = new TreeMap<>(variables);
        left.keySet().removeIf(this::isByReference);
        if (!config.references().isEmpty())
            text.append("# Not in here, because bluegreen.yaml has them by reference: "
                + String.join(", ", new TreeSet<>(config.references().keySet()))
                + ". By hand: export each of them first.\n");
        left.forEach((k, v) -> text.append(k).append('=').append(quoted(v)).append('\n'));
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        try {
            boolean same = Files.isReadable(file()) && Arrays.equals(Files.readAllBytes(file()), bytes);
            if (!same) Atomic.writeSecret(file(), text.toString());
            return file().toString();
        } catch (IOException e) {
            return "/dev/null";
        }
    }

    private boolean isByReference(String name) {
        return config.references().containsKey(name)
            || name.endsWith("_URL") && config.references().containsKey(name.substring(0, name.length() - 4));
    }

    /**
     * As compose reads it: nothing is replaced in '...', but it knows no escape there; so all else in "...", on one
     * line.
     */
    public static String quoted(String value) {
        if (!value.matches("(?s).*['\\\\\n\r].*")) return "'" + value + "'";
        return '"' + value.replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("$", "\\$")
            .replace("\n", "\\n")
            .replace("\r", "\\r") + '"';
    }

    /**
     * What it pins for the colours. A line that is not as it was written here says nothing; nor does a file that cannot
     * be read.
     */
    public Map<String, String> pinned() {
        var found = new LinkedHashMap<String, String>();
        if (!Files.isReadable(file())) return found;
        try {
            // any bytes can be read so
            for (String line : Files.readString(file(), StandardCharsets.ISO_8859_1).split("\n"))
                if (line.matches("APP_(BLUE|GREEN)_(IMAGE='sha256:[0-9a-f]{64}|VERSION='[A-Za-z0-9_.-]{0,128})'"))
                    found.put(line.substring(0, line.indexOf('=')),
                        line.substring(line.indexOf('=') + 2, line.length() - 1));
        } catch (IOException e) {
            found.clear();      // it went away, or its disk did
        }
        return found;
    }
}
