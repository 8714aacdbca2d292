///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/all.java ../load/*.java

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import load.Clients;
import load.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "rollback",
    description = "How long a version that fails every request has the traffic: from the rename to the rename back.",
    footer = "  bench rollback --deploys 20")
class Rollback implements Callable<Integer> {
    @Option(names = "--deploys", defaultValue = "20", paramLabel = "N",
        description = "of a bad version, one after the other (${DEFAULT-VALUE})")
    int deploys;
    @Option(names = "--clients", defaultValue = "20", paramLabel = "N",
        description = "strict clients (${DEFAULT-VALUE})")
    int clients;
    @Option(names = "--yes", description = "ask nothing")
    boolean yes;
    @Mixin Cli cli;

    private Console console;

    public Integer call() throws IOException {
        console = cli.console();
        Path home = Path.of(System.getenv("BLUEGREEN_HOME"));
        console.line(
            deploys + " deploys of a version that answers 500, under " + clients + " clients with 200 ms think time\n");
        try (var project = new Project("bluegreen-bench", home)) {
            project.variable("BLUEGREEN_BUILD_DOCKERFILE", home.resolve("tests/fixtures/faulty/Dockerfile").toString());
            project.run("deploy", "--version", "1", "--monitor", "0s").ended(0);
            project.run("deploy", "--version", "2", "--monitor", "0s").ended(0);
            var image = lib.process
                .Command.of(Duration.ofMinutes(2), "docker", "build", "--quiet", "--tag", project.name + ":bad", "-")
                .input("FROM " + project.name + ":2\nENV APP_VERSION=bad ERROR_SHARE=1\n")
                .run();
            if (!image.ok()) throw new Failure(ExitCode.FAILED, "the bad version was not built", image.err());
            try (var load = Clients.start(clients, "127.0.0.1", project.http, Duration.ofMillis(200))) {
                measure(project, load);
            }
        }
        return ExitCode.DONE.code();
    }

    private void measure(Project project, Clients load) throws IOException {
        var took = new ArrayList<Long>();
        for (int i = 1; i <= deploys; i++) {
            long before = load.failed();
            var moves = project.run("deploy", "--version", "bad", "--no-build", "--monitor", "30s")
                .ended(6)
                .events("switched");
            took.add(Project.renamedAt(moves.getLast()) - Project.renamedAt(moves.getFirst()));
            console.line("%3d  %5d ms  %5d requests failed".formatted(i, took.getLast(), load.failed() - before));
        }
        var sorted = took.stream().sorted().toList();
        console.line("\nfrom the rename to the rollback: median %d ms, worst %d ms of %d"
            .formatted(middle(sorted), sorted.getLast(), sorted.size()));
    }

    private static long middle(List<Long> sorted) { return sorted.get(sorted.size() / 2); }

    public static void main(String... args) { Cli.run(new Rollback(), args); }
}
