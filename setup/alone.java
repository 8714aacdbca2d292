//JAVA 25+

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/**
 * Compiles each script by itself, of the files and jars that JBang finds for it by //SOURCES and //DEPS. What they
 * share is compiled once, and what one of them has more than another, on top of that: it is in packages, which cannot
 * refer to a script.
 */
class Alone {
    private static final Pattern HEADER = Pattern.compile("(?m)^//[A-Z]+ .*$");
    private static final Pattern SOURCE = Pattern.compile("\"backingResource\": \"(.+?[.]java)\"");
    private static final Pattern JARS = Pattern.compile("\"resolvedDependencies\": \\[(.*?)]", Pattern.DOTALL);
    private static final Pattern JAR = Pattern.compile("\"(.+?)\"");

    private final Path folder;
    private final Map<List<String>, Needed> asked = new ConcurrentHashMap<>();
    private final Map<Needed, Shared> shared = new HashMap<>();

    /** What a script needs by its headers. {@code errors}: of JBang, which then found nothing. */
    private record Needed(Set<Path> sources, Set<String> jars, String errors) {
        boolean has(Needed other) { return sources.containsAll(other.sources) && jars.containsAll(other.jars); }
    }

    /** What scripts that need the same have in common. */
    private record Shared(List<String> classpath, String errors) {}

    private Alone(Path folder) { this.folder = folder; }

    public static void main(String... scripts) throws IOException {
        Path folder = Files.createTempDirectory("alone-");
        var errors = new Alone(folder).errors(List.of(scripts));
        try (var all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(p);
        }
        errors.forEach(System.out::println);
        System.out.printf("%d scripts, %d do not compile by themselves%n", scripts.length, errors.size());
        System.exit(errors.isEmpty() ? 0 : 1);
    }

    private List<String> errors(List<String> scripts) throws IOException {
        var needed = scripts.parallelStream().collect(Collectors.toConcurrentMap(s -> s, this::needed));
        var smallestFirst = Comparator.comparing((Needed n) -> n.sources.size());
        for (Needed one : needed.values().stream().distinct().sorted(smallestFirst).toList())
            shared.put(one, shared(one));
        return scripts.parallelStream()
            .map(script -> error(script, shared.get(needed.get(script))))
            .filter(e -> !e.isEmpty())
            .toList();
    }

    /** "" if it compiles. */
    private String error(String script, Shared with) {
        try {
            String errors = with.errors.isEmpty()
                ? compile(List.of(script), with.classpath, Files.createTempDirectory(folder, ""))
                : with.errors;
            return errors.isEmpty() ? "" : script + ":\n" + errors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** JBang takes a second: it is asked once for all scripts of a folder with the same headers. */
    private Needed needed(String script) {
        try {
            var key = new ArrayList<>(
                HEADER.matcher(Files.readString(Path.of(script))).results().map(MatchResult::group).toList());
            key.add(String.valueOf(Path.of(script).toAbsolutePath().normalize().getParent()));
            return asked.computeIfAbsent(key, _ -> ask(script));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Needed ask(String script) {
        try {
            var jbang = new ProcessBuilder(System.getenv("BLUEGREEN_JBANG"), "--quiet", "info", "tools", script);
            jbang.environment().put("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");   // half the time
            var process = jbang.redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes());
            var sources = SOURCE.matcher(said).results().map(r -> Path.of(r.group(1))).distinct().toList();
            if (process.waitFor() != 0 || sources.isEmpty()) return new Needed(Set.of(), Set.of(), said);
            var jars = JARS.matcher(said)
                .results()
                .flatMap(r -> JAR.matcher(r.group(1)).results())
                .map(r -> r.group(1))
                .collect(Collectors.toCollection(LinkedHashSet::new));
            var others = new TreeSet<Path>();
            // the first is the script
            for (Path one : sources.subList(1, sources.size())) others.add(one.toRealPath());
            return new Needed(others, jars, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Shared shared(Needed of) throws IOException {
        if (!of.errors.isEmpty()) return new Shared(List.of(), of.errors);
        var below = shared.keySet().stream()
            .filter(n -> of.has(n) && shared.get(n).errors.isEmpty())
            .max(Comparator.comparing(n -> n.sources.size()));
        var sources = new TreeSet<>(of.sources);
        below.ifPresent(n -> sources.removeAll(n.sources));
        Path classes = Files.createTempDirectory(folder, "");
        var classpath = new ArrayList<>(List.of(classes.toString()));
        below.ifPresent(n -> classpath.addAll(shared.get(n).classpath));
        classpath.addAll(of.jars);
        return new Shared(classpath, sources.isEmpty()
            ? ""
            : compile(sources.stream().map(Path::toString).toList(), classpath, classes));
    }

    /** An empty source path: nothing is found by its name. */
    private static String compile(List<String> sources, List<String> classpath, Path to) throws IOException {
        var javac = ToolProvider.getSystemJavaCompiler();
        var options = List.of("-proc:none", "-nowarn", "-XDignore.symbol.file", "-sourcepath", "",
            "-classpath", String.join(File.pathSeparator, classpath), "-d", to.toString());
        var said = new StringWriter();
        try (var files = javac.getStandardFileManager(null, null, null)) {
            boolean good = javac.getTask(said, files, null, options, null,
                files.getJavaFileObjects(sources.toArray(String[]::new))).call();
            return good ? "" : said.toString();
        }
    }
}
