package lib.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.core.Failure;
import lib.core.Text;

/**
 * The folder that is mounted into Nginx. Docker makes an empty one where there is none, and Nginx then restarts in a
 * loop: so it is looked at before anything is started.
 */
public final class NginxFolder {
    /** What the container's command and the scripts call; the rest is included by nginx.conf. */
    private static final List<String> CALLED = List.of("start.sh", "reload.sh", "generation.sh", "lock.sh", "logs.sh",
        "picture.sh", "nginx.conf");
    /** A file of the folder, that another one includes or calls: no path, no pattern. */
    private static final Pattern INCLUDE = Pattern.compile("(?m)^\\s*include\\s+([A-Za-z0-9_.-]+)\\s*;"),
        CALL = Pattern.compile("sh \"\\$here/([A-Za-z0-9_.-]+)\"");

    private NginxFolder() {}

    /** What is wrong with it; empty: complete. */
    public static Optional<String> wrong(Path folder) {
        if (!Files.isDirectory(folder)) return Optional.of("there is no folder " + folder);
        var missing = new TreeSet<String>();
        for (String name : CALLED) if (!Files.isReadable(folder.resolve(name))) missing.add(name);
        try {
            for (String name : needed(folder)) if (!Files.isReadable(folder.resolve(name))) missing.add(name);
        } catch (IOException e) {
            return Optional.of("cannot read " + folder + ": " + e);
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of(folder + " has no " + String.join(", ", missing));
    }

    private static List<String> needed(Path folder) throws IOException {
        var names = new ArrayList<String>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.toString();
                if (name.endsWith(".conf")) names.addAll(named(INCLUDE, file));
                if (name.endsWith(".sh")) names.addAll(named(CALL, file));
            }
        }
        return names;
    }

    private static List<String> named(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file)).results().map(found -> found.group(1)).toList();
    }

    /** How to get one. */
    public static String fix(Path folder) {
        String home = Optional.ofNullable(System.getenv("BLUEGREEN_HOME")).orElse("BLUEGREEN");
        return "cp -r " + Text.shell(home + "/nginx/.") + " " + Text.shell(folder + "/")
            + "   (or set nginx: in bluegreen.yaml)";
    }

    /** @throws Failure (pre-flight) */
    static void require(Path folder) {
        wrong(folder)
            .ifPresent(wrong -> {
                throw Failure.preflight("Nginx's configuration is not there", wrong, fix(folder));
            });
    }
}
