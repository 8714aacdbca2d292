///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/*.java lib/**/*.java

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import lib.*;
import lib.report.Browser;
import lib.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "status", description = "One screen: which colour serves what since when, the standby, the drain, and any drift.",
    footer = "  status --json")
class Status implements Callable<Integer> {
    @Option(names = "--open", description = "open the last run's report in the browser; without a display, say where it is")
    boolean open;
    @Mixin Cli.Project cli;

    public Integer call() {
        var config = cli.config();
        var console = cli.console();
        if (open) return open(config, console);
        var truth = Truth.read(config);
        var container = truth.containers().get(config.nginxService());
        var nginx = new Nginx(config, container);
        var serving = truth.serving();
        var disk = nginx.disk();
        var drift = truth.drift();
        if (disk.current() != serving.number() || serving.active() == null)
            drift.add(disk.current() == 0 ? "active/current is missing or dangling on the disk" : "the disk says generation " + disk.current() + ", the workers serve " + serving.number());

        var fields = new LinkedHashMap<String, Object>();
        fields.put("active", serving.active() == null ? "unknown" : serving.active().toString());
        fields.put("generation", serving.number());
        fields.put("version", serving.version());
        fields.put("backed", serving.backed());
        fields.put("via", serving.via().toString());
        fields.put("drift", drift);

        console.line(console.bold(config.app()) + "  "
            + (serving.active() == null ? console.bad("no generation: whatever is alive serves")
               : truth.active().isEmpty() ? "nothing is deployed yet"
               : console.of(serving.active()) + " serves " + (serving.version() == null ? "an unknown version" : serving.version()) + since(truth)));
        console.line("  generation " + serving.number() + ", " + serving.via() + ", "
            + (serving.backed() ? "failover to " + serving.active().other() + " is armed" : "no failover"));
        for (Color color : Color.values()) {
            var line = new StringBuilder("  " + (color == serving.active() ? "● " : "○ ") + "%-6s".formatted(color));
            var own = new LinkedHashMap<String, Object>();
            truth.container(color).ifPresentOrElse(c -> {
                var answer = Probe.once(URI.create(config.healthUrl(color)), Duration.ofSeconds(2));
                var wrong = c.running() ? answer.wrong(Probe.Expected.of(config, color, c.version())) : java.util.Optional.of(c.status());
                var holding = c.running() ? nginx.holding(c) : new Nginx.Holding(0, 0);
                line.append("%-10s %-12s %s".formatted(c.version() == null ? "?" : c.version(), c.shortImage(),
                    wrong.map(w -> console.bad(w)).orElseGet(() -> console.good(answer.summary()))));
                if (c.running()) line.append(console.dim("  " + holding));
                own.put("version", c.version());
                own.put("image", c.image());
                own.put("container", c.status());
                own.put("healthy", wrong.isEmpty());
                own.put("connections", holding.connections());
            }, () -> { line.append(console.dim("no container")); own.put("container", "none"); });
            console.line(line.toString());
            fields.put(color.toString(), own);
        }
        var back = Rollback.of(truth);
        if (truth.active().isPresent()) console.line("  rollback " + (back instanceof Rollback.Impossible ? console.warn(back.text()) : back.text()));
        fields.put("rollback", Map.of("possible", !(back instanceof Rollback.Impossible), "text", back.text()));
        Failover.of(truth).ifPresent(f -> {
            console.line(console.warn("  ! " + f.text()));
            fields.put("failover", Map.of("by", f.by().toString(), "requests", f.requests(), "last", f.last().toString()));
        });
        inFlight(container, console, fields);
        drift.forEach(d -> console.line(console.warn("  ! drift: " + d)));
        if (!drift.isEmpty()) console.line("  the next deploy or switch repairs it");
        console.event("status", fields);
        return ExitCode.DONE.code();
    }

    /** A deploy at work, or one that was cut off: where, and what to type. */
    private void inFlight(Docker.Container nginx, Console console, Map<String, Object> fields) {
        var holder = Lock.holder(nginx);
        var cut = Attempt.interrupted(cli.config());
        if (holder.isPresent()) {
            console.line("  at work  " + holder.get() + cut.map(c -> ", " + c.where()).orElse(""));
            fields.put("inFlight", holder.get());
        } else cut.ifPresent(c -> {
            console.line(console.warn("  ! the deploy of " + c.attempt().version() + " to " + c.attempt().to() + " was cut off " + c.where()));
            console.line("    " + console.command("deploy --resume") + "   goes on, " + console.command("deploy --abort") + " undoes it");
            fields.put("interrupted", Map.of("version", c.attempt().version(), "to", c.attempt().to().toString(), "where", c.where()));
        });
    }

    private static int open(Config config, Console console) {
        var report = Report.last(config).orElseThrow(() -> Failure.preflight("there is no report yet", "a deploy, a switch and a monitor each write one", "deploy --version VERSION"));
        boolean opened = Browser.open(report);
        console.line("report  " + report + (opened ? "" : console.dim("   (no browser to open it in)")));
        console.event("report", Map.of("path", report.toString(), "opened", opened));
        return ExitCode.DONE.code();
    }

    private static String since(Truth truth) {
        if (!(truth.file() instanceof State.Read.Known(State s)) || s.lastSwitch() == null || s.active() != truth.serving().active()) return "";
        return " since " + s.lastSwitch().truncatedTo(ChronoUnit.SECONDS) + " (" + Console.seconds(Duration.between(s.lastSwitch(), Instant.now())) + ")";
    }

    public static void main(String... args) { Cli.run(new Status(), args); }
}
