package lib.nginx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.Held;

/**
 * What Nginx holds, asked again and again: of one process in its container, which lives as long as this. It is begun anew
 * when the engine has ended it.
 */
final class Draining implements AutoCloseable {
    private static final String END = ".";
    private static final String SCRIPT = "while read -r _; do " + Nginx.SEE + "; echo " + END + "; done";
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Nginx nginx;
    private final Engine engine;
    private final String container;
    private Optional<Held> held = Optional.empty();
    private BufferedReader from;

    Draining(Nginx nginx, Engine engine, String container) {
        this.nginx = nginx;
        this.engine = engine;
        this.container = container;
    }

    /** @throws Failure when it cannot be seen: then it is not none */
    Nginx.Holding to(Container old) throws InterruptedException {
        if (held.filter(Held::isAlive).isEmpty()) begin();
        var answer = CompletableFuture.supplyAsync(this::asked, Thread::startVirtualThread);
        try {
            return nginx.holding(answer.get(Engine.LIMIT.toSeconds(), TimeUnit.SECONDS), old);
        } catch (TimeoutException e) {
            close();
            throw unseen("no answer within " + Engine.LIMIT.toSeconds() + " s");
        } catch (ExecutionException e) {
            close();
            throw unseen(String.valueOf(e.getCause().getMessage()));
        }
    }

    private void begin() {
        close();
        held = Optional.of(engine.hold(container, LONGEST, "sh", "-c", SCRIPT));
        from = new BufferedReader(new InputStreamReader(held.get().out(), StandardCharsets.UTF_8));
    }

    private List<String> asked() {
        var lines = new ArrayList<String>();
        try {
            held.orElseThrow().stdin().write('\n');
            for (String line; !END.equals(line = from.readLine());) {
                if (line == null) throw new IllegalStateException("its process has ended: " + held.orElseThrow().err());
                lines.add(line);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return lines;
    }

    private static Failure unseen(String why) {
        return new Failure(ExitCode.FAILED, "the connections of Nginx cannot be seen", why, "docker ps");
    }

    @Override public void close() { held.ifPresent(Held::close); }
}
