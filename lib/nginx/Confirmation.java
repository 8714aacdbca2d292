package lib.nginx;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import lib.config.Config;
import lib.config.Way;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.Json;
import lib.core.Threads;
import lib.http.Connection;

/** Whether the workers have taken a generation: asked through them, on the control port and on the public one. */
final class Confirmation implements AutoCloseable {
    /** For the workers to take a generation. A reload took 50 to 150 ms here; a loaded machine is slower. */
    static final Duration TAKE = Duration.ofSeconds(30);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Config config;
    private final Connection open;       // since before the order

    /** Opens a connection that the order finds open. */
    Confirmation(Config config) throws IOException {
        this.config = config;
        this.open = new Connection("127.0.0.1", Reach.of(config).control(), ANSWER);
        open.get("/deployment");
    }

    /**
     * Instant: one answer of the new generation is all, as each worker reads the link at each request; also on the
     * connection that was open. Reload: old workers go on accepting for 100 ms after the new ones begin, so the
     * answers of fresh connections must be the new ones for 250 ms without a break.
     * @param hopeless asking is of no use any more
     */
    boolean of(Generation wanted, BooleanSupplier hopeless) {
        long deadline = System.nanoTime() + TAKE.toNanos();
        Callable<Boolean> control = () -> Nginx.serving(config).filter(wanted::equals).isPresent();
        Callable<Boolean> port = () -> publicPortShows(wanted);
        Callable<Boolean> kept = () -> takenOn(open, wanted);
        if (wanted.via() == Way.RELOAD)
            return allOf(until(control, deadline, hopeless), until(port, deadline, hopeless))
                && lasts(Duration.ofMillis(250), () -> allOf(control, port), deadline);
        return allOf(until(control, deadline, hopeless), until(port, deadline, hopeless),
            until(kept, deadline, hopeless));
    }

    /** Asks until the answer is yes: each question by itself, as under load each has its queue. */
    private static Callable<Boolean> until(Callable<Boolean> question, long deadline, BooleanSupplier hopeless) {
        return () -> {
            for (; System.nanoTime() < deadline; Interruption.pause(20)) {
                if (question.call()) return true;
                if (hopeless.getAsBoolean()) return false;
            }
            return false;
        };
    }

    private static boolean lasts(Duration needed, BooleanSupplier question, long deadline) {
        for (long now = System.nanoTime(), since = now; now < deadline; now = System.nanoTime()) {
            if (!question.getAsBoolean()) since = System.nanoTime();
            else if (now - since >= needed.toNanos()) return true;
            Interruption.pause(20);
        }
        return false;
    }

    /** Asked at the same time. */
    @SafeVarargs private static boolean allOf(Callable<Boolean>... questions) {
        var threads = Threads.executor();
        try {
            var all = true;
            for (Future<Boolean> answer : threads.invokeAll(List.of(questions))) all &= answer.get();
            return all;
        } catch (InterruptedException | ExecutionException e) {
            throw new Failure(ExitCode.UNCONFIRMED, "the confirmation broke off: " + e).next("status").causedBy(e);
        } finally {
            threads.shutdownNow();      // not close(): an interrupt does not wait for an answer that does not come
        }
    }

    private boolean publicPortShows(Generation wanted) {
        try (var fresh = new Connection(Reach.of(config).httpAddress(), Reach.of(config).http(), ANSWER)) {
            var seen = Json.read(fresh.get("/health/deployment").body());
            return seen.filter(n -> n.path("generation").asLong() == wanted.number()
                && (wanted.isShared() || n.path("deployment").asText().equals(wanted.active().toString()))).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** A reload on the way from reload to instant closes the old connection: then it proves nothing and is left out. */
    private static boolean takenOn(Connection open, Generation wanted) {
        try {
            var answer = open.get("/deployment");
            return answer.closes() || Generation.read(answer.body()).filter(wanted::equals).isPresent();
        } catch (IOException e) {
            return true;
        }
    }

    @Override public void close() throws IOException { open.close(); }
}
