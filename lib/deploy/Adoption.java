package lib.deploy;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.ComposeProject;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.Life;
import lib.http.Probe;
import lib.nginx.NginxSettings;
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
 * An app that runs without colours gets them: blue is started on the very image that runs, and only when it answers,
 * the old containers give their ports to Nginx. Between these two moments nobody is answered, once; it is measured.
 * What comes then is a deploy like any other, with a way back to what ran before.
 */
public final class Adoption {
    private static final Colour FIRST = Colour.BLUE;
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

    /**
     * Nothing where nothing is left of before. Returns whether Nginx has got the ports.
     * @param checks of what comes then: it throws where nothing is to begin
     * @throws Failure what ran before still does, or does again
     */
    public boolean take(Runnable checks) throws InterruptedException {
        try (var lock = alone(); var takeover = new Takeover(stack, console, lock)) {
            try {
                // One that was cut off: where somebody answers through Nginx, nothing is given back for what fails
                // here.
                if (!takeover.open().isEmpty() && isNginxUp()) requireHandedOver(takeover);
                checks.run();
                return take(takeover);
            } catch (RuntimeException e) {
                if (takeover.open().isEmpty()) throw e;
                var told = takeover.givenBack(e instanceof Failure f
                    ? f
                    : new Failure(ExitCode.FAILED, "unexpected: " + e).causedBy(e));
                stopFirst();
                throw told;
            }
        } catch (IOException e) {
            throw Failure.preflight("cannot write in " + config.folder(), e.toString()).causedBy(e);
        }
    }

    private boolean take(Takeover takeover) throws InterruptedException {
        var settings = NginxSettings.of(config);
        var replaced = stack.replaced();
        var byId = new LinkedHashMap<String, Container>();
        Stream.of(takeover.open(), replaced.publishing()).flatMap(List::stream).forEach(c -> byId.put(c.id(), c));
        var holders = List.copyOf(byId.values());
        if (holders.isEmpty() && replaced.running().isEmpty()) {
            leaveDown(replaced);
            return false;
        }
        boolean takes = !isNginxUp();
        if (takes) try {
            stack.requireFree(FIRST.other());
            prepare(replaced.app(), holders);
            leaveDown(replaced);
            takeover.from(holders, settings);
        } catch (Failure f) {
            if (!takeover.open().isEmpty() || f.code.isInterruption()) throw f;
            stopFirst();
            throw f.why(f.why().map(w -> w + "\n").orElse("") + "What ran before still does.");
        }
        else requireHandedOver(takeover);
        try {
            // Those that follow go with the first deploy.
            engine.stop(replaced.running()
                .stream()
                .filter(c -> !config.follow().services().contains(c.service()))
                .toList());
        } catch (Failure f) {
            throw f.after(takes);
        }
        return takes;
    }

    private boolean isNginxUp() { return stack.nginxDown(stack.containers()).isEmpty(); }

    /** No second copy of the app stays on the data; behind all that has to answer again. */
    private void stopFirst() {
        try {
            engine.stop(
                stack.container(FIRST).filter(c -> c.up() && c.version().equals(Version.BEFORE)).stream().toList());
        } catch (Failure f) {
            console.warning(config.service(FIRST) + " runs beside it: " + f.inOneLine());
        }
    }

