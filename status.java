///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.cli.History;
import lib.cli.Project;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Text;
import lib.core.Threads;
import lib.docker.Container;
import lib.http.Probe;
import lib.nginx.Holding;
import lib.nginx.NginxSettings;
import lib.nginx.Picture;
import lib.nginx.Reach;
import lib.report.Report;
import lib.stack.Stack;
import lib.state.Attempt;
import lib.state.Failover;
import lib.state.Observed;
import lib.state.State;
import lib.traffic.Followers;
import lib.traffic.Rollback;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "status",
    description = "One screen: which colour serves what since when, the standby, the drain, and any drift.",
    footer = {"  status --json", "  status --history 20"})
class Status implements Callable<Integer> {
    @Option(names = "--open",
        description = "open the last run's report in the browser, with --history the page of all; without a display, say where it is")
    boolean open;
    @Option(names = "--history", arity = "0..1", fallbackValue = "10", paramLabel = "N",
        description = "the last runs (10): when, what, by whom, and how each ended")
    Optional<Integer> history = Optional.empty();
    @Mixin Project cli;

    private Config config;
    private Console console;
    private Observed observed;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    public Integer call() {
        config = cli.config();
        console = cli.console();
        var past = new History(config, console);
        if (open) return past.open(history.isPresent() ? Report.all(config) : Report.last(config));
        if (history.isPresent()) return past.show(history.get());
        observed = Observed.read(new Stack(config));
        var picture = ask(observed::picture);
        var blue = ask(() -> look(Colour.BLUE));
        var green = ask(() -> look(Colour.GREEN));
        var back = ask(() -> Rollback.of(observed));
        var settings = ask(this::settings);
        var drift = drift(picture.get());
        serves(drift);
        standing(Colour.BLUE, blue.get());
        standing(Colour.GREEN, green.get());
        followers();
        wayBack(back.get());
        if (picture.get().holder().isEmpty()) unarmed(back.get());
        notWell(blue.get(), green.get());
        failover();
        inFlight(picture.get().holder());
        tell(drift);
        tellSettings(settings.get());
        boolean answered = isAnswered(blue.get(), green.get());
        fields.put("answered", answered);
        console.event("status", fields);
        return (answered ? ExitCode.DONE : ExitCode.UNHEALTHY).code();
    }

    /** Users get answers, whatever these say; or nothing was deployed, and nobody expects any. */
    private boolean isAnswered(Optional<Probe.Answer> blue, Optional<Probe.Answer> green) {
        var serving = observed.serving();
        if (!isDeployed()) return true;
        boolean any = serving.active() == null || serving.backed();     // then Nginx asks whichever is alive
        boolean byBlue = (any || serving.active() == Colour.BLUE) && blue.filter(a -> a.code() != 0).isPresent();
        boolean byGreen = (any || serving.active() == Colour.GREEN) && green.filter(a -> a.code() != 0).isPresent();
        return byBlue || byGreen;
    }

    /** Begins now, beside the other questions; its answer is waited for when it is needed. */
    private static <T> Supplier<T> ask(Supplier<T> question) {
        var answer = Threads.ask(question);
        return () -> {
            try {
                return answer.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof Failure f ? f : e;
            }
        };
    }

    private List<String> drift(Picture picture) {
        var disk = picture.disk();
        var serving = observed.serving();
        boolean known = disk.current() != 0 && serving.active() != null;
        // who is at work may move it between two looks
        if (known && picture.holder().isPresent()) return List.of();
        var drift = observed.drift();
        if (!known || disk.current() != serving.number())
            drift.add(disk.current() == 0
                ? "active/current is missing or dangling on the disk"
                : "the disk says generation " + disk.current() + ", the workers serve " + serving.number());
        if (isDead())
            drift.add(serving.active() + " has the traffic but does not run" + (observed.active().isPresent()
                && serving.backed() ? "; " + serving.active().other() + " is Nginx's backup" : ": nobody is answered"));
        return drift;
    }

    /** What was deployed has the traffic, and its container does not run. */
    private boolean isDead() {
        var active = observed.serving().active();
        return active != null && isDeployed() && !observed.running(active);
    }

    /** The first generation names a colour that nothing was deployed to; a first deploy that failed may flap there. */
    private boolean isDeployed() {
        if (observed.serving().version().isKnown()) return true;
        return observed.active().isPresent() && Attempt.undone(observed).filter(u -> u.attempt().first()).isEmpty();
    }

    /** And what repairs it; empty also while somebody is at work, who may be about to. */
    private void tell(List<String> drift) {
        if (drift.isEmpty()) return;
        drift.forEach(d -> console.line(console.warn("  ! drift: " + d)));
        var dead = observed.serving().active();
        if (!isDead()) console.line("  the next deploy or switch repairs it");
        else
            console.line(observed.running(dead.other())
                ? "    " + console.command("switch " + dead.other()) + "   gives it the traffic"
                : "    " + console.command("switch " + dead) + "   starts it");
    }

