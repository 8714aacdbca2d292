package lib.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.core.Failure;

/** What a Dockerfile says of the image that it makes: the instructions of the stage that is built. */
record Dockerfile(Path file, List<String> instructions, boolean takesVersion) {
    /**
     * Programs that are made to be the first process of a container: what they pass on needs no other one before it.
     */
    private static final Pattern INIT = Pattern.compile("\\b(tini|dumb-init|s6-svscan|my_init)\\b|\"/init\"");
    private static final Pattern FROM = Pattern.compile(
        "(?i)FROM\\s+(?:--\\S+\\s+)*(?<image>\\S+)(?:\\s+AS\\s+(?<name>\\S+))?.*"),
        WEB_SERVER = Pattern.compile("(?i)^FROM\\s.*\\b(nginx|httpd|caddy)(:\\S*)?(\\s|$)");
    private static final Pattern PORT = Pattern.compile("(?i)^EXPOSE\\s+(\\d+)"),
        PORT_VARIABLE = Pattern.compile("(?i)^ENV\\s.*\\bPORT[=\\s]\"?(\\d+)"),
        URL = Pattern.compile(
            "https?://(?:localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1\\])(?::[^/\\s\"']+)?(/[^\\s\"'|;&)]*)");

    /** @param target the stage that is built; empty: the last one. @throws Failure (usage) when it cannot be read */
    static Dockerfile read(Path file, Optional<String> target) {
        try {
            var all = Files.readString(file).replaceAll("\\\\\r?\n", " ").lines().map(String::strip).toList();
            boolean takes = all.stream().anyMatch(line -> line.matches("(?i)ARG\\s+VERSION\\b.*"));
            return new Dockerfile(file, stage(all, target), takes);
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file, e.toString());
        }
    }

    /** Its instructions, and those of the stages that it begins with. */
    private static List<String> stage(List<String> all, Optional<String> name) {
        int begin = -1;
        for (int i = 0; i < all.size(); i++) {
            var from = FROM.matcher(all.get(i));
            if (from.matches() && name.map(n -> n.equalsIgnoreCase(from.group("name"))).orElse(true)) begin = i;
        }
        if (begin < 0) return List.of();
        var from = FROM.matcher(all.get(begin));
        var before = from.matches()
            ? stage(all.subList(0, begin), Optional.of(from.group("image")))
            : List.<String>of();
        var own = all.subList(begin + 1, all.size()).stream().takeWhile(line -> !FROM.matcher(line).matches());
        return Stream.of(before.stream(), Stream.of(all.get(begin)), own).flatMap(s -> s).toList();
    }

    Optional<Integer> port() {
        return last(PORT_VARIABLE)
            .or(() -> last(PORT))
            .map(m -> Integer.parseInt(m.group(1)))
            .or(() -> last(WEB_SERVER).map(_ -> 80));
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

    private Optional<MatchResult> last(Pattern pattern) {
        return instructions.reversed().stream().flatMap(line -> pattern.matcher(line).results()).findFirst();
    }
}
