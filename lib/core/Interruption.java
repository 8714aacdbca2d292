//JAVAC_OPTIONS -XDignore.symbol.file
package lib.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C, SIGTERM, and SIGHUP, which is what a dropped ssh connection sends and means the same as SIGTERM. The first
 * one is taken note of: a step that changes something ends first, one that only waits ends at once. A second one stops
 * the process where it is; the journal tells the rest.
 */
public final class Interruption {
    private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");
    // guarded by the class: the one that signals come to
    private static Optional<Interruption> inPlace = Optional.empty();

    private final Thread worker = Thread.currentThread();
    private Signal came;         // guarded by this, as all below
    private boolean waiting, heard;

    /** From now on signals come here, and stop the calling thread. */
    public Interruption() {
        for (String name : SIGNALS) Signal.handle(new Signal(name), this::signalled);
        comeTo(Optional.of(this));
    }

    private static synchronized void comeTo(Optional<Interruption> now) { inPlace = now; }
    private static synchronized Optional<Interruption> of(Thread work) { return inPlace.filter(i -> i.worker == work); }

    private void signalled(Signal signal) {
        if (hasCome()) Runtime.getRuntime().halt(code().code());
        String name = signal.getName().equals("INT") ? "Ctrl-C" : "SIG" + signal.getName();
        come(signal, name + ": ending the step in hand; once more stops at once");
    }

    private synchronized void come(Signal signal, String told) {
        if (came != null) return;
        came = signal;
        System.err.println("\n  · " + told);
        if (waiting) worker.interrupt();
    }

    /** Ctrl-C as a key of a console that lives on: the first means the same as the signal; others say nothing more. */
    public static void key(Thread work) {
        of(work).ifPresentOrElse(i -> i.come(new Signal("INT"), "Ctrl-C: ending the step in hand"), work::interrupt);
    }

    /** Signals mean again what they mean to any process: in one that goes on after a run. */
    public static void leave() {
        if (of().isEmpty()) return;
        for (String name : SIGNALS) Signal.handle(new Signal(name), SignalHandler.SIG_DFL);
        comeTo(Optional.empty());
    }

    private static synchronized Optional<Interruption> of() { return inPlace; }

    /** @throws Failure (interrupted), once, when a signal came: what safety asks for after it is done to its end */
    public synchronized void check() {
        if (came == null || heard) return;
        heard = true;
        throw new Failure(code(), "interrupted").next("status");
    }

    /** Also when it was told already. */
    public synchronized boolean hasCome() { return came != null; }

    /** Around what only waits. */
    public synchronized void waiting(boolean now) {
        if (now) check();
        else Thread.interrupted();          // it came when the wait was over already
        waiting = now;
    }

    /** Waits for a thread of ours, whatever is signalled meanwhile. */
    public static void join(Thread thread, Duration limit) {
        boolean signalled = Thread.interrupted();
        try {
            thread.join(limit);
        } catch (InterruptedException e) {
            signalled = true;
        }
        if (signalled) Thread.currentThread().interrupt();
    }

    /** @throws Failure when the thread is interrupted, which it stays */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.UNCONFIRMED, "interrupted while waiting").next("status").causedBy(e);
        }
    }

    private ExitCode code() { return came.getName().equals("INT") ? ExitCode.INTERRUPTED : ExitCode.TERMINATED; }
}
