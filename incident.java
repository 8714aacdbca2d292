///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import lib.cli.Project;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.journal.Journal;
import lib.stack.Stack;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "incident",
    description = "Why a deploy went wrong: gathers the evidence, redacted, into .deployment/incidents/, and ranks the likely causes.",
    footer = {"  incident                      the last run that failed or was rolled back", "  incident --since 30m"})
class Incident implements Callable<Integer> {
    @ArgGroup Of of = new Of();
    @Option(names = "--again", description = "gather again, although the run has a bundle")
    boolean again;
    @Mixin Project cli;

    /** One of them; none: the last run that failed. */
    static final class Of {
        @Option(names = "--run", paramLabel = "RUN",
            description = "a run's name in .deployment/journal.jsonl (default: the last that failed, else the last)")
        Optional<String> run = Optional.empty();
        @Option(names = "--since", paramLabel = "DURATION", description = "the last 30m, whatever ran then")
        Optional<Duration> since = Optional.empty();
        @ArgGroup(exclusive = false)
        Span span = new Span();
    }

    static final class Span {
        @Option(names = "--from", required = true, paramLabel = "TIME", description = "e.g. 2026-11-24T02:00:00Z")
        Optional<String> from = Optional.empty();
        @Option(names = "--to", paramLabel = "TIME", description = "with --from (default: now)")
        Optional<String> to = Optional.empty();

        Instant begin() { return time("--from", from.orElseThrow()); }
        Instant end() { return to.map(t -> time("--to", t)).orElseGet(Instant::now); }
    }

    public Integer call() {
        var config = cli.config();
        boolean ofTime = of.since.isPresent() || of.span.from.isPresent();
        var incident = ofTime ? ofTime(config) : ofRun(config);
        incident.show(cli.console());
        cli.console().event("incident", incident.fields());
        return ExitCode.DONE.code();
    }

    private lib.incident.Incident ofTime(Config config) {
        var end = of.span.end();
        var begin = of.since.map(end::minus).orElseGet(of.span::begin);
        if (!begin.isBefore(end)) throw Failure.usage("the time ends before it begins", begin + " to " + end);
        return gathered(() -> lib.incident.Incident.gather(new Stack(config), begin, end));
    }

    /** What was gathered when it failed is worth more than what is left now. */
    private lib.incident.Incident ofRun(Config config) {
        var run = of.run
            .map(name -> Journal.runs(config).stream().filter(r -> r.name().equals(name)).findFirst())
            .orElseGet(() -> lib.incident.Incident.lastFailed(config))
            .orElseThrow(() -> Failure.usage("the journal has no run" + of.run.map(name -> " " + name).orElse(""),
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
            throw Failure.usage(option + " '" + text + "' is not a time").next(option + " 2026-11-24T02:00:00Z");
        }
    }

    public static void main(String... args) { Project.run(new Incident(), args); }
}
