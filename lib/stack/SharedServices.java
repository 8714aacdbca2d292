package lib.stack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.Container;
import lib.nginx.Nginx;

/** Nginx and the data services: what both colours share. Never recreated by a deploy. */
public final class SharedServices {
    private final Stack stack;
    private final Config config;

    public SharedServices(Stack stack) {
        this.stack = stack;
        this.config = stack.config();
    }

    /** All but Nginx: what a colour needs where something else still has the ports. */
    public void startOthers(Console.Step step) {
        requireFolder();
        var stopped = stopped(stack.containers(), stack.services())
            .stream()
            .filter(s -> !s.equals(config.nginxService()))
            .toList();
        if (!stopped.isEmpty()) start(stopped, step::progress);
        step.done(stopped.isEmpty() ? "all run that the app needs" : "started " + String.join(", ", stopped));
    }

    /**
     * Starts what is not running of Nginx and the data services; never recreates what runs. Returns whether something
     * was started.
     */
    public boolean start(Console.Step step) {
        var started = startStopped(step::progress);
        step.done(started.isEmpty() ? "Nginx and the data services run" : "started " + String.join(", ", started));
        return !started.isEmpty();
    }

    private List<String> startStopped(Consumer<String> progress) {
        var running = stack.containers();
        boolean nginxRuns = stack.nginxDown(running).isEmpty();
        if (nginxRuns) NginxDrift.require(NginxDrift.of(stack, running), NginxDrift.Stops.DEPLOY, stack);
        else requireFolder();
        var services = stack.services();
        var stopped = stopped(running, services);
        if (stopped.contains(config.nginxService())) requirePorts();
        if (!stopped.isEmpty()) start(stopped, progress);
        if (!nginxRuns) try {
            awaitNginx();
        } catch (Failure f) {
            throw f.after(!stopped.isEmpty());
        }
        return stopped;
    }

    private void requireFolder() {
        if (stack.engine().isRemote()) NginxFolder.requireNamed(config);
        else NginxFolder.require(config);
    }

    /** What is to run, and does not. */
    private List<String> stopped(Map<String, Container> running, Set<String> services) {
        return services.stream()
            .filter(s -> isShared(s) && isToStart(Optional.ofNullable(running.get(s))))
            .toList();
    }

    /** Not a colour, nor what follows one. */
    private boolean isShared(String service) {
        return Stream.of(Colour.values())
            .noneMatch(c -> service.equals(config.service(c)) || config.followers(c).contains(service));
    }

    /** What did its work and is not to be restarted, a job of the project's own, stays as it is. */
    private static boolean isToStart(Optional<Container> c) { return c.filter(r -> r.up() || r.isDone()).isEmpty(); }

    private void requirePorts() {
        var replaced = stack.replaced();
        config.ports().ofNginx().values().forEach(replaced::requireFree);
        config.ports().ofNginx().forEach(stack::requireFree);
    }

    private void start(List<String> stopped, Consumer<String> progress) {
        var others = stopped.stream().filter(s -> !s.equals(config.nginxService())).toList();
        if (!others.isEmpty()) up(others, progress, "--no-recreate");
        // A stopped Nginx has nothing to lose: it gets the ports and the folder that the configuration says now.
        if (stopped.contains(config.nginxService())) try {
            ColourNames.correct(stack);
            up(List.of(config.nginxService()), progress, "--no-deps");
        } catch (Failure f) {
            throw f.after(!others.isEmpty());
        }
    }

    private void up(List<String> services, Consumer<String> progress, String option) {
        // Without "--no-build": a service of the project's own that has no image yet is built.
        var arguments = new ArrayList<>(List.of("--detach", option));
        arguments.addAll(services);
        var up = stack.up(Duration.ofMinutes(10), Pins.NONE, progress, arguments.toArray(String[]::new));
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not start " + String.join(", ", services), Stack.reason(up),
                "docker ps --all");
    }

    /** Until it answers: what is wrong with its configuration shows in its first second. */
    private void awaitNginx() {
        for (long deadline = System.nanoTime() + NGINX_STARTS.toNanos(); System.nanoTime() < deadline;
            Interruption.pause(200)) {
            var now = Optional.ofNullable(stack.containers().get(config.nginxService()));
            if (now.filter(Container::running).isPresent() && Nginx.serving(config).isPresent()) return;
            var down = now.filter(n -> n.restarts() >= LOOP || n.status().equals("exited"))
                .flatMap(n -> NginxDown.of(stack, now));
            down.ifPresent(f -> { throw f; });
        }
    }
    /** It seeds its folder and makes a certificate first: 1 s here. */
    private static final Duration NGINX_STARTS = Duration.ofSeconds(15);
    /** With the engine's pauses of 0.1, 0.2 and 0.4 s, a second or two. */
    private static final int LOOP = 3;
}
