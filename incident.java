///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/**/*.java

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import lib.cli.Cli;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.journal.Journal;
import lib.stack.Stack;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "incident",
    description = "Why a deploy went wrong: gathers the evidence, redacted, into .deployment/incidents/, and ranks the likely causes.",
    footer = {"  incident                      the last run that failed or was rolled back", "  incident --since 30m"})
class Incident implements Callable<Integer> {
    @Option(names = "--run", paramLabel = "RUN",
        description = "a run's name in .deployment/journal.jsonl (default: the last that failed, else the last)")
    String name;
    @Option(names = "--since", paramLabel = "DURATION", converter = Cli.Span.class,
        description = "the last 30m, whatever ran then")
    Duration since;
    @Option(names = "--from", paramLabel = "TIME", description = "e.g. 2026-11-24T02:00:00Z")
    String from;
    @Option(names = "--to", paramLabel = "TIME", description = "default: now")
    String to;
    @Option(names = "--again", description = "gather again, although the run has a bundle")
    boolean again;
    @Mixin Cli.Project cli;

    public Integer call() {
        var config = cli.config();
        boolean span = since != null || from != null || to != null;
        if (span && name != null || since != null && (from != null || to != null) || to != null && from == null)
            throw Failure.usage("one of them: --run, --since, or --from with --to", null, "incident --since 30m");
        var incident = span ? ofTime(config) : ofRun(config);
        incident.show(cli.console());
        cli.console().event("incident", incident.fields());
        return ExitCode.DONE.code();
    }

    private lib.incident.Incident ofTime(Config config) {
        var end = to == null ? Instant.now() : time("--to", to);
        var begin = since != null ? end.minus(since) : time("--from", from);
        if (!begin.isBefore(end)) throw Failure.usage("the time ends before it begins", begin + " to " + end, null);
        return gathered(() -> lib.incident.Incident.gather(new Stack(config), begin, end));
    }

    /** What was gathered when it failed is worth more than what is left now. */
    private lib.incident.Incident ofRun(Config config) {
        var run = (name == null
            ? lib.incident.Incident.lastFailed(config)
            : Journal.runs(config).stream().filter(r -> r.name().equals(name)).findFirst())
            .orElseThrow(() -> Failure.usage(name == null ? "the journal has no run" : "the journal has no run " + name,
                config.folder().resolve("journal.jsonl").toString(), "incident --since 30m"));
        return (again ? Optional.<lib.incident.Incident>empty() : lib.incident.Incident.read(config, run.name()))
            .orElseGet(() -> gathered(() -> lib.incident.Incident.gather(new Stack(config), run)));
    }

    private lib.incident.Incident gathered(Supplier<lib.incident.Incident> gathering) {
        var step = cli.console().step("gather");
        try {
            var incident = gathering.get();
            step.done(
                String.join(", ", incident.lookedAt().subList(0, Math.min(3, incident.lookedAt().size()))) + ", ...");
            return incident;
        } catch (Failure f) {
            step.fail(f.getMessage());
            throw f;
        }
    }

    private static Instant time(String option, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw Failure.usage(option + " '" + text + "' is not a time", null, option + " 2026-11-24T02:00:00Z");
        }
    }

    public static void main(String... args) { Cli.run(new Incident(), args); }
}
