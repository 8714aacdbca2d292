package lib.traffic;

import java.time.Duration;
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
import lib.docker.ContainerSecrets;
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

    /**
     * To the image that a colour has, as they were when they ran there; nothing when all are there.
     * @throws Failure one does not run; all are where they were then
     */
    public void go(Colour to) { go(to, false); }

    /** The same, as the compose files have them now. */
    public void renew(Colour to) { go(to, true); }

    private void go(Colour to, boolean anew) {
        if (!areAstray(config, stack.containers(), to)) return;
        var app = stack.container(to).orElseThrow(() -> new Failure(ExitCode.FAILED, to + " has no container"));
        run.step("follow", Map.of("colour", to.toString()), step -> {
            for (String name : config.follow().services()) try {
                move(name, to, app, anew, step);
            } catch (Failure f) {
                run.settle("the workers", () -> back(to.other(), step));
                throw f;
            }
            return String.join(", ", config.follow().services()) + " on " + app.version();
        });
    }

    /** Those that went on to a version that is left, or were on their way. */
    public void back(Colour to) {
        if (stack.container(to).isPresent()) go(to);
    }

    /**
     * Whether one does not run on the image of the colour that serves, or runs elsewhere.
     * @param containers by service
     */
    public static boolean areAstray(Config config, Map<String, Container> containers, Colour serving) {
        var app = containers.get(config.service(serving));
        return config.follow().services().stream().anyMatch(name -> {
            String worker = worker(config, containers, name, serving);
            boolean works = isUp(containers, worker)
                && (worker.equals(name)
                    || app != null && containers.get(worker).image().equals(app.image()));
            return !works || others(name, worker).anyMatch(s -> isUp(containers, s));
        });
    }

    private static boolean isUp(Map<String, Container> containers, String service) {
        return containers.get(service) instanceof Container c && c.up();
    }

    /** The service that has the work for a colour. What ran when there were no colours has its own from then. */
    private static String worker(Config config, Map<String, Container> containers, String name, Colour colour) {
        boolean isBefore = containers.get(config.service(colour)) instanceof Container app
            && app.version().equals(Version.BEFORE)
            && containers.containsKey(name);
        return isBefore ? name : name + "-" + colour;
    }

    /** Those that have the same work. */
    private static Stream<String> others(String name, String worker) {
        return Stream.of(name, name + "-" + Colour.BLUE, name + "-" + Colour.GREEN).filter(s -> !s.equals(worker));
    }

    private void move(String name, Colour to, Container app, boolean anew, Console.Step step)
        throws InterruptedException {
        String worker = worker(config, stack.containers(), name, to);
        others(name, worker).forEach(s -> stop(s, step));
        step.progress("starting " + worker);
        var there = stack.all(worker);
        boolean asTheyWere = !anew
            && !there.isEmpty()
            && (worker.equals(name) || there.stream().allMatch(c -> c.image().equals(app.image())));
        if (asTheyWere) there.forEach(c -> engine.start(c.id()));        // the engine alone is needed
        else run.whileOurs(() -> stack.startFollower(worker, to, app.image(), app.version(), step::progress));
        requireSteady(worker, app.version(), step);
    }

    private void back(Colour to, Console.Step step) {
        var containers = stack.containers();
        for (String name : config.follow().services()) {
            String worker = worker(config, containers, name, to);
            others(name, worker).forEach(s -> stop(s, step));
            stack.all(worker).forEach(c -> engine.start(c.id()));
        }
    }

    private List<Container> up(String service) { return stack.all(service).stream().filter(Container::up).toList(); }

    private void stop(String service, Console.Step step) {
        var all = up(service);
        if (all.isEmpty()) return;
        step.progress("stopping " + service);
        all.stream().filter(Container::comesBack).forEach(c -> engine.leaveDown(c.id()));
        engine.stop(all);
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
        String text = said.stream().map(LogLine::text).collect(Collectors.joining("\n"));
        return new Failure(ExitCode.FAILED, service + " " + version + " does not run: " + why,
            text.isEmpty() ? "it said nothing" : ContainerSecrets.redaction(config, engine).apply(text),
            "docker logs " + stack.nameOf(service));
    }
}
