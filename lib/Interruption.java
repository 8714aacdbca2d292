//JAVAC_OPTIONS -XDignore.symbol.file
package lib;

import java.util.List;
import sun.misc.Signal;

/**
 * Ctrl-C and SIGTERM. The first one is taken note of: a step that changes something ends first, one that only waits
 * ends at once. A second one stops the process where it is; the journal tells the rest.
 */
final class Interruption {
    private final Thread worker = Thread.currentThread();
    private Signal came;         // guarded by this, as all below
    private boolean waiting, heard;

    /** From now on signals come here, and stop the calling thread. */
    Interruption() {
        for (String name : List.of("INT", "TERM")) Signal.handle(new Signal(name), this::signalled);
    }

    private synchronized void signalled(Signal signal) {
        if (came != null) Runtime.getRuntime().halt(code().code());
        came = signal;
        System.err.println("\n  · " + (signal.getName().equals("INT") ? "Ctrl-C" : "SIGTERM") + ": ending the step in hand; once more stops at once");
        if (waiting) worker.interrupt();
    }

    /** @throws Failure (interrupted), once, when a signal came: what safety asks for after it is done to its end */
    synchronized void check() {
        if (came == null || heard) return;
        heard = true;
        throw new Failure(code(), "interrupted", null, "status");
    }

    /** Around what only waits. */
    synchronized void waiting(boolean now) {
        if (now) check();
        else Thread.interrupted();          // it came when the wait was over already
        waiting = now;
    }

    private ExitCode code() { return came.getName().equals("INT") ? ExitCode.INTERRUPTED : ExitCode.TERMINATED; }
}