    /** Where Nginx does not run what bluegreen.yaml says, a line each; or why that cannot be said. */
    private List<String> settings() {
        try {
            return NginxSettings.of(config).differences(config);
        } catch (Failure f) {
            return List.of(f.whatAndWhy());
        }
    }

    private void tellSettings(List<String> differ) {
        fields.put("settings", differ);
        if (differ.isEmpty()) return;
        differ.forEach(d -> console.line(console.warn("  ! settings: " + d)));
        console.line("    " + console.command("switch --settings") + "   takes them over, as the next deploy does");
    }

    private void serves(List<String> drift) {
        var serving = observed.serving();
        fields.put("active", serving.active() == null ? "unknown" : serving.active().toString());
        fields.put("generation", serving.number());
        fields.put("version", serving.version().name().orElse(null));
        fields.put("backed", serving.backed());
        fields.put("via", serving.via().toString());
        fields.put("drift", drift);
        console.line(console.bold(config.app()) + "  " + headline());
        console.line("  generation " + serving.number() + ", " + serving.via() + ", "
            + (serving.backed() ? "failover to " + serving.active().other() + " is armed" : "no failover"));
    }

    private String headline() {
        var serving = observed.serving();
        if (serving.active() == null) return console.bad("no generation: whatever is alive serves");
        if (isDead()) return console.bad(serving.active() + " " + serving.version() + " does not run");
        if (!isDeployed()) return "nothing is deployed yet";
        return console.of(serving.active()) + " serves " + serving.version() + since(observed);
    }

    /** What a colour answers; empty when it does not run. */
    private Optional<Probe.Answer> look(Colour colour) {
        if (!observed.running(colour)) return Optional.empty();
        return Optional.of(
            Probe.once(URI.create(Reach.healthUrl(config, colour)), observed.stack().patience().dividedBy(3)));
    }

    private void standing(Colour colour, Optional<Probe.Answer> seen) {
        var own = new LinkedHashMap<String, Object>();
        fields.put(colour.toString(), own);
        String line = (colour == observed.serving().active() ? "  ● " : "  ○ ") + "%-6s".formatted(colour);
        var container = observed.container(colour);
        if (container.isEmpty()) {
            own.put("container", "none");
            console.line(line + console.dim("no container"));
            return;
        }
        var c = container.get();
        var expected = Probe.Expected.of(config, colour, c.version());
        var wrong = seen.map(answer -> answer.wrong(expected)).orElse(Optional.of(c.status()));
        var holding = seen.flatMap(_ -> observed.picture().holding(c, config.ports().app()));
        own.put("version", c.version().name().orElse(null));
        own.put("image", c.image());
        var digest = digest(c.image());
        digest.ifPresent(d -> own.put("digest", d));
        own.put("container", c.status());
        own.put("healthy", wrong.isEmpty());
        if (seen.isEmpty()) own.put("connections", 0);
        else holding.ifPresent(h -> own.put("connections", h.connections()));
        console.line(line
            + "%-10s %-12s %s"
                .formatted(c.version().name().orElse("?"), c.shortImage(),
                    wrong.map(console::bad).orElseGet(() -> console.good(seen.orElseThrow().summary())))
            + seen.map(_ -> console.dim("  " + holding.map(Holding::toString).orElse("connections unknown")))
                .orElse(""));
        digest.ifPresent(d -> console.line(console.dim("           " + d)));
    }

    /** By which a registry knows the image, as the deploy that pulled it has noted. */
    private Optional<String> digest(String image) {
        return observed.runs().reversed().stream()
            .flatMap(run -> run.line("build", "done").stream())
            .filter(built -> built.path("id").asText().equals(image) && built.path("digest").isTextual())
            .map(built -> built.path("digest").asText())
            .findFirst();
    }

    /** Where each worker is, and whether that is where the traffic is. */
    private void followers() {
        var all = new LinkedHashMap<String, Object>();
        for (String name : config.follow().services()) {
            var running = Stream.of(name, name + "-blue", name + "-green")
                .flatMap(s -> Optional.ofNullable(observed.containers().get(s)).filter(Container::up).stream())
                .toList();
            all.put(name, running.stream().map(Container::service).toList());
            console.line("  %-8s ".formatted(name) + (running.isEmpty()
                ? console.bad("does not run")
                : running.stream().map(c -> c.service() + c.version().spaced()).collect(Collectors.joining(", "))));
        }
        if (!all.isEmpty()) fields.put("follow", all);
        var active = observed.serving().active();
        boolean astray = observed.active().isPresent()
            && observed.picture().holder().isEmpty()
            && Followers.areAstray(config, observed.containers(), active);
        if (!astray) return;
        console.line(console.warn("  ! not all that follows is on the version that serves"));
        console.line("    " + console.command("switch " + active) + "   brings it there, and moves no traffic");
    }

