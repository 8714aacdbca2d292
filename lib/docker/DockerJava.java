package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.EventsCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.DockerObject;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.RestartPolicy;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import lib.core.Failure;
import lib.core.Json;
import lib.process.Command.Result;

/** The engine through its API. What is asked is documented at {@link Engine}. */
public final class DockerJava implements Engine {
    /** Beyond a container's grace: an engine under load takes its time to take one down. */
    private static final Duration TEARDOWN = Duration.ofMinutes(5);
    /** After a reboot an engine has much to do. */
    private static final Duration START = Duration.ofMinutes(1);
    /** A folder of static files. */
    private static final Duration COPY = Duration.ofMinutes(2);

    private final Endpoint endpoint;
    private final Connections connections;
    private final Calls calls;
    private final Execs execs;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

    public DockerJava(Endpoint endpoint) {
        this.endpoint = endpoint;
        connections = new Connections(endpoint);
        calls = new Calls(connections::unreached);
        execs = new Execs(connections, calls);
    }

    @Override public boolean isRemote() { return endpoint.isRemote(); }

    @Override public JsonNode info() { return asked("docker info", () -> connections.required("/info")); }
    @Override public JsonNode version() { return asked("docker version", () -> connections.required("/version")); }

    @Override public List<Container> all(String composeProject) {
        var labels = List.of("com.docker.compose.project=" + composeProject, "com.docker.compose.oneoff=False");
        String filters = Connections.encoded(Json.line(Map.of("label", labels)));
        var listed = asked("docker ps", () -> connections.required("/containers/json?all=true&filters=" + filters));
        var ids = listed.valueStream().map(c -> c.path("Id").asText()).toList();
        return calls.each(LIMIT, "docker inspect", ids, this::inspected)
            .stream()
            .flatMap(one -> one.map(Container::of).stream())
            .toList();
    }

    @Override public Optional<JsonNode> inspect(String id) {
        return asked("docker inspect", () -> inspected(id));
    }

    private Optional<JsonNode> inspected(String id) {
        return connections.get("/containers/" + Connections.encoded(id) + "/json");
    }

    @Override public void start(String id) {
        changed(START, "docker start", () -> connections.streams().startContainerCmd(id).exec());
    }

    @Override public void stop(String id, Duration grace) {
        int seconds = Math.toIntExact(grace.toSeconds());
        var command = connections.streams().stopContainerCmd(id).withTimeout(seconds);
        changed(grace.plus(TEARDOWN), "docker stop", command::exec);
    }

    @Override public void stop(List<Container> all) {
        int longest = all.stream().mapToInt(Container::stopGraceSeconds).max().orElse(0);
        calls.each(TEARDOWN.plusSeconds(longest), "docker stop", all, c -> {
            stop(c.id(), Duration.ofSeconds(c.stopGraceSeconds()));
            return c;
        });
    }

    @Override public boolean kill(String id, String signal) {
        return asked("docker kill", () -> unlessGone(() -> docker().killContainerCmd(id).withSignal(signal).exec()));
    }

    @Override public void leaveDown(String id) {
        var command = docker().updateContainerCmd(id).withRestartPolicy(RestartPolicy.unlessStoppedRestart());
        changed(LIMIT, "docker update", command::exec);
    }

    @Override public void rename(String id, String name) {
        changed(LIMIT, "docker rename", () -> docker().renameContainerCmd(id).withName(name).exec());
    }

    @Override public void pause(String id) {
        changed(LIMIT, "docker pause", () -> docker().pauseContainerCmd(id).exec());
    }
    @Override public void unpause(String id) {
        changed(START, "docker unpause", () -> connections.streams().unpauseContainerCmd(id).exec());
    }

    @Override public boolean remove(String id) {
        var command = docker().removeContainerCmd(id).withForce(true).withRemoveVolumes(true);
        return asked("docker rm", () -> unlessGone(command::exec));
    }

    @Override public Result exec(String id, Duration limit, Map<String, String> environment, String... command) {
        return execs.exec(id, limit, environment, command);
    }

    @Override public Held hold(String id, Duration limit, String... command) {
        var held = execs.hold(id, limit, command);
        open.add(held);
        var end = held.onExit().completeOnTimeout(OptionalInt.empty(), limit.toMillis(), TimeUnit.MILLISECONDS);
        end.thenRun(() -> {
            open.remove(held);
            held.close();
        });
        return held;
    }

    @Override public Result run(String image, String network, Duration limit, String... command) {
        return new OneOff(connections, calls, image, network, command).run(limit);
    }

