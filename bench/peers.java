///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/all.java ../load/*.java board/*.java peers/*.java

import board.Board;
import board.Warm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import lib.cli.Cli;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import load.Project;
import peers.Field;
import peers.Outcome;
import peers.Peer;
import peers.Rate;
import peers.Report;
import peers.Tools;
import peers.Trial;
import peers.Trial.Load;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "peers",
    description = "bluegreen beside Nginx, compose, HAProxy, Caddy, Traefik, docker-rollout and kamal-proxy.",
    footer = {"  bench peers", "  bench peers --clients 200 --only instant,nginx --kamal-proxy ~/bin/kamal-proxy"})
class Peers implements Callable<Integer> {
    @Option(names = "--clients", defaultValue = "200,1000", split = ",", paramLabel = "N",
        description = "strict clients kept alive; the first number also with a new connection for each request "
            + "(${DEFAULT-VALUE})")
    List<Integer> clients;
    @Option(names = "--only", split = ",", paramLabel = "NAME",
        description = "some of: instant, reload, nginx, compose, haproxy, haproxy-silent, caddy, traefik, docker-rollout, kamal-proxy")
    List<String> only;
    @Option(names = "--switches", defaultValue = "5", paramLabel = "N",
        description = "under each load (${DEFAULT-VALUE})")
    int switches;
    @Option(names = "--seconds", defaultValue = "5", paramLabel = "N",
        description = "of calm before them (${DEFAULT-VALUE})")
    int seconds;
    @Mixin Field field;
    @Mixin Board board;
    @Mixin Cli cli;

    private Console console;
    private volatile Optional<Peer> up = Optional.empty();
    private volatile boolean stopping;

    public Integer call() throws IOException, InterruptedException {
        console = cli.console();
        Path home = Path.of(System.getenv("BLUEGREEN_HOME"));
        var loads = Stream.concat(clients.stream().map(n -> new Load(n, false)),
            Stream.of(new Load(clients.getFirst(), true))).toList();
        Warm.await(home, "deploy", "switch");
        Project.sweep("bluegreen-peers");        // what a run that was killed left behind
        Runtime.getRuntime().addShutdownHook(new Thread(this::takeDown));
        var outcomes = new ArrayList<Outcome>();
        try (var tools = Tools.build(home)) {
            var rate = new Rate(tools);
            for (var candidate : chosen(field.candidates(home, tools))) outcomes.add(measure(candidate, loads, rate));
            board.show(console, "peers", Report.METHOD, Report.parts(outcomes, loads, rate.how()));
        }
        return (outcomes.stream().anyMatch(Outcome::broke) ? ExitCode.FAILED : ExitCode.DONE).code();
    }

    private List<Field.Candidate> chosen(List<Field.Candidate> all) {
        if (only == null) return all;
        var names = all.stream().map(Field.Candidate::name).toList();
        for (String name : only)
            if (!names.contains(name)) throw Failure.usage("--only " + name, "there are " + String.join(", ", names));
        return all.stream().filter(c -> only.contains(c.name())).toList();
    }

    private Outcome measure(Field.Candidate candidate, List<Load> loads, Rate rate)
        throws IOException, InterruptedException {
        if (candidate.missing().isPresent()) return Outcome.leftOut(candidate, candidate.missing().get());
        var step = console.step(candidate.name());
        try (var peer = candidate.open()) {
            up = Optional.of(peer);
            peer.start();
            Trial.answering(peer);
            var figures = new ArrayList<Trial.Figures>();
            Optional<Trial.Deploys> deploys = Optional.empty();
            for (Load load : loads) {
                step.note(load.toString());
                try (var trial = new Trial(peer, load)) {
                    figures.add(trial.switches(switches, Duration.ofSeconds(seconds)));
                    if (deploys.isEmpty()) deploys = Optional.of(trial.deploys());
                }
            }
            step.note(rate.how());
            var outcome = Outcome.of(candidate, figures, deploys.orElseThrow(), rate.of(peer));
            step.done("measured");
            return outcome;
        } catch (Failure e) {
            if (stopping) throw e;       // its containers were taken away; that is no outcome
            step.fail(e.whatAndWhy());
            return Outcome.broken(candidate, e.inOneLine());
        } finally {
            up = Optional.empty();
        }
    }

    /** On Ctrl-C. */
    private void takeDown() {
        stopping = true;
        try {
            if (up.isPresent()) up.get().close();
            Tools.remove();
        } catch (IOException e) {
            console.warning("not everything was taken down: " + e.getMessage());
        }
    }

    public static void main(String... args) { System.exit(Cli.ended(new Peers(), args)); }
}
