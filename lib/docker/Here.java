package lib.docker;

import java.util.Optional;
import lib.core.Threads;

/** The engine of this process: opened by the first who asks. */
public final class Here {
    private static Optional<Engine> open = Optional.empty();        // guarded by the class, as the next one
    private static boolean left;

    private Here() {}

    static synchronized Engine engine() {
        if (open.isEmpty()) open = Optional.of(new DockerJava(Endpoint.find()));
        return open.get();
    }

    /** Opens it beside what the caller does. What is wrong with it is told to the first who asks. */
    public static void prepare() { Threads.ask(Here::prepared); }

    private static synchronized Optional<Engine> prepared() { return left ? open : Optional.of(engine()); }

    /** At the end of a script: a thread in a native call would hold up the JVM's exit. */
    public static synchronized void leave() {
        left = true;
        open.ifPresent(Engine::close);
        open = Optional.empty();
    }
}
