package lib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Size;
import lib.core.Version;
import lib.journal.Journal;
import lib.journal.KeptLogs;
import lib.report.Report;
import lib.secrets.Redaction;
import lib.state.State;
import lib.traffic.Notify;
import lib.watch.Metrics;
import lib.watch.Verdict;

/** A process of its own: what a run of one of several people leaves behind, and the same words in any language. */
public final class Colleague {
    public static void main(String... arguments) throws IOException {
        if (arguments[0].equals("words")) words();
        else run(Config.load(Path.of(arguments[0]), Map.of()));
    }

    private static void run(Config config) throws IOException {
        var journal = Journal.of(config, "switch");
        journal.write("run", "begin", Map.of("to", "green"));
        new Metrics(config, "shared", new Console(false, "%s")).end(Verdict.fail("x"));
        KeptLogs.write(config, "green-1", "said");
        Atomic.writePrivate(config.folder().resolve("incidents/one/incident.md"), "what went wrong");
        new State(Colour.BLUE, Optional.empty(), Optional.of(Instant.EPOCH), Version.of("1"), true, 1, Version.UNKNOWN)
            .write(config.project());
        journal.write("run", "end", Map.of("code", 0));
        Report.write(config, journal.run());
        Path secret = config.folder().resolve("compose.env");
        System
            .out.println("compose.env "
                + (!Files.exists(secret) ? "is new" : Files.isReadable(secret) ? "can be read" : "cannot be read"));
        Atomic.writeSecret(secret, "POSTGRES_PASSWORD='hunter2'\n");
        System.out.println("runs " + Journal.runs(config).size());
    }

    /** Not through Cli, which sets the language for all. */
    private static void words() {
        System
            .out.println(Notify.Event.SWITCH + " " + Size.text(4_210_000_000L) + " " + Size.parse("5gib") + " "
                + new Verdict.Inconclusive(java.util.List.of()).name()
                + " " + Redaction.plain().apply("TWILIO_SID=x api_key=x") + " " + Colour.of("blue"));
    }
}
