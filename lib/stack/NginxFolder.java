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
    /** A file of the folder: no path, no pattern. */
    private static final Pattern INCLUDE = Pattern.compile("(?m)^\\s*include\\s+([A-Za-z0-9_.-]+)\\s*;");

    private NginxFolder() {}

    /** What is wrong with it; empty: complete. */
    public static Optional<String> wrong(Path folder) {
        if (!Files.isDirectory(folder)) return Optional.of("there is no folder " + folder);
        var missing = new TreeSet<String>();
        for (String name : CALLED) if (!Files.isReadable(folder.resolve(name))) missing.add(name);
        try {
            for (String name : included(folder)) if (!Files.isReadable(folder.resolve(name))) missing.add(name);
        } catch (IOException e) {
            return Optional.of("cannot read " + folder + ": " + e);
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of(folder + " has no " + String.join(", ", missing));
    }

    private static List<String> included(Path folder) throws IOException {
        var names = new ArrayList<String>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path conf : files.filter(f -> f.toString().endsWith(".conf")).toList()) {
                var include = INCLUDE.matcher(Files.readString(conf));
                while (include.find()) names.add(include.group(1));
            }
        }
        return names;
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
