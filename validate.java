///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.time.Duration;
import java.util.concurrent.Callable;
import lib.checks.Preflight;
import lib.cli.Project;
import lib.core.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "validate",
    description = "Pre-flight: everything a deploy needs, and the traps that lose requests. Changes nothing.",
    footer = "  validate --env production")
class Validate implements Callable<Integer> {
    @Option(names = "--timeout", defaultValue = "10s", paramLabel = "DURATION",
        description = "of each check; one that takes longer fails (${DEFAULT-VALUE})")
    Duration timeout;
    @Mixin Project cli;

    public Integer call() throws InterruptedException {
        var console = cli.console();
        var found = Preflight.of(cli.facts(timeout), cli.console());
        found.print(console, true);
        console.line("");
        if (found.failed() > 0) {
            console.line(console.bad("✗ not ready to deploy"));
            return ExitCode.PREFLIGHT.code();
        }
        console.line(console.good("✓ ready to deploy")
            + (found.warnings() == 0
                ? ""
                : found.warnings() == 1 ? ", with a warning" : ", with " + found.warnings() + " warnings")
            + "   next:  " + console.command("deploy --version VERSION"));
        return ExitCode.DONE.code();
    }

    public static void main(String... args) { Project.run(new Validate(), args); }
}
