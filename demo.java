///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java load/AccessLines.java load/Clients.java load/Docker.java load/Drip.java load/Habit.java
//SOURCES load/Move.java load/Project.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.config.Way;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import load.Clients;
import load.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "demo",
    description = "A real app from v1 to v2 and back, under load; every request is counted at the client.",
    footer = {"  demo", "  demo --clients 1000 --via reload"})
class Demo implements Callable<Integer> {
    @Option(names = "--clients", defaultValue = "200", paramLabel = "N",
        description = "strict clients (${DEFAULT-VALUE})")
    int clients;
    @Option(names = "--think", defaultValue = "20ms", paramLabel = "DURATION",
        description = "a client's pause between two requests (${DEFAULT-VALUE})")
    Duration think;
    @Option(names = "--via", defaultValue = "instant", paramLabel = "WAY",
        description = "instant or reload (${DEFAULT-VALUE})")
    Way via;
    @Option(names = "--keepalive-min-timeout", defaultValue = "on", paramLabel = "on|off",
        description = "off, with --via reload: see the failures that a plain reload causes")
    Setting keepalive;
    @Option(names = "--keep", description = "leave the stack up and print its addresses")
    boolean keep;
    @Option(names = "--yes", description = "ask nothing")
    boolean yes;
    @Mixin Cli cli;

    /** Of a directive of Nginx. */
    private enum Setting {
        ON, OFF;
        @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
    }

    private record Change(String name, long renamed, long ms) {}

    private Console console;
    private Project project;

    public Integer call() throws IOException, InterruptedException {
        if (clients < 1 || clients > 5000) throw Failure.usage("--clients " + clients, "from 1 to 5000");
        console = cli.console();
        Project.sweep("bluegreen-demo");         // the one that --keep left up
        project = new Project("bluegreen-demo", home());
        if (console.isColoured()) project.coloured();
        if (keepalive == Setting.OFF) project.withoutKeepaliveMinTimeout();
        var cleaner = new Thread(this::takeDown);
        if (!keep) Runtime.getRuntime().addShutdownHook(cleaner);

        console.line(console.bold("bluegreen demo") + "  a shop (Java, Redis, PostgreSQL) behind Nginx, " + clients
            + " clients that never retry\n");
        script("deploy", "--version", "1.0.0", "--monitor", "0s");
        var changes = new ArrayList<Change>();
        try (var load = Clients.start(clients, "127.0.0.1", project.http, think)) {
            console.line(console.dim("\n  " + clients + " clients at work: POST and GET, kept alive, "
                + think.toMillis() + " ms think time\n"));
            Thread.sleep(5000);
            changes.add(change("deploy 2.0.0", load, "deploy", "--version", "2.0.0", "--monitor", "3s", "--via",
                via.toString()));
            changes.add(change("rollback", load, "switch", "--rollback", "--no-drain", "--via", via.toString()));
            changes.add(change("switch", load, "switch", "green", "--no-drain", "--via", via.toString()));
            Thread.sleep(3000);
            load.close();
            report(load, changes);
            if (keep) addresses();
            return load.failed() == 0 ? ExitCode.DONE.code() : ExitCode.UNHEALTHY.code();
        }
    }

    private static Path home() {
        Path home = Path.of(System.getenv("BLUEGREEN_HOME") instanceof String given ? given : "").toAbsolutePath();
        if (!Files.exists(home.resolve("examples")))
            throw Failure.usage("the demo needs bluegreen's folder", "it builds the examples there",
                "git clone, and there: ./bluegreen demo");
        return home;
    }

    private Project.Said script(String name, String... arguments) {
        console.line(console.bold("$ ./bluegreen " + name + " " + String.join(" ", arguments)));
        var said = project.run(line -> { if (keep || !line.contains("  report   ")) console.line(line); }, name,
            arguments);      // it goes with the stack
        if (said.code() != 0)
            throw new Failure(ExitCode.of(said.code()), name + " ended with exit code " + said.code());
        return said;
    }

    private Change change(String what, Clients load, String name, String... arguments) throws InterruptedException {
        var switched = script(name, arguments).event("switched");
        Thread.sleep(3000);
        console.line(console.dim(
            "  at the clients: " + "%,d".formatted(load.requests()) + " requests, " + load.failed() + " failed\n"));
        return new Change(what, Instant.parse(switched.path("renamedAt").asText()).toEpochMilli(),
            switched.path("ms").asLong());
    }

    private void report(Clients load, List<Change> changes) {
        var all = load.all();
        console.line(console.bold(
            "                       requests   failed     blue    green   p50 ms   p99 ms   max ms   switch"));
        var switchMs = new ArrayList<Long>();
        long rollbackMs = 0;
        for (Change c : changes) {
            long from = c.renamed - 250, to = c.renamed + c.ms + 250;
            row(c.name + ": before", load.window(from - 2500, from), null);
            row("  during", load.window(from, to), c.ms + " ms");
            row("  after", load.window(to, to + 2500), null);
            if (c.name.equals("rollback")) rollbackMs = c.ms;
            else switchMs.add(c.ms);
        }
        row("all", all, null);
        load.failures().forEach((what, n) -> console.line(console.bad("  %,d × %s".formatted(n, what))));
        console.line("\n"
            + (load.failed() == 0
                ? console.good("0 failed requests")
                : console.bad("%,d failed requests".formatted(load.failed())))
            + " of %,d, counted at %,d clients, %,d connections opened; rollback in %d ms."
                .formatted(load.requests(), clients, load.connections(), rollbackMs));

        var fields = new LinkedHashMap<String, Object>();
        fields.put("clients", clients);
        fields.put("via", via);
        fields.put("requests", load.requests());
        fields.put("failed", load.failed());
        fields.put("failures", load.failures());
        fields.put("connections", load.connections());
        fields.put("switches", changes.size());
        fields.put("rollbackMs", rollbackMs);
        fields.put("switchMs", switchMs);
        fields.put("p50Ms", all.p50());
        fields.put("p99Ms", all.p99());
        fields.put("maxMs", all.max());
        console.event("result", fields);
    }

    private void row(String name, Clients.Window w, String took) {
        String line = "%-21s %,9d %,8d %,8d %,8d %8.1f %8.1f %8.1f   %s"
            .formatted(name,
                w.requests(), w.failed(), w.blue(), w.green(), w.p50(), w.p99(), w.max(), took == null ? "" : took)
            .stripTrailing();
        console.line(w.failed() > 0 ? console.bad(line) : line);
    }

    private void addresses() {
        console.line("""

            The stack is up:
              app       http://127.0.0.1:%d   https://127.0.0.1:%d
              control   http://127.0.0.1:%d/deployment
              status    ./bluegreen status -C %s
              end it    docker compose -p %s down --volumes"""
            .formatted(project.http, project.https, project.control, project.folder, project.name));
    }

    /** Also after Ctrl-C. */
    private void takeDown() {
        try {
            project.close();
        } catch (IOException e) {
            console.warning("not everything was taken down: " + e.getMessage());
        }
    }

    public static void main(String... args) { System.exit(Cli.ended(new Demo(), args)); }
}
