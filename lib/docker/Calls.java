package lib.docker;

import com.fasterxml.jackson.core.JacksonException;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import lib.core.Console;
import lib.core.Failure;
import lib.process.Command.Result;

/**
 * Each call to the engine on a thread of its own, so that its limit and an interrupt end the wait: docker-java's own
 * response timeout does nothing on a Unix socket (its AbstractSocket knows none). Threads of the platform: the poller
 * of virtual ones would stay in a native call, for which the JVM waits 0.3 s at its end.
 */
final class Calls implements AutoCloseable {
    /** For the threads of connections that were just closed. */
    private static final Duration MOMENT = Duration.ofMillis(200);

    /** docker-java's threads are made by ours, and belong to their group. */
    private static final class Quiet extends ThreadGroup {
        Quiet() { super("docker"); }
        /** Of the thread that carries an input to a process that has ended: its {@link Held#onExit} tells. */
        @Override public void uncaughtException(Thread thread, Throwable e) {}
    }

    private final ThreadGroup group = new Quiet();
    private final ExecutorService threads = Executors.newCachedThreadPool(this::thread);
    private final Function<Throwable, Failure> unreached;

    /** @param unreached why a call got no answer */
    Calls(Function<Throwable, Failure> unreached) { this.unreached = unreached; }

    private Thread thread(Runnable work) {
        var thread = new Thread(group, work, "docker-call");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * @param what for a person: "docker exec"
     * @throws Failure (pre-flight) when there is no answer in time, or the engine refuses
     */
    private <T> T interruptibly(Duration limit, String what, Callable<T> call) throws InterruptedException {
        var answer = threads.submit(call);
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            String why = what + ": no answer within " + Console.seconds(limit);
            throw Failure.preflight("Docker does not answer", why, "docker info");
        } catch (ExecutionException e) {
            throw failure(what, e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    /** A process to its end; an interrupt is one, too. {@code said}: what it says meanwhile. */
    Result ended(Duration limit, String what, Execs.Output said, Callable<Result> process) {
        try {
            return interruptibly(limit, what, process);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(Result.INTERRUPTED, said.out(), said.err() + "interrupted");
        }
    }

    <T> T within(Duration limit, String what, Callable<T> call) {
        try {
            return interruptibly(limit, what, call);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.preflight(what + " was interrupted");
        }
    }

    /** The same of each, all at once: every question costs a connection, and by ssh that is half a second. */
    <A, T> List<T> each(Duration limit, String what, List<A> all, Function<A, T> question) {
        List<Callable<T>> questions = all.stream().map(one -> (Callable<T>) () -> question.apply(one)).toList();
        return within(limit, what, () -> {
            var answers = new ArrayList<T>();
            for (var answer : threads.invokeAll(questions)) answers.add(answer.get());
            return answers;
        });
    }

    private Failure failure(String what, Throwable cause) {
        return switch (cause) {
            case ExecutionException e -> failure(what, e.getCause());
            case Failure f -> f;
            case DockerException refusal -> Refusal.failure(what, refusal);
            default -> isOfConnection(cause)
                ? unreached.apply(cause)
                : Failure.preflight(what + " failed", "unexpected: " + cause).causedBy(cause);
        };
    }

    private static boolean isOfConnection(Throwable cause) {
        for (var e = cause; e != null; e = e.getCause())
            if (e instanceof IOException && !(e instanceof JacksonException) || e instanceof GeneralSecurityException)
                return true;
        return false;
    }

    @Override public void close() {
        threads.shutdownNow();
        try {
            threads.awaitTermination(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
