///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/all.java ../load/*.java

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.core.ExitCode;
import load.Clients;
import load.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "switching",
    description = "The ways to switch, side by side: five switches each under the same strict clients.",
    footer = "  bench switching --clients 1000")
class Switching implements Callable<Integer> {
    @Option(names = "--clients", defaultValue = "200", paramLabel = "N",
        description = "strict clients (${DEFAULT-VALUE})")
    int clients;
    @Option(names = "--yes", description = "ask nothing")
    boolean yes;
    @Mixin Cli cli;

    private record Way(String name, String via, boolean keepalive) {}

    public Integer call() throws IOException, InterruptedException {
        var console = cli.console();
        console.line(clients + " clients, POST and GET, kept alive, 20 ms think time, never retrying; five switches\n");
        console.line(
            "way                              requests    failed  reconnects   p50 ms   p99 ms   max ms  switch ms");
        for (var way : new Way[] {new Way("instant (symlink)", "instant", true), new Way("reload", "reload", true),
            new Way("reload, keepalive_min_timeout off", "reload", false)})
            console.line(measure(way));
        return ExitCode.DONE.code();
    }

    private String measure(Way way) throws IOException, InterruptedException {
        try (var project = new Project("bluegreen-bench", Path.of(System.getenv("BLUEGREEN_HOME")))) {
            if (!way.keepalive) project.withoutKeepaliveMinTimeout();
            project.run("deploy", "--version", "1", "--monitor", "0s").ended(0);
            project.run("deploy", "--version", "2", "--monitor", "0s", "--via", way.via).ended(0);
            try (var load = Clients.start(clients, "127.0.0.1", project.http, Duration.ofMillis(20))) {
                Thread.sleep(3000);
                long began = System.currentTimeMillis(), ms = 0;
                for (String to : new String[] {"blue", "green", "blue", "green", "blue"}) {
                    ms += project.run("switch", to, "--no-drain", "--via", way.via)
                        .ended(0)
                        .event("switched")
                        .path("ms")
                        .asLong();
                }
                Thread.sleep(1000);
                var w = load.window(began, System.currentTimeMillis());
                load.close();
                return "%-33s %,8d %9d %11d %8.1f %8.1f %8.1f %10d"
                    .formatted(way.name, w.requests(), load.failed(),
                        load.connections() - clients, w.p50(), w.p99(), w.max(), ms / 5);
            }
        }
    }

    public static void main(String... args) { Cli.run(new Switching(), args); }
}
