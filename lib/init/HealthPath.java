package lib.init;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Where an app's sources answer for its health: a route such as "/healthz", or a file that stands for one. */
final class HealthPath {
    /** More, or larger ones, is not what a person wrote. */
    private static final int FILES = 3_000, BYTES = 400_000;
    private static final Set<String> OTHERS = Set.of("node_modules", "vendor", "target", "build", "dist", "venv",
        "__pycache__", "tests", "test", "spec");
    private static final Pattern SOURCE = Pattern.compile(
        ".*\\.(py|js|mjs|cjs|ts|tsx|rb|go|java|kt|rs|php|ex|cs|conf)");
    private static final Pattern ROUTE = Pattern.compile(
        "[\"'`\\s](/?(?:api/|_)?(?:health(?:z|check|_check)?|readyz?|livez|up|ping)(?:/(?:ready|live))?/?)[\"'`$\\s{]");
    /** Next.js: the folder is the route. */
    private static final Pattern FILE = Pattern.compile(
        "(?:^|.*/)(?:app|pages)(/(?:api/)?(?:health|healthz|ready|ping))(?:/route)?\\.(?:js|ts|mjs)");
    /** A word alone, as Python's and Ruby's routes have it, only of those that mean nothing else. */
    private static final List<String> ALSO_BARE = List.of("health", "healthz", "healthcheck", "api/health");

    private HealthPath() {}

    /** {@code file}: where it was seen, relative to the folder. */
    record Seen(String path, String file) {}

    /** The shortest path, of equals the first by name: one that is meant for machines is rarely a long one. */
    static Optional<Seen> in(Path folder) {
        var found = new TreeMap<String, String>(
            java.util.Comparator.comparingInt(HealthPath::rank).thenComparing(p -> p));
        try {
            Files.walkFileTree(folder, new Search(folder, found));
        } catch (IOException e) {
            return Optional.empty();        // what cannot be read answers nothing: then it is asked for
        }
        return found.entrySet().stream().findFirst().map(e -> new Seen(e.getKey(), e.getValue()));
    }

    private static int rank(String path) {
        return path.contains("health") ? 0 : path.contains("ready") ? 1 : path.contains("up") ? 2 : 3;
    }

    private static final class Search extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final Map<String, String> found;
        private int seen;

        Search(Path folder, Map<String, String> found) {
            this.folder = folder;
            this.found = found;
        }

        @Override public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes is) {
            String name = dir.getFileName().toString();
            boolean another = OTHERS.contains(name) || name.startsWith(".") && !dir.equals(folder);
            return another ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override public FileVisitResult visitFileFailed(Path file, IOException e) { return FileVisitResult.CONTINUE; }

        @Override public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
            if (++seen > FILES) return FileVisitResult.TERMINATE;
            String name = folder.relativize(file).toString();
            if (!SOURCE.matcher(name).matches() || is.size() > BYTES) return FileVisitResult.CONTINUE;
            var route = FILE.matcher(name);
            if (route.matches()) found.putIfAbsent(route.group(1), name);
            // Whatever the encoding: what is looked for is ASCII.
            var text = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
            ROUTE.matcher(text).results().map(m -> m.group(1)).forEach(path -> {
                boolean whole = path.startsWith("/");
                String bare = path.replaceAll("^/|/$", "");
                if (whole || ALSO_BARE.contains(bare)) found.putIfAbsent(whole ? path : "/" + path, name);
            });
            return FileVisitResult.CONTINUE;
        }
    }
}
