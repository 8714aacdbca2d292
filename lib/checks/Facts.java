package lib.checks;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Failure;
import lib.core.Json;
import lib.docker.Container;
import lib.nginx.Generation;
import lib.nginx.Nginx;
import lib.process.Command;
import lib.stack.NginxDrift;
import lib.stack.Stack;

/**
 * What the checks look at, each fact read once, when the first check asks. One that cannot be read throws the same
 * Failure to all who ask, so that it is told once.
 */
public final class Facts implements AutoCloseable {
    /** A fact that hangs is told by its name a little before its checks are ended at their limit. */
    private static final Duration MARGIN = Duration.ofMillis(300);

    final Config config;
    /** bluegreen.yaml, and the section of environments: that is used. */
    final Path file;
    final Optional<String> environment;
    final Stack stack;
    final Duration limit;
    private final long deadline;
    private final Map<String, CompletableFuture<?>> read = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param limit of each check; all begin at the same time */
    public Facts(Stack stack, Path file, Optional<String> environment, Duration limit) {
        this.config = stack.config();
        this.file = file;
        this.environment = environment;
        this.stack = stack;
        this.limit = limit;
        this.deadline = System.nanoTime() + limit.minus(MARGIN).toNanos();
    }

    JsonNode engine() { return once("docker info", () -> stack.engine().info()); }

    /** Of the project, by service. */
    Map<String, Container> containers() { return once("docker ps", stack::containers); }

    /** The compose files as compose reads them. */
    JsonNode compose() {
        return once("docker compose config", () -> {
            var said = stack.compose(left(), "config", "--format", "json");
            if (!said.ok())
                throw Failure.usage("the compose files are refused: " + said.last())
                    .next("correct compose.files or variables in bluegreen.yaml");
            return json("docker compose config", said);
        });
    }
    JsonNode service(String name) { return compose().path("services").path(name); }

    /** What the running Nginx has read. */
    NginxConfig nginxConfig() {
        var nginx = nginx();
        return once("nginx -T", () -> {
            var dump = exec(nginx, "nginx", "-T", "-q", "-c", "/run/bluegreen/live/nginx.conf");
            if (!dump.ok())
                throw Failure.preflight("nginx -T failed: " + dump.last())
                    .next("docker logs " + nginx.id().substring(0, 12));
            return NginxConfig.parse(dump.out());
        });
    }

    /** What the workers answer on the control port. */
    Generation serving() {
        var nginx = nginx();
        return once("the control port", () -> Nginx.serving(config)
            .orElseThrow(() -> Failure.preflight(
                "Nginx does not answer on its control port 127.0.0.1:" + config.ports().control())
                .next("docker logs " + nginx.id().substring(0, 12))));
    }

    /** The app's newest image on the engine, as docker inspects it. */
    Optional<JsonNode> newestImage() {
        return once("docker images", () -> stack.engine()
            .images("reference=" + config.image())
            .stream()
            .findFirst()
            .flatMap(newest -> stack.engine().image(newest.path("Id").asText())));
    }

    /** Where what runs is not what the configuration says. */
    List<NginxDrift.Difference> drift() {
        var containers = containers();
        return once("the ports and mounts of what runs", () -> NginxDrift.of(stack, containers));
    }

    /** Why Nginx does not run, in the words of its log. */
    Optional<Failure> nginxDown() {
        var containers = containers();
        return once("Nginx's state", () -> stack.nginxDown(containers));
    }

    /** @throws Check.Skipped when it does not run */
    Container nginx() {
        if (containers().isEmpty()) throw new Check.Skipped("nothing runs yet");
        if (nginxDown().isPresent()) throw new Check.Skipped("Nginx does not run");
        return containers().get(config.nginxService());
    }

    Optional<Container> running(Colour colour) {
        return Optional.ofNullable(containers().get(config.service(colour))).filter(Container::running);
    }
    boolean aColourRuns() { return Stream.of(Colour.values()).anyMatch(c -> running(c).isPresent()); }

    /** A process in a container. @throws Failure when the engine does not answer within the checks' limit */
    Command.Result exec(Container in, String... command) { return exec(in, Map.of(), command); }

    Command.Result exec(Container in, Map<String, String> environment, String... command) {
        return stack.engine().exec(in.id(), left(), environment, command);
    }

    Duration left() { return Duration.ofNanos(Math.max(deadline - System.nanoTime(), 100_000_000)); }

    private static JsonNode json(String what, Command.Result said) {
        return Json.read(said.out())
            .orElseThrow(() -> Failure.preflight(what + " failed: " + said.last()).next("docker info"));
    }

    /** Read on a thread of its own: a check that ends does not end it for the others. */
    @SuppressWarnings("unchecked")
    private <T> T once(String name, Supplier<T> reading) {
        var asked = (CompletableFuture<T>) read.computeIfAbsent(name,
            _ -> CompletableFuture.supplyAsync(reading, threads)
                .orTimeout(left().toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(e -> CompletableFuture.failedFuture(e instanceof TimeoutException
                    ? Failure.preflight(name + ": no answer in time").next("docker info")
                    : e)));
        try {
            return asked.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : e;
        }
    }

    @Override public void close() { threads.shutdownNow(); }
}
