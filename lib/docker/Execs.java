package lib.docker;

import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Frame;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import lib.process.Command.Result;

/** Processes in containers. */
final class Execs {
    /** What a container that went away with it leaves of its exit code: as by SIGKILL. */
    private static final int KILLED = 137;
    private static final int REFUSED = 1, CANNOT_RUN = 126;
    /** Between the end of its output and its own. */
    private static final Duration LOOK = Duration.ofMillis(5);

    private static final String START = "/exec/%s/start";
    private static final Map<String, ?> ATTACHED = Map.of("Detach", false, "Tty", false);

    private final Connections connections;
    private final Calls calls;

    Execs(Connections connections, Calls calls) {
        this.connections = connections;
        this.calls = calls;
    }

    Result exec(String container, Duration limit, Map<String, String> environment, String... command) {
        var said = new Output();
        return calls.ended(limit, "docker exec", said, () -> {
            try (var read = new Callback<>(said)) {
                String id = create(container, false, environment, command);
                connections.follow(START.formatted(id), ATTACHED, Optional.empty(), read);
                read.awaitEnd();
                return new Result(exitCode(id).orElse(KILLED), said.out(), said.err());
            } catch (NotFoundException | ConflictException e) {
                return new Result(REFUSED, "", Refusal.text(e));
            } catch (BadRequestException e) {
                return notStarted(e);
            }
        });
    }

    /** A newer engine says so at once, an older one in the output. Other bad requests: plain HTTP, to TLS. */
    private static Result notStarted(BadRequestException e) {
        String said = Refusal.text(e);
        if (!said.contains("exec")) throw e;
        return new Result(said.contains("not found") ? Result.NOT_STARTED : CANNOT_RUN, "", said);
    }

    Held hold(String container, Duration limit, String... command) {
        var start = limit.compareTo(Engine.LIMIT) < 0 ? limit : Engine.LIMIT;
        return calls.within(start, "docker exec", () -> {
            String id = create(container, true, Map.of(), command);
            var held = new Piped(id, this);
            connections.follow(START.formatted(id), ATTACHED, Optional.of(held.input()), held.output());
            try {
                held.output().awaitStart();
            } catch (InterruptedException | DockerException e) {
                held.close();
                throw e;
            }
            return held;
        });
    }

    private String create(String container, boolean stdin, Map<String, String> environment, String... command) {
        var variables = environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
        var process = Map.of("AttachStdin", stdin, "AttachStdout", true, "AttachStderr", true, "Env", variables,
            "Cmd", command);
        return connections.post("/containers/" + Connections.encoded(container) + "/exec", process)
            .path("Id")
            .asText();
    }

    /** The code of one whose output has ended; waits for its end. Empty: its container is gone. */
    OptionalInt exitCode(String id) throws InterruptedException {
        try {
            for (;;) {
                var seen = connections.get("/exec/" + id + "/json");
                if (seen.isEmpty()) return OptionalInt.empty();
                var code = seen.get().path("ExitCode");
                if (!seen.get().path("Running").asBoolean() && code.isInt()) return OptionalInt.of(code.asInt());
                Thread.sleep(LOOK);
            }
        } catch (ConflictException e) {
            return OptionalInt.empty();
        }
    }

    /** Of the process that has ended; on a thread of its own. */
    OptionalInt exitCodeSoon(String id) { return calls.within(Engine.LIMIT, "docker exec", () -> exitCode(id)); }

    /** Both streams, apart. */
    static final class Output implements Consumer<Frame> {
        private static final int MOST = 64 << 20;
        private final Kept out = new Kept(MOST), err = new Kept(MOST);

        @Override public void accept(Frame frame) {
            switch (frame.getStreamType()) {
                case STDERR -> err.add(frame.getPayload());
                default -> out.add(frame.getPayload());
            }
        }
        String out() { return out.text(); }
        String err() { return err.text(); }
    }
}