    /** The lock that others take is Nginx's, which does not run yet. */
    private FileChannel alone() throws IOException {
        var channel = FileChannel.open(Atomic.folder(config.folder()).resolve(Replaced.NOTE), StandardOpenOption.CREATE,
            StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (channel.tryLock() != null) return channel;
        channel.close();
        throw new Failure(ExitCode.LOCKED, "another deploy --adopt is at work here",
            "it holds " + config.folder().resolve(Replaced.NOTE), "status");
    }

    /** Under Nginx's lock: whoever had the ports before does not get them back any more. */
    public static void isOver(Config config) {
        Path note = config.folder().resolve(Replaced.NOTE);
        try {
            if (Replaced.isCutOff(config)) Files.writeString(note, "");
        } catch (IOException e) {
            throw Failure.preflight("cannot write " + note, e.toString()).causedBy(e);
        }
    }

    /** None may come back with the engine, and want its ports again. */
    private void leaveDown(Replaced replaced) {
        replaced.containers().stream().filter(Container::comesBack).forEach(c -> engine.leaveDown(c.id()));
    }

    /** It has taken the ports over, and was cut off then. */
    private void requireHandedOver(Takeover takeover) throws InterruptedException {
        requireNoTrial(stack.containers().get(config.nginxService()));
        var nginx = stack.nginx();
        if (takeover.isAnswered()) {
            takeover.isOver();
            return;
        }
        throw Failure.preflight("Nginx runs already, and nobody answers through it",
            nginx.name() + " has " + String.join(", ", nginx.ports().values()), "status");
    }

    /** An Nginx beside what is to be replaced, with generations of its own: what it serves is not what runs. */
    private void requireNoTrial(Container nginx) {
        String has = nginx.ports().getOrDefault("80/tcp", "");
        if (has.equals(Container.binding(config.ports().http()))) return;
        String all = Stream.of(config.nginxService(), config.service(Colour.BLUE), config.service(Colour.GREEN))
            .map(stack::nameOf)
            .collect(Collectors.joining(" "));
        Path active = Path.of(nginx.mounts().getOrDefault("/etc/nginx/active", "/VOLUME/_data")).getParent();
        throw Failure.preflight("Nginx runs already, at " + has + ", beside what it is to replace",
            "an adoption begins where no colour serves yet",
            "docker rm --force " + all + " && docker volume rm " + active.getFileName()
                + "   ends what is tried there; then deploy --adopt");
    }

    /** Blue answers, and Nginx could start. */
    private void prepare(Optional<Container> app, List<Container> holders) throws InterruptedException {
        if (isStarted(app)) new SharedServices(stack).startOthers(console.step("stack"));
        else startBeside(app.orElseThrow(() -> nothingToAdopt(holders)));
        awaitAnswer();
    }

    /** By one that was cut off, on what runs still. */
    private boolean isStarted(Optional<Container> app) {
        return stack.container(FIRST)
            .filter(c -> c.running() && c.version().equals(Version.BEFORE))
            .filter(c -> app.filter(a -> !a.image().equals(c.image())).isEmpty())
            .isPresent();
    }

    /** Under the lock: what serves since then is in the journal, and so a way back. */
    public static void note(Session session) throws InterruptedException {
        var observed = session.observed(Optional.of(FIRST));
        var serving = observed.serving();
        var blue = observed.container(FIRST).filter(c -> c.running() && c.version().equals(Version.BEFORE));
        boolean isDue = serving.active() == FIRST && !serving.version().isKnown() && blue.isPresent();
        if (!isDue) return;
        var facts = Map.of("to", FIRST.toString(), "version", Version.BEFORE.toString(), "imageId", blue.get().image());
        session.run(Run.Command.SWITCH, facts, run -> {
            var traffic = new TrafficSwitch(session.config, run, session.nginx, serving);
            var next = traffic.next(FIRST, false, Version.BEFORE, session.config.switching());
            traffic.move(Move.SWITCH, next, State.of(next, Instant.now()), Optional.empty());
            return ExitCode.DONE.code();
        });
    }

    private Failure nothingToAdopt(List<Container> holders) {
        var down = holders.stream().filter(c -> !c.up()).toList();
        if (!down.isEmpty())
            return Failure.preflight("an adoption was cut off, and neither blue nor " + Replaced.names(down) + " runs")
                .next("deploy --adopt --version VERSION");
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
            stack.start(FIRST, app.image(), Version.BEFORE, step::progress);
            stack.images().keepFor(FIRST, app.image());
            step.done(config.service(FIRST) + " runs on the image of " + app.name());
        } catch (Failure f) {
            step.fail(f.getMessage());
            throw f;
        }
    }

    /** What it says of its version and colour is not asked: it was not made for it. */
    private void awaitAnswer() throws InterruptedException {
        var step = console.step("health");
        var blue = stack.container(FIRST).orElseThrow();
        var life = new Life(engine, blue);
        var url = URI.create(Reach.healthUrl(config, FIRST));
        for (long end = System.nanoTime() + config.health().timeout().toNanos();; Thread.sleep(OFTEN)) {
            var answer = Probe.once(url, Duration.ofSeconds(5));
            if (answer.good()) {
                step.done(answer.summary());
                return;
            }
            var died = life.look().ended();
            step.note(died.orElse(answer.summary()));
            if (died.isEmpty() && System.nanoTime() < end) continue;
            step.fail(died.orElse(answer.summary()));
            throw new Failure(ExitCode.FAILED, "what runs now could not be started as " + config.service(FIRST),
                url + ": " + died.orElse(answer.summary()),
                "docker logs " + stack.nameOf(config.service(FIRST)));
        }
    }
}
