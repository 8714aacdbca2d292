package lib.incident;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import lib.core.Failure;
import lib.secrets.Redaction;

/** Asked all at the same time. One that fails, or does not answer within its limit, is listed and stops no other. */
final class Sources implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(15);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> missing = Collections.synchronizedList(new ArrayList<>());
    private Redaction redaction = Redaction.plain();

    /** From now on, for what a source says of its failure. */
    void redact(Redaction known) { redaction = known; }

    /** Begins now; the answer is waited for, once, when it is asked for. @param nothing where there is none */
    <T> Supplier<T> begin(String name, T nothing, Callable<T> from) {
        var future = threads.submit(from);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        return () -> {
            try {
                return future.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                future.cancel(true);
                miss(name + ": no answer within " + LIMIT.toSeconds() + " s");
            } catch (ExecutionException e) {
                miss(redaction.apply(name + ": " + reason(e.getCause())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                miss(name + ": interrupted");
            }
            return nothing;
        };
    }

    private static String reason(Throwable cause) {
        return cause instanceof Failure || cause instanceof IOException ? cause.getMessage() : cause.toString();
    }

    void miss(String what) { missing.add(what); }

    List<String> missing() { return List.copyOf(missing); }

    @Override public void close() { threads.shutdownNow(); }
}
