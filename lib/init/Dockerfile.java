package lib.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lib.core.Failure;

/** What a Dockerfile says of the image that it makes: the instructions of its last stage. */
record Dockerfile(Path file, List<String> instructions, boolean takesVersion) {
    /** Programs that are made to be the first process of a container: what they pass on needs no other one before it. */
    private static final Pattern INIT = Pattern.compile("\\b(tini|dumb-init|s6-svscan|my_init)\\b|\"/init\"");
    private static final Pattern PORT = Pattern.compile("(?i)^EXPOSE\\s+(\\d+)"),
        PORT_VARIABLE = Pattern.compile("(?i)^ENV\\s.*\\bPORT[=\\s]\"?(\\d+)"),
        URL = Pattern.compile(
            "https?://(?:localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1\\])(?::[^/\\s\"']+)?(/[^\\s\"'|;&)]*)");

    /** @throws Failure (usage) when it cannot be read */
    static Dockerfile read(Path file) {
        try {
            var all = Files.readString(file).replaceAll("\\\\\r?\n", " ").lines().map(String::strip).toList();
            int last = 0;
            for (int i = 0; i < all.size(); i++) if (all.get(i).matches("(?i)FROM\\s.*")) last = i;
            boolean takes = all.stream().anyMatch(line -> line.matches("(?i)ARG\\s+VERSION\\b.*"));
            return new Dockerfile(file, all.subList(last, all.size()), takes);
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file, e.toString());
        }
    }

    Optional<Integer> port() {
        return found(PORT_VARIABLE).or(() -> found(PORT)).map(m -> Integer.parseInt(m.group(1)));
    }

    /** Asked by its HEALTHCHECK. */
    Optional<String> healthPath() {
        return instructions.stream()
            .filter(line -> line.matches("(?i)HEALTHCHECK\\s.*"))
            .flatMap(line -> path(line).stream())
            .findFirst();
    }

    /** The path of the URL of this machine that a health check asks. */
    static Optional<String> path(String command) {
        return URL.matcher(command).results().map(m -> m.group(1)).findFirst();
    }

    boolean bringsInit() {
        return instructions.stream()
            .filter(line -> line.matches("(?i)(ENTRYPOINT|CMD)\\s.*"))
            .anyMatch(line -> INIT.matcher(line).find());
    }

    /** Folders that it declares as volumes: a colour that has no named volume there gets one of its own. */
    List<String> volumes() {
        return instructions.stream()
            .filter(line -> line.matches("(?i)VOLUME\\s.*"))
            .map(line -> line.replaceFirst("(?i)VOLUME\\s+", "").replaceAll("[\\[\\]\",]", " ").strip())
            .toList();
    }

    private Optional<MatchResult> found(Pattern pattern) {
        return instructions.stream().flatMap(line -> pattern.matcher(line).results()).findFirst();
    }
}
