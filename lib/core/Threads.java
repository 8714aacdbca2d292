package lib.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Threads of the platform, for what waits at a socket: virtual ones share a poller that sits in a native call, and the
 * JVM would wait 0.3 s for it at its end. They do not hold up the end themselves.
 */
public final class Threads {
    private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().factory();

    private Threads() {}

    public static Thread start(Runnable work) {
        var thread = PLATFORM.newThread(work);
        thread.start();
        return thread;
    }

    /** Begins now, beside what the caller does. */
    public static <T> CompletableFuture<T> ask(Supplier<T> question) {
        return CompletableFuture.supplyAsync(question, Threads::start);
    }

    /** One for each task. */
    public static ExecutorService executor() { return Executors.newThreadPerTaskExecutor(PLATFORM); }
}
