package lib.cli;

import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.journal.Journal;
import lib.report.Browser;
import lib.report.Past;
import lib.report.Report;
import lib.stack.Stack;
import lib.state.Observed;

/** The runs of before, as a person looks at them: a line each, or a page in a browser. Each returns the exit code. */
public record History(Config config, Console console) {

    public int show(int most) {
        if (most < 1) throw Failure.usage("--history " + most + " shows nothing").next("status --history 10");
        var newest = Past.of(runs()).stream().limit(most).toList();
        console.event("history", Map.of("runs", newest.stream().map(Past::fields).toList()));
        if (newest.isEmpty()) console.line("nothing ran yet");
        newest.forEach(past -> console.line("  %s  %-8s %-12s %-6s %s %8s  %s"
            .formatted(past.at().truncatedTo(ChronoUnit.SECONDS), past.command(), past.version().orElse(""),
                past.colour().orElse(""), painted(past), Console.seconds(past.took()), console.dim(past.by()))));
        if (!newest.isEmpty()) Report.all(config).ifPresent(page -> console.line(console.dim("  all      " + page)));
        return ExitCode.DONE.code();
    }

    /** Of all checkouts where Nginx can be asked, else of this one. */
    private List<Journal.Run> runs() {
        try {
            return Observed.read(new Stack(config)).runs();
        } catch (Failure f) {
            return Journal.runs(config);
        }
    }

    private String painted(Past past) {
        String text = "%-26s".formatted(past.outcome());
        return switch (past.css()) {
            case "good" -> console.good(text);
            case "bad" -> console.bad(text);
            default -> console.warn(text);
        };
    }

    public int open(Optional<Path> page) {
        var report = page.orElseThrow(() -> Failure.preflight("there is no report yet",
            "a deploy, a switch and a monitor each write one", "deploy --version VERSION"));
        boolean opened = Browser.open(report);
        console.line("report  " + report + (opened ? "" : console.dim("   (no browser to open it in)")));
        console.event("report", Map.of("path", report.toString(), "opened", opened));
        return ExitCode.DONE.code();
    }
}
