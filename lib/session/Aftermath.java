package lib.session;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.incident.Incident;
import lib.report.Report;
import lib.traffic.Run;

/** What a run that ended leaves behind: the evidence if it failed, and a report. The others are told meanwhile. */
public final class Aftermath {
    private static final Set<ExitCode> EVIDENCE = Set.of(ExitCode.UNHEALTHY, ExitCode.FAILED, ExitCode.ROLLED_BACK, ExitCode.UNCONFIRMED);

    private Aftermath() {}

    /** To be called when the journal has the run's end; closes the run. @param failure how it ended; null: well */
    public static void of(Config config, Console console, Run run, Failure failure) {
        // Before anything is removed: a container takes its log along.
        if (failure != null && EVIDENCE.contains(failure.code)) Incident.keep(config, console, run.name());
        report(config, console, run);
        run.close();
    }

    private static void report(Config config, Console console, Run run) {
        try {
            var report = Report.write(config, run.name());
            var here = Path.of("").toAbsolutePath();
            console.line(console.dim("  report   " + (report.startsWith(here) ? here.relativize(report) : report)));
            console.event("report", Map.of("file", report.toString()));
        } catch (Failure f) {
            console.warning(f.getMessage() + ": " + f.why);
        } catch (RuntimeException e) {
            console.warning("there is no report: unexpected: " + e);       // what the run did stands
        }
    }
}
