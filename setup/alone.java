//JAVA 25+

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * Compiles each script by itself, of the files and jars that JBang finds for it by //SOURCES and //DEPS. What scripts
 * with the same headers share is compiled once: it is in packages, which cannot refer to a script.
 */
class Alone {
    private static final Pattern HEADER = Pattern.compile("(?m)^//[A-Z]+ .*$");
    private static final Pattern SOURCE = Pattern.compile("\"backingResource\": \"(.+?)\"");
    private static final Pattern JARS = Pattern.compile("\"resolvedDependencies\": \\[(.*?)]", Pattern.DOTALL);
    private static final Pattern JAR = Pattern.compile("\"(.+?)\"");

    private final Path folder;
    private final Map<List<String>, Shared> shared = new ConcurrentHashMap<>();

    /** What scripts with the same headers have in common. */
    private record Shared(List<String> classpath, String errors) {}

    private Alone(Path folder) { this.folder = folder; }

    public static void main(String... scripts) throws IOException {
        Path folder = Files.createTempDirectory("alone-");
        var alone = new Alone(folder);
        var errors = List.of(scripts).parallelStream().map(alone::errors).filter(e -> !e.isEmpty()).toList();
        try (var all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(p);
        }
        errors.forEach(System.out::println);
        System.out.printf("%d scripts, %d do not compile by themselves%n", scripts.length, errors.size());
        System.exit(errors.isEmpty() ? 0 : 1);
    }

    /** "" if it compiles. */
    private String errors(String script) {
        try {
            var key = new ArrayList<>(
                HEADER.matcher(Files.readString(Path.of(script))).results().map(MatchResult::group).toList());
            key.add(String.valueOf(Path.of(script).toAbsolutePath().normalize().getParent()));
            var common = shared.computeIfAbsent(key, _ -> shared(script));
            String errors = common.errors.isEmpty()
                ? compile(List.of(script), common.classpath, Files.createTempDirectory(folder, ""))
                : common.errors;
            return errors.isEmpty() ? "" : script + ":\n" + errors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Shared shared(String script) {
        try {
            var jbang = new ProcessBuilder(System.getenv("BLUEGREEN_JBANG"), "--quiet", "info", "tools", script);
            jbang.environment().put("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");   // half the time
            var process = jbang.redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes());
            var sources = SOURCE.matcher(said).results().map(r -> r.group(1)).distinct().toList();
            if (process.waitFor() != 0 || sources.isEmpty()) return new Shared(List.of(), said);
            Path classes = Files.createTempDirectory(folder, "");
            var classpath = new ArrayList<>(List.of(classes.toString()));
            JARS.matcher(said)
                .results()
                .flatMap(r -> JAR.matcher(r.group(1)).results())
                .forEach(r -> classpath.add(r.group(1)));
            var others = sources.subList(1, sources.size());        // the first one is the script
            return new Shared(classpath, others.isEmpty() ? "" : compile(others, classpath, classes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
