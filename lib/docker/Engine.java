package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lib.process.Command;

/**
 * The engine, as bluegreen uses it. {@code id}: of a container, whole or its beginning, or its name. JSON is what the
 * engine's API gives, with its names: {@code inspect(id).get().at("/State/Status")}. Instants: by the engine's clock.
 *
 * <p>Each call throws a Failure (pre-flight) that says why the engine was not reached, that "Docker does not answer"
 * within the call's limit (20 s where none is given), or what the engine said when it refused. An interrupt ends a
 * wait: the thread stays interrupted, exec and run give the code {@code INTERRUPTED}, other calls a Failure.
 */
public interface Engine extends AutoCloseable {
    /** The one of this process, where the docker command would look for it; {@link Here#leave} closes it. */
    static Engine here() { return Here.engine(); }

    /** The engine is another machine's: ports published on its loopback are not ours. */
    boolean isRemote();

    /** GET /info: ServerVersion, MemTotal (bytes), DockerRootDir, SystemTime, ... */
    JsonNode info();
    /** GET /version: Version, ApiVersion, Arch ("amd64"), ... */
    JsonNode version();

    /**
     * The containers of a compose project, running or not; none of "compose run". One that goes away meanwhile is left
     * out.
     */
    List<Container> all(String composeProject);
    /** The same by service. Of two of one (replicas, or a compose that was cut off) one that runs. */
    default Map<String, Container> containers(String composeProject) {
        var found = new LinkedHashMap<String, Container>();
        for (var c : all(composeProject)) found.merge(c.service(), c, (a, b) -> a.running() ? a : b);
        return found;
    }
    /** GET /containers/ID/json; empty when there is none. */
    Optional<JsonNode> inspect(String id);
    /** What a container's health check says: starting, healthy or unhealthy; "" where it has none, or is gone. */
    default String health(String id) {
        return inspect(id).map(n -> n.at("/State/Health/Status").asText()).orElse("");
    }
    default Optional<Container> container(String id) { return inspect(id).map(Container::of); }

    /** No harm when it runs already. */
    void start(String id);
    /** Its stop signal, SIGKILL after the grace (whole seconds), and waits for the end. No harm when it has ended. */
    void stop(String id, Duration grace);
    /** All at once, each with the grace that it has by itself. */
    default void stop(List<Container> all) {
        all.forEach(c -> stop(c.id(), Duration.ofSeconds(c.stopGraceSeconds())));
    }
    /** False: it does not run, or is gone. @param signal "HUP", "SIGKILL", "9" */
    boolean kill(String id, String signal);
    /** Stopped, it stays so when the engine restarts, whatever it was made with. */
    void leaveDown(String id);
    /** Running or not; Docker's DNS knows it by the new name at once. */
    void rename(String id, String name);
    void pause(String id);
    void unpause(String id);
    /** By force, with its anonymous volumes. False: there was none. */
    boolean remove(String id);

    /**
     * A process in a container, to its end. Its exit code; 126 or 127 when it could not be started; 1 and the reason
     * in {@code err} when the container is gone or does not run. Output beyond 64 MB loses its beginning.
     * @param limit "Docker does not answer" after so long; what was started runs on: give it a limit of its own
     * @param environment seen by this process only; secrets belong here
     */
    Command.Result exec(String id, Duration limit, Map<String, String> environment, String... command);
    default Command.Result exec(String id, String... command) { return exec(id, LIMIT, Map.of(), command); }

    /**
     * A process in a container that lives on, with a pipe to it: the lock, a tunnel, a log that is read as it comes.
     * @param limit after so long it is closed as by {@link Held#close}
     * @throws lib.core.Failure also when the container is gone or does not run
     */
    Held hold(String id, Duration limit, String... command);
    /** Until it is closed, or for a day. */
    default Held hold(String id, String... command) { return hold(id, Duration.ofDays(1), command); }

    /**
     * A container that lives as long as this call. Its image is never pulled: without it the code is 125.
     * @param network "none", "container:ID" or a network's name
     * @param command its first word is the entrypoint
     */
    Command.Result run(String image, String network, Duration limit, String... command);

    /** What is in a folder, into a folder of another container. @throws lib.core.Failure also when one is not there */
    void copy(String from, String folder, String to, String target);

    /** What a container said, oldest first. @param tail so many lines at most, the newest */
    List<LogLine> logs(String id, int tail, Instant since, Instant until);
    default List<LogLine> logs(String id, int tail) { return logs(id, tail, Instant.EPOCH, Instant.MAX); }

    /** Memory and CPU, as GET /containers/ID/stats gives them once; takes up to 2 s. Empty when there is none. */
    Optional<JsonNode> stats(String id);

    /**
     * What happened, oldest first; the engine keeps the last 256 events (health checks are three each).
     * @param until waits for it when it is to come
     * @param filters "container=ID", "event=die", "type=container", "label=NAME=VALUE"; of one name, any
     */
    List<JsonNode> events(Instant since, Instant until, String... filters);
    /** What happens from now on, on a thread of its own, until {@link Following#onEnd its end}. */
    Following follow(Consumer<JsonNode> event, String... filters);

    /** GET /images/NAME/json; empty when there is none. */
    Optional<JsonNode> image(String reference);
    /**
     * GET /images/json, newest first: Id, RepoTags (null, or "<none>:<none>", without a name), Labels, Created (s).
     * @param filters "label=NAME=VALUE", "reference=NAME"
     */
    List<JsonNode> images(String... filters);
    /** @param name with its tag, "shop:1.0"; one that it had before is moved */
    void tag(String image, String name);
    /** Takes a name away, and the image with its last one. False: a container uses it, or there is none. */
    boolean untag(String nameOrId);

    /** Ends what is held and followed, and every connection: a thread in a native call would delay our exit. */
    @Override void close();

    /** No call waits for ever on an engine that hangs. */
    Duration LIMIT = Duration.ofSeconds(20);
}