    @Override public void copy(String from, String folder, String to, String target) {
        calls.within(COPY, "docker cp", () -> {
            try (InputStream tar = connections.streams().copyArchiveFromContainerCmd(from, folder + "/.").exec()) {
                connections.streams()
                    .copyArchiveToContainerCmd(to)
                    .withTarInputStream(tar)
                    .withRemotePath(target)
                    .withNoOverwriteDirNonDir(true)
                    .exec();
            }
            return to;
        });
    }

    @Override public List<LogLine> logs(String id, int tail, Instant since, Instant until) {
        var log = new Log(since, until);
        return calls.within(LIMIT, "docker logs", () -> {
            var command = connections.streams()
                .logContainerCmd(id)
                .withStdOut(true)
                .withStdErr(true)
                .withTimestamps(true)
                .withTail(tail);
            log.from().ifPresent(command::withSince);
            log.to().ifPresent(command::withUntil);
            try (var read = new Callback<Frame>(log)) {
                command.exec(read);
                read.awaitEnd();
            }
            return log.lines();
        });
    }

    @Override public Optional<JsonNode> stats(String id) {
        return asked("docker stats",
            () -> connections.get("/containers/" + Connections.encoded(id) + "/stats?stream=false"));
    }

    @Override public List<JsonNode> events(Instant since, Instant until, String... filters) {
        var found = new ConcurrentLinkedQueue<JsonNode>();
        var wait = Duration.between(Instant.now(), until);
        return calls.within(wait.isPositive() ? LIMIT.plus(wait) : LIMIT, "docker events", () -> {
            try (var read = new Callback<Event>(e -> found.add(json(e)))) {
                filtered(filters).withSince(time(since)).withUntil(time(until)).exec(read);
                read.awaitEnd();
            }
            return List.copyOf(found);
        });
    }

    @Override public Following follow(Consumer<JsonNode> event, String... filters) {
        var read = new Callback<Event>(e -> event.accept(json(e)));
        open.add(read);
        var end = read.ended().handle((_, _) -> (Void) null);
        end.thenRun(() -> open.remove(read));
        try {
            calls.within(LIMIT, "docker events", () -> filtered(filters).exec(read).awaitStart());
        } catch (Failure f) {
            read.close();       // a late answer finds nobody
            throw f;
        }
        return new Following() {
            @Override public CompletableFuture<Void> onEnd() { return end; }
            @Override public void close() { read.close(); }
        };
    }

    @Override public Optional<JsonNode> image(String reference) {
        return asked("docker image inspect",
            () -> connections.get("/images/" + Connections.encoded(reference) + "/json"));
    }

    @Override public List<JsonNode> images(String... filters) {
        return asked("docker images", () -> {
            var command = docker().listImagesCmd();
            Filter.of(filters).forEach(f -> command.withFilter(f.name(), f.values()));
            return command.exec().stream().map(DockerJava::json).toList();
        });
    }

    @Override public void tag(String image, String name) {
        int colon = name.lastIndexOf(':');
        var command = docker().tagImageCmd(image, name.substring(0, colon), name.substring(colon + 1));
        changed(LIMIT, "docker tag", command::exec);
    }

    @Override public boolean untag(String nameOrId) {
        return asked("docker rmi", () -> unlessGone(() -> docker().removeImageCmd(nameOrId).exec()));
    }

    @Override public void close() {
        for (var one : open) close(one);
        connections.close();
        calls.close();
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private DockerClient docker() { return connections.calls(); }

    private <T> T asked(String what, Callable<T> call) { return calls.within(LIMIT, what, call); }

    /** What is so already is no error. */
    private void changed(Duration limit, String what, Runnable change) {
        calls.within(limit, what, () -> {
            try {
                change.run();
            } catch (NotModifiedException e) {
                return false;
            }
            return true;
        });
    }

    private static boolean unlessGone(Runnable change) {
        try {
            change.run();
            return true;
        } catch (NotFoundException | ConflictException e) {
            return false;
        }
    }

    private EventsCmd filtered(String... filters) {
        var command = connections.streams().eventsCmd();
        for (var f : Filter.of(filters)) {
            String[] values = f.values().toArray(String[]::new);
            switch (f.name()) {
                case "container" -> command.withContainerFilter(values);
                case "event" -> command.withEventFilter(values);
                case "type" -> command.withEventTypeFilter(values);
                case "label" -> command.withLabelFilter(values);
                default -> throw new IllegalArgumentException("no filter of events: " + f.name());
            }
        }
        return command;
    }

    /** "1700000000.000000001" */
    private static String time(Instant at) { return "%d.%09d".formatted(at.getEpochSecond(), at.getNano()); }

    static JsonNode json(DockerObject answer) { return Json.of(answer.getRawValues()); }
}
