import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.core.Json;
import lib.nginx.Nginx;
import lib.stack.Stack;
import lib.state.Attempt;
import lib.state.Observed;
import lib.traffic.Gate;
import lib.traffic.Rollback;
import load.Clients;
import load.Project;

/**
 * One stack under strict clients, to which faults happen. Each fault becomes a row of a table: requests and
 * failures while it lasted and until the next command had come to its end, and what that command did.
 */
final class Reliability implements AutoCloseable {
    /** What is to be typed after a fault, with the exit code it must have. */
    record Next(int code, String script, String... arguments) {
        @Override public String toString() { return script + " " + String.join(" ", arguments); }
    }
    interface Fault { void strike() throws Exception; }
    private record Row(String fault, long requests, long failed, long outage, String next) {}

    final Project project;
    private final Clients load;
    private final List<Row> rows = new ArrayList<>();
    private int versions = 2;
    private long began;              // from when on requests count in the row at hand

    /** @param compose laid over the stack's compose file; "": nothing */
    Reliability(String name, int clients, String compose) throws IOException {
        // An app that starts in half a second, because it is started a hundred times.
        project = Bluegreen.project(name)
            .variable("BLUEGREEN_BUILD_DOCKERFILE",
                Bluegreen.HOME.resolve("tests/fixtures/faulty/Dockerfile").toString())
            .configure("images: {keep: 3}\ndrain: 1s\nvariables: {SHUTDOWN_SETTLE: 0}");
        if (!compose.isEmpty()) {
            var over = Files.writeString(project.folder.resolve("over.yml"), compose);
            project.variable("BLUEGREEN_COMPOSE_FILES", project.config().composeFiles().getFirst() + "," + over);
        }
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "1s");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "1s");
        load = Clients.start(clients, "127.0.0.1", project.http, Duration.ofMillis(200));
    }

    String version() { return String.valueOf(++versions); }

    /**
     * The fault, then the command; afterwards all must agree again and a rollback must be possible.
     * @param bound the most requests that may fail; 0 where the fault is in our own process
     */
    void row(String fault, int bound, Fault happens, Next next) throws Exception {
        long requests = load.requests();
        began = System.currentTimeMillis();
        happens.strike();
        var said = Bluegreen.code(next.code, project, next.script, next.arguments);
        assertThat(said.text()).as("an exception of our own").doesNotContain("unexpected: ");
        Thread.sleep(200);
        long ended = System.currentTimeMillis();
        var window = load.window(began, ended);
        rows.add(new Row(fault, window.requests(), window.failed(), load.outage(began, ended),
            "`" + next + "`: " + outcome(said)));
        assertThat(load.requests() - requests).as("clients were at work").isPositive();
        assertThat(window.failed())
            .as(fault + ": " + load.failures() + "\n" + said.text() + (window.failed() > bound ? logged() : ""))
            .isLessThanOrEqualTo(bound);
        agrees(fault);
    }

    /** What Nginx says of the last requests that failed. */
    private String logged() {
        return Bluegreen.nginx(project, "sh", "-c",
            "cd /var/log/bluegreen; grep -E '\"status\":(50|499)' access.jsonl | tail -n 5; tail -n 20 error.log")
            .out();
    }

    /** Requests count from now on only: what the fault itself must lose is over. */
    void countFrom(long millis) { began = millis; }

    /** What the clients lost since a moment, in milliseconds since 1970. */
    long failedSince(long millis) { return load.window(millis, Long.MAX_VALUE).failed(); }

    /** What serves is healthy, answers, and every source says the same; as `status` asks them, without its start. */
    void agrees(String after) throws IOException {
        var config = project.config();
        var observed = Observed.read(new Stack(config));
        var serving = observed.serving();
        assertThat(observed.drift()).as(after).isEmpty();
        assertThat(observed.picture().disk().current()).as(after).isEqualTo(serving.number());
        assertThat(Attempt.interrupted(observed)).as(after).isEmpty();
        assertThat(new Gate(new Stack(config), serving.active(), observed.version(serving.active())).now())
            .as(after)
            .isEmpty();
        assertThat(Rollback.of(observed)).as(after).isNotInstanceOf(Rollback.Impossible.class);
        assertThat(Bluegreen.get(project, "/api/echo")).startsWith(serving.active() + " " + serving.version());
    }

    private static String outcome(Project.Said said) {
        var lines = said.text().lines().map(l -> l.strip().replaceFirst("^(\\d\\d:){2}\\d\\d ", "")).toList();
        var told = lines.stream()
            .filter(l -> l.startsWith("!") || l.startsWith("✗ ") && !l.contains("  "))
            .map(l -> l.substring(2))
            .toList();
        var end = lines.stream()
            .filter(l -> !l.isEmpty() && !l.startsWith("report "))
            .reduce((_, last) -> last)
            .orElse("");
        return (told.isEmpty() ? "" : String.join("; ", told) + "; ")
            + end.replaceAll(" +(Back|No rollback) .*| *\\d[\\d.]* s$", "").replaceFirst("^✓ +", "");
    }

    /**
     * Runs a script up to a point and kills it there (SIGKILL).
     * @param at a step and its phase, as --json tells them: "start begin", "switch done"
     */
    void killedAt(String at, Duration later, String script, String... arguments) throws Exception {
        Process process = until(at, script, arguments);
        Thread.sleep(later);
        process.destroyForcibly().waitFor();
    }

    /** The same with SIGTERM; the script must end by itself, with 143. */
    void terminatedAt(String at, String script, String... arguments) throws Exception {
        Process process = until(at, script, arguments);
        process.toHandle().destroy();           // Process.destroy() would close its streams as well
        process.inputReader().lines().forEach(_ -> {});
        assertThat(process.waitFor()).as("exit code after SIGTERM at " + at).isEqualTo(143);
    }

    /**
     * Starts a script, and returns when it gets there.
     * @param at points that come in this order: "build done, start begin"
     */
    Process until(String at, String script, String... arguments) throws Exception {
        Process process = project.start(script, arguments);
        var text = new StringBuilder();
        listen(process.errorReader(), text);
        var awaited = new ArrayDeque<>(List.of(at.split(", ")));
        for (String line; (line = process.inputReader().readLine()) != null;) {
            var event = Json.read(line).orElseThrow();
            boolean step = event.path("event").asText().equals("step")
                && awaited.getFirst().equals(event.path("name").asText() + " " + event.path("phase").asText());
            if (step) awaited.removeFirst();
            if (awaited.isEmpty()) return process;
        }
        throw new AssertionError(script + " ended without '" + at + "':\n" + text);
    }

    /** A process that nobody listens to would wait for ever to be heard. */
    static void listen(BufferedReader from, StringBuilder to) {
        Thread.ofVirtual().start(() -> {
            try (from) {
                for (String line; (line = from.readLine()) != null;) to.append(line).append('\n');
            } catch (IOException e) {
                to.append("(killed)\n");
            }
        });
    }

    /** The table, as it was measured: said, and with --write-docs in its section of the document as well. */
    void tell(Path file, String heading) throws IOException {
        var text = new StringBuilder("## " + heading
            + "\n\n| fault | requests | failed | outage | the next command, and what it said |\n|---|---:|---:|---|---|\n");
        for (Row r : rows)
            text.append("| %s | %,d | %d | %s | %s |\n"
                .formatted(r.fault, r.requests, r.failed, r.outage == 0 ? "none" : r.outage + " ms",
                    r.next.replace("|", "/")));
        synchronized (Reliability.class) {
            System.out.print("\n" + text);
            String whole = Files.readString(file);
            String section = "(?s)" + Pattern.quote("## " + heading + "\n") + ".*?(?=\n## |\\z)";
            assertThat(whole).as("the document has the section").containsPattern(section);
            if (Boolean.getBoolean(All.WRITE_DOCS))
                Files.writeString(file, whole.replaceFirst(section, Matcher.quoteReplacement(text.toString())));
        }
    }

    @Override public void close() throws IOException {
        load.close();
        project.close();
    }
}
