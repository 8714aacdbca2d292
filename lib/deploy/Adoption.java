package lib.deploy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.Version;
import lib.docker.ComposeProject;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.Life;
import lib.http.Probe;
import lib.nginx.Reach;
import lib.session.Session;
import lib.stack.Replaced;
import lib.stack.SharedServices;
import lib.stack.Stack;
import lib.state.State;
import lib.traffic.Move;
import lib.traffic.Run;
import lib.traffic.TrafficSwitch;

/**
 * An app that runs without colours gets them: blue is started on the very image that runs, and only when it answers, the
 * old containers give their ports to Nginx. Between these two moments nobody is answered, once; it is measured. What
 * comes then is a deploy like any other, with a way back to what ran before.
 */
public final class Adoption {
    private static final Colour FIRST = Colour.BLUE;
    /** What has no version yet. */
    private static final Version BEFORE = Version.of("before");
    private static final Duration OFTEN = Duration.ofMillis(100);

    private final Stack stack;
    private final Config config;
    private final Engine engine;
    private final Console console;

    public Adoption(Config config, Console console) {
        this.stack = new Stack(config);
        this.config = config;
        this.engine = stack.engine();
        this.console = console;
    }

    /** Nothing where nothing is left of before. @throws Failure what ran before still does, or does again */
    public void take() throws InterruptedException {
        var replaced = stack.replaced();
        if (replaced.isEmpty()) return;
        if (stack.nginxDown(stack.containers()).isPresent()) {
            if (!isStarted()) startBeside(replaced.app().orElseThrow(this::nothingToAdopt));
            giveToNginx(replaced.publishing());
        }
        // None may come back with the engine, and want its ports again. Those that follow go with the first deploy.
        replaced.containers().stream().filter(c -> c.restart().equals("always")).forEach(c -> engine.leaveDown(c.id()));
        engine.stop(replaced.containers()
            .stream()
            .filter(c -> !config.follow().services().contains(c.service()))
            .toList());
    }

    /** By one that was cut off. */
    private boolean isStarted() {
        return stack.container(FIRST).filter(c -> c.running() && c.version().equals(BEFORE)).isPresent();
    }

    /** Under the lock: what serves since then is in the journal, and so a way back. */
    public static void note(Session session) throws InterruptedException {
        var observed = session.observed(Optional.of(FIRST));
        var serving = observed.serving();
        var blue = observed.container(FIRST).filter(c -> c.running() && c.version().equals(BEFORE));
        boolean isDue = serving.active() == FIRST && !serving.version().isKnown() && blue.isPresent();
        if (!isDue) return;
        var facts = Map.of("to", FIRST.toString(), "version", BEFORE.toString(), "imageId", blue.get().image());
        session.run(Run.Command.SWITCH, facts, run -> {
            var traffic = new TrafficSwitch(session.config, run, session.nginx, serving);
            var next = traffic.next(FIRST, false, BEFORE, session.config.switching());
            traffic.move(Move.SWITCH, next, State.of(next, Instant.now()), Optional.empty());
            return ExitCode.DONE.code();
        });
    }

    private Failure nothingToAdopt() {
        return Failure.usage("there is no container to adopt",
            "the label " + ComposeProject.REPLACES + " of " + config.service(FIRST)
                + " in the compose files names its service,"
                + " which must run",
            "deploy --version VERSION   (without --adopt)");
    }

    private void startBeside(Container app) throws InterruptedException {
        new SharedServices(stack).startOthers(console.step("stack"));
        var step = console.step("start");
        try {
            stack.requireFree(FIRST);
            stack.start(FIRST, app.image(), BEFORE, step::progress);
            stack.images().keepFor(FIRST, app.image());
            awaitAnswer(step);
            step.done(config.service(FIRST) + " answers, on the image of " + app.name());
        } catch (Failure f) {
            step.fail(f.getMessage());
            throw f;
        }
    }

    /** What it says of its version and colour is not asked: it was not made for it. */
    private void awaitAnswer(Console.Step step) throws InterruptedException {
        var life = new Life(engine, stack.container(FIRST).orElseThrow());
        var url = URI.create(Reach.healthUrl(config, FIRST));
        for (long end = System.nanoTime() + config.health().timeout().toNanos();; Thread.sleep(OFTEN)) {
            var answer = Probe.once(url, Duration.ofSeconds(5));
            if (answer.good()) return;
            var died = life.look().ended();
            step.note(died.orElse(answer.summary()));
            if (died.isPresent() || System.nanoTime() > end)
                throw new Failure(ExitCode.FAILED, "what runs now could not be started as " + config.service(FIRST),
                    url + ": " + died.orElse(answer.summary()) + "\nWhat ran before still does.",
                    "docker logs " + stack.nameOf(config.service(FIRST)));
        }
    }

    private void giveToNginx(List<Container> holders) throws InterruptedException {
        var step = console.step("adopt");
        var signals = new Interruption();       // begun, it is brought to its end
        try (var seen = new Unanswered(config)) {
            stack.createNginx(step::progress);
            step.progress("stopping " + Replaced.names(holders));
            engine.stop(holders);
            stack.startNginx();
            new SharedServices(stack).start(console.quiet("stack"));
            step.done("Nginx has the ports of " + Replaced.names(holders) + "; nobody was answered for "
                + Console.seconds(seen.longest()));
        } catch (Failure f) {
            stack.removeNginx();
            holders.forEach(c -> engine.start(c.id()));
            step.fail(f.getMessage());
            throw f;
        }
        signals.check();
    }
}
