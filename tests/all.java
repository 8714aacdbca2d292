///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../*.java ../lib/all.java ../lib/**/*.java ../load/*.java ../runtime/java/*.java unit/*.java container/*.java engine/*.java
//DEPS org.junit.jupiter:junit-jupiter:6.0.1
//DEPS org.junit.platform:junit-platform-launcher:6.0.1
//DEPS org.assertj:assertj-core:3.27.6
//DEPS org.seleniumhq.selenium:selenium-chrome-driver:4.38.0
//DEPS org.seleniumhq.selenium:selenium-support:4.38.0
//DEPS org.testcontainers:testcontainers:2.0.5
//DEPS org.slf4j:slf4j-api:2.0.17
//DEPS org.slf4j:slf4j-nop:2.0.17

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.Filter;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs every test in this jar, or those whose class name contains the argument, some classes at a time; then, when it
 * is quieter, what is {@link #QUIET}, because it judges times. Ends with "N passed, N failed". {@code --write-docs}:
 * what was measured goes into docs/ as well. {@code --unit}: only what needs no engine, and only what fails is told.
 */
class All implements TestExecutionListener {
    static final String WRITE_DOCS = "bluegreen.write-docs";
    private static final int CLASSES = 3;            // at a time: each waits for containers
    static final String QUIET = "quiet";             // a package cannot see this class: there, the word
    private final Map<String, StringBuffer> said = new ConcurrentHashMap<>();      // by class, printed when it ends
    private final Map<String, Long> began = new ConcurrentHashMap<>();
    private final boolean atOnce;       // what was asked for by name runs in turn, and is told as it goes
    private final boolean onlyFailed;
    private final AtomicInteger passed = new AtomicInteger(), failed = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    public static void main(String... args) throws URISyntaxException, IOException {
        Path jar = Path.of(All.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        var options = List.of(args);
        boolean unit = options.contains("--unit");
        String name = options.stream().filter(a -> !a.startsWith("-")).findFirst().orElse("");
        System.setProperty(WRITE_DOCS, String.valueOf(options.contains("--write-docs")));
        if (!unit) load.Project.sweep("bgtest-");       // what a run that was killed left behind
        var all = new All(!name.isEmpty(), unit);
        var launcher = LauncherFactory.create();
        launcher.execute(request(jar, name, unit, TagFilter.excludeTags(QUIET)), all);
        launcher.execute(request(jar, name, unit, TagFilter.includeTags(QUIET)), all);
        all.failures.forEach(System.out::print);        // once more: a CI log is read from its end
        System.out.println(all.passed + " passed, " + all.failed + " failed");
        System.exit(all.failed.get() > 0 || all.passed.get() == 0 ? 1 : 0);
    }

    private static LauncherDiscoveryRequest request(Path jar, String name, boolean unit, Filter<?> which) {
        return LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClasspathRoots(Set.of(jar)))
            .filters(ClassNameFilter.includeClassNamePatterns(".*Test"),
                ClassNameFilter.includeClassNamePatterns(".*" + name + ".*"),
                ClassNameFilter.includeClassNamePatterns(
                    unit ? "lib[.].*|(CommandPages|DocumentedCommands)Test" : ".*"),
                TagFilter.excludeTags(unit ? "engine" : "nothing"), which)
            .configurationParameter("junit.jupiter.execution.timeout.default", "10m")
            .configurationParameter("junit.jupiter.displayname.generator.default",
                "org.junit.jupiter.api.DisplayNameGenerator$ReplaceUnderscores")
            .configurationParameter("junit.jupiter.testclass.order.default",
                "org.junit.jupiter.api.ClassOrderer$OrderAnnotation")     // the longest first
            .configurationParameter("junit.jupiter.execution.parallel.enabled", String.valueOf(name.isEmpty()))
            .configurationParameter("junit.jupiter.execution.parallel.mode.default", "same_thread")
            .configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent")
            .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
            .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism",
                String.valueOf(CLASSES))
            .configurationParameter("junit.jupiter.execution.parallel.config.fixed.max-pool-size",
                String.valueOf(CLASSES))
            .build();
    }

    private final PrintStream out = System.out;      // a test may put another one in its place
    private All(boolean atOnce, boolean onlyFailed) {
        this.atOnce = atOnce;
        this.onlyFailed = onlyFailed;
    }

    private void say(TestIdentifier id, String text) {
        if (atOnce) out.print(text);
        else of(id).append(text);
    }

    private static boolean isClass(TestIdentifier id) { return id.getUniqueIdObject().getSegments().size() == 2; }

    private StringBuffer of(TestIdentifier id) {
        return said.computeIfAbsent(classOf(id), _ -> new StringBuffer());
    }

    private static String classOf(TestIdentifier id) {
        var segments = id.getUniqueIdObject().getSegments();
        return segments.size() < 2 ? "" : segments.get(1).getValue();
    }

    @Override public void executionStarted(TestIdentifier id) {
        if (isClass(id)) say(id, "\n" + id.getDisplayName() + "\n");
        began.put(id.getUniqueId(), System.nanoTime());
    }

    @Override public void executionFinished(TestIdentifier id, TestExecutionResult result) {
        var error = result.getThrowable();
        if (!id.isContainer() || error.isPresent()) {
            (error.isEmpty() ? passed : failed).incrementAndGet();
            if (error.isPresent() || !onlyFailed)
                say(id,
                    "  %s %s (%.1f s)%n"
                        .formatted(error.isEmpty() ? "✓" : "✗", id.getDisplayName(),
                            (System.nanoTime() - began.get(id.getUniqueId())) / 1e9));
            error.ifPresent(e -> {
                var trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                say(id, trace.toString());
                failures.add("\n✗ %s: %s%n%s%n".formatted(classOf(id), id.getDisplayName(), e.getMessage()));
            });
        }
        if (isClass(id) && !(onlyFailed && of(id).indexOf("✗") < 0)) out.print(of(id));
    }

    @Override public void executionSkipped(TestIdentifier id, String reason) {
        failed.incrementAndGet();
        say(id, "  ✗ " + id.getDisplayName() + " was skipped: " + reason + "\n");
        failures.add("\n✗ %s: %s was skipped: %s%n".formatted(classOf(id), id.getDisplayName(), reason));
    }
}