    private void wayBack(Rollback back) {
        boolean possible = !(back instanceof Rollback.Impossible);
        fields.put("rollback", Map.of("possible", possible, "text", back.text()));
        if (isDeployed())
            console.line("  rollback " + (possible ? back.text() : console.warn(back.text())));
    }

    /** It has the traffic, answers, and says that it cannot work. */
    private void notWell(Optional<Probe.Answer> blue, Optional<Probe.Answer> green) {
        var active = observed.serving().active();
        if (active == null || !isDeployed()) return;
        var seen = active == Colour.BLUE ? blue : green;
        seen.filter(answer -> answer.code() != 0 && !answer.good()).ifPresent(answer -> {
            console.line(console.warn("  ! " + active + " has the traffic and is not well: " + answer.summary()));
            console.line("    docker logs --tail 50 " + observed.container(active).orElseThrow().name()
                + "   says why; a data service that does not run is started by the next deploy");
        });
    }

    /** A way back that was away for a time could answer at once, but Nginx does not know. */
    private void unarmed(Rollback back) {
        if (!(back instanceof Rollback.Warm warm) || observed.serving().backed()) return;
        var active = observed.serving().active();
        console.line(console.warn("  ! no failover, though " + warm.to() + " could answer for " + active));
        console.line("    " + console.command("switch " + active) + "   arms it, and moves nothing");
    }

    private void failover() {
        try {
            Failover.of(observed).ifPresent(this::tell);
        } catch (Failure f) {
            console.line(console.warn("  ! " + f.inOneLine()));
        }
    }

    private void tell(Failover f) {
        fields.put("failover", Map.of("by", f.by().toString(), "requests", f.requests(), "last", f.last().toString()));
        console.line(console.warn("  ! " + f.text()));
    }

    /** A deploy at work, or one that was cut off: where, and what to type. */
    private void inFlight(Optional<String> holder) {
        var cut = Attempt.interrupted(observed);
        if (holder.isPresent()) {
            console.line("  at work  " + holder.get() + cut.map(c -> ", " + c.where()).orElse(""));
            fields.put("inFlight", holder.get());
        } else cut.ifPresent(c -> {
            console.line(
                console.warn("  ! the deploy of " + c.attempt().version() + " to " + c.attempt().to() + " " + c.how()));
            console.line("    " + console.command("deploy --resume") + "   goes on, "
                + console.command("deploy --abort") + " undoes it");
            fields.put("interrupted",
                Map.of("version", c.attempt().version(), "to", c.attempt().to().toString(), "where", c.where()));
        });
        if (holder.isEmpty() && cut.isEmpty())
            Attempt.undone(observed).filter(u -> u.run().did("restore")).ifPresent(stopped -> {
                console.line(console.dim("  · the deploy of " + stopped.attempt().version() + " to "
                    + stopped.attempt().to() + " " + stopped.how() + "; the standby was put back"));
                console.line("    " + console.command("deploy --resume") + "   goes on");
            });
        if (holder.isEmpty() && cut.isEmpty())
            Attempt.undone(observed)
                .map(Attempt.Interrupted::attempt)
                .filter(this::isLeftInStandby)
                .ifPresent(failed -> {
                    console.line(console.warn("  ! the last deploy, of " + failed.version() + " to " + failed.to()
                        + ", failed; it never served"));
                    console.line("    " + console.command("deploy --abort")
                        + (failed.first() ? "   stops it" : "   puts " + failed.to() + " back as it was"));
                    fields.put("failed", Map.of("version", failed.version(), "to", failed.to().toString()));
                });
        if (holder.isEmpty()) rolledBack();
        observed.unreadable().ifPresent(why -> console.line(console.warn("  ! " + why)));
    }

    /** The last that moved something was a deploy that its watch has undone. */
    private void rolledBack() {
        observed.runs().reversed().stream()
            .filter(r -> r.asked("to") != null)
            .findFirst()
            .filter(r -> r.command().equals("deploy") && r.endedWith(ExitCode.ROLLED_BACK.code()))
            .ifPresent(r -> {
                String why = r.line("run", "end").map(l -> l.path("why").asText()).orElse("");
                console.line(console.warn("  ! " + Text.brief(why)));
                console.line("    " + console.command("incident") + "   tells why");
                fields.put("rolledBack", Map.of("version", String.valueOf(r.asked("version")), "why", why));
            });
    }

    /** Running, restarting or dead. */
    private boolean isLeftInStandby(Attempt failed) {
        boolean serves = observed.serving().active() == failed.to()
            && observed.serving().version().is(failed.version());
        return !serves && observed.container(failed.to()).filter(c -> c.version().is(failed.version())).isPresent();
    }

    private static String since(Observed observed) {
        return observed.file()
            .state()
            .filter(s -> s.active() == observed.serving().active())
            .flatMap(State::lastSwitch)
            .map(at -> " since " + at.truncatedTo(ChronoUnit.SECONDS) + " ("
                + Console.seconds(Duration.between(at, Instant.now())) + ")")
            .orElse("");
    }

    public static void main(String... args) { Project.run(new Status(), args); }
}
