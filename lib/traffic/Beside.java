package lib.traffic;

import java.time.Duration;
import java.util.Map;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Interruption;

/** A step of a run beside whatever else it does; what goes wrong in it is told, and ends nothing. */
public final class Beside {
    /** For a child that does not end at once when it is told to. */
    private static final Duration ENDING = Duration.ofSeconds(15);

    private final Run run;
    private final String name;
    private final Thread thread;

    Beside(Run run, String name, Map<String, ?> facts, Run.Body body) {
        this.run = run;
        this.name = name;
        run.tell(name, "begin", facts);
        var step = run.console().beside(name);
        thread = Thread.ofVirtual().start(() -> through(body, step));
    }

    private void through(Run.Body body, Console.Step step) {
        try {
            run.ended(name, step, body.run(step));
        } catch (InterruptedException e) {
            run.failed(name, step, "ended before its time");
        } catch (RuntimeException e) {
            run.failed(name, step, e instanceof Failure ? e.getMessage() : "unexpected: " + e);
        }
    }

    /** Waits for its end; Ctrl-C ends the waiting and it. */
    public void await() throws InterruptedException {
        try {
            run.patiently(() -> {
                thread.join();
                return "";
            });
        } catch (Failure | InterruptedException e) {
            cancel();
            throw e;
        }
    }

    /** The same where nothing depends on it any more: a signal only ends it. */
    public void awaitOrCancel() {
        boolean cut = thread.isAlive();
        try {
            if (!run.hasSignal()) {
                await();
                return;
            }
            cancel();
        } catch (Failure | InterruptedException e) {
            cut = true;
        }
        if (cut) run.console().warning(name + " was ended before its time");
    }

    /** Ends it, and waits until it has. */
    public void cancel() {
        thread.interrupt();
        Interruption.join(thread, ENDING);
    }
}
