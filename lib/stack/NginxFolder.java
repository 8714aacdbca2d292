package lib.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Failure;
import lib.core.Resource;
import lib.core.Text;

/**
 * The folder that is mounted into Nginx. Docker makes an empty one where there is none, and Nginx then restarts in a
 * loop: so it is looked at before anything is started.
 */
public final class NginxFolder {
    /** What the container's command and the scripts call; the rest is included by nginx.conf. */
    private static final List<String> CALLED = List.of("start.sh", "reload.sh", "generation.sh", "lock.sh", "logs.sh",
        "picture.sh", "settings.sh", "nginx.conf", "502.html", "503.html");
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

    /** Nginx starts with it, but it is from before settings were taken over by a running one. */
    static boolean isOlder(Path folder) {
        return Files.isReadable(folder.resolve("start.sh")) && !Files.exists(folder.resolve("settings.sh"));
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

    /** The same of the configured one; bluegreen's own is made where it is missing. */
    public static Optional<String> wrong(Config config) {
        if (config.ownNginx().isEmpty()) try {
            unpack(config.nginxFolder());
        } catch (IOException e) {
            return Optional.of("cannot make " + config.nginxFolder() + ": " + e);
        }
        return wrong(config.nginxFolder());
    }

    /** The files of the jar, for any user of a container to read: whole or not at all, and never changed again. */
    static void unpack(Path folder) throws IOException {
        if (Files.isDirectory(folder)) return;
        Path made = folder.resolveSibling(folder.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        Atomic.folder(made);
        try {
            for (String name : Resource.names("nginx")) {
                Path file = made.resolve(name.substring("nginx/".length()));
                Atomic.write(file, Resource.text(name));
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            }
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            Atomic.rename(made, folder);
        } catch (IOException e) {
            if (!Files.isDirectory(folder)) throw e;        // else somebody else was faster
        } finally {
            remove(made);
        }
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) Files.delete(file);
        }
        Files.delete(folder);
    }

    /** How to get one that is as it should be. */
    public static String fix(Config config) {
        String folder = Text.shell(config.nginxFolder().toString());
        return config.ownNginx().isEmpty()
            ? "rm -rf " + folder + "   (the next deploy makes it anew)"
            : "put back what " + folder
                + " lacks, or take nginx: out of bluegreen.yaml   (bluegreen brings these files)";
    }

    /** @throws Failure (pre-flight) */
    static void require(Config config) {
        wrong(config)
            .ifPresent(wrong -> {
                throw Failure.preflight("Nginx's configuration is not there", wrong, fix(config));
            });
    }

    /** Of an engine elsewhere, which mounts from its own disk. @throws Failure (pre-flight) */
    static void requireNamed(Config config) {
        if (config.ownNginx().isPresent()) return;
        throw Failure.preflight("Nginx's files are here, and the engine is on another machine",
            "nginx: in bluegreen.yaml must name a folder that is on both, at the same path",
            "init --eject   copies them; then copy the folder to the engine's machine, and set nginx:");
    }
}
