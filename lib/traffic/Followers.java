package lib.traffic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.Life;
import lib.docker.LogLine;
import lib.stack.Stack;

/**
 * Services of the app's image that answer no HTTP: a queue's worker, a scheduler. Each goes where the traffic goes; the
 * old one has ended before the new one starts, so that no two versions do the same job.
 */
public final class Followers {
    /** One that ends at its start does so by then. */
    private static final Duration STEADY = Duration.ofSeconds(3);
    private static final int LAST_WORDS = 8;

    private final Stack stack;
    private final Config config;
    private final Engine engine;
    private final Run run;

    public Followers(Stack stack, Run run) {
        this.stack = stack;
        this.config = stack.config();
        this.engine = stack.engine();
        this.run = run;
    }

    /** To the image that a colour has; nothing when all are there. @throws Failure one does not run; all are where they were then */
    public void go(Colour to) {
        if (!areAstray(config, stack.containers(), to)) return;
        var app = stack.container(to).orElseThrow(() -> new Failure(ExitCode.FAILED, to + " has no container"));
        run.step("follow", Map.of("colour", to.toString()), step -> {
            for (String name : config.follow().services()) try {
                move(name, to, app, step);
            } catch (Failure f) {
                run.settle("the workers", () -> back(to.other(), step));
                throw f;
            }
            return String.join(", ", config.follow().services()) + " on " + app.version();
        });
    }

    /** Those that went on to a version that is left. */
    public void back(Colour to) {
        boolean went = config.followers(to.other()).stream().anyMatch(name -> !up(name).isEmpty());
        if (went) go(to);
    }

    /** Whether one does not run on the image of the colour that serves, or runs elsewhere. @param containers by service */
    public static boolean areAstray(Config config, Map<String, Container> containers, Colour serving) {
        if (config.follow().services().isEmpty()) return false;
        var app = containers.get(config.service(serving));
        boolean all = app != null
            && config.followers(serving)
                .stream()
                .allMatch(s -> containers.get(s) instanceof Container c && c.up() && c.image().equals(app.image()));
        return !all || others(config, serving).anyMatch(s -> containers.get(s) instanceof Container c && c.up());
    }

    /** What has the same work: the other colour's, and the services as they were before there were colours. */
    private static Stream<String> others(Config config, Colour colour) {
        return Stream.concat(config.followers(colour.other()).stream(), config.follow().services().stream());
    }

    private void move(String name, Colour to, Container app, Console.Step step) throws InterruptedException {
        stop(name, step);
        stop(name + "-" + to.other(), step);
        start(name + "-" + to, to, app.image(), app.version(), step);
    }

    private void back(Colour to, Console.Step step) {
        for (String name : config.follow().services()) {
            stop(name + "-" + to.other(), step);
            var before = stack.all(name + "-" + to);
            (before.isEmpty() ? stack.all(name) : before).forEach(c -> engine.start(c.id()));
        }
    }

    private List<Container> up(String service) { return stack.all(service).stream().filter(Container::up).toList(); }

    private void stop(String service, Console.Step step) {
        var all = up(service);
        if (all.isEmpty()) return;
        step.progress("stopping " + service);
        engine.stop(all);
    }

    /** Its containers of before need the engine alone. */
    private void start(String service, Colour colour, String image, Version version, Console.Step step)
        throws InterruptedException {
        step.progress("starting " + service);
        var before = stack.all(service);
        if (!before.isEmpty() && before.stream().allMatch(c -> c.image().equals(image)))
            before.forEach(c -> engine.start(c.id()));
        else
            run.whileOurs(() -> stack.startFollower(service, colour, image, version, step::progress));
        requireSteady(service, version, step);
    }

    /** It stays up, and is healthy where it has a health check. */
    private void requireSteady(String service, Version version, Console.Step step) throws InterruptedException {
        var started = up(service);
        if (started.isEmpty()) throw ended(service, version, "it ended at once");
        var lives = started.stream().map(c -> new Life(engine, c)).toList();
        long began = System.nanoTime();
        for (boolean starting = true; began(began).compareTo(STEADY) < 0 || starting;) {
            Thread.sleep(200);
            var wrong = lives.stream().flatMap(life -> life.diedSoFar().stream()).findFirst();
            if (wrong.isPresent()) throw ended(service, version, wrong.get());
            var health = started.stream().map(c -> engine.health(c.id())).collect(Collectors.toSet());
            if (health.contains("unhealthy")) throw ended(service, version, "its health check fails");
            starting = health.contains("starting");
            if (began(began).compareTo(config.health().timeout()) > 0)
                throw ended(service, version, "its health check was not good within "
                    + Console.seconds(config.health().timeout()));
            step.progress(service + " runs");
        }
    }
    private static Duration began(long at) { return Duration.ofNanos(System.nanoTime() - at); }

    private Failure ended(String service, Version version, String why) {
        var said = Optional.ofNullable(stack.containers().get(service))
            .map(c -> engine.logs(c.id(), LAST_WORDS))
            .orElse(List.of());
        var lines = new ArrayList<>(said.stream().map(LogLine::text).toList());
        return new Failure(ExitCode.FAILED, service + " " + version + " does not run: " + why,
            lines.isEmpty() ? "it said nothing" : lines.stream().collect(Collectors.joining("\n")),
            "docker logs " + stack.nameOf(service));
    }
}
