package lib.nginx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lib.docker.Engine;
import lib.docker.Held;

/**
 * What Nginx holds, asked again and again: of one process in its container, which lives as long as this. It is begun
 * anew when the engine has ended it.
 */
final class Draining implements AutoCloseable {
    private static final String END = ".";
    private static final String SCRIPT = "while read -r _; do " + Holding.SEE + "; echo " + END + "; done";

    private final Engine engine;
    private final String container;
    private final List<String> addresses;
    private final int port;
    private Optional<Held> held = Optional.empty();
    private BufferedReader from;

    /** @param container Nginx's; @param addresses of the old colour, and the port on which it listens there */
    Draining(Engine engine, String container, List<String> addresses, int port) {
        this.engine = engine;
        this.container = container;
        this.addresses = addresses;
        this.port = port;
    }

    /** @throws Failure when it cannot be seen: then it is not none */
    Holding now() throws InterruptedException {
        if (held.filter(Held::isAlive).isEmpty()) begin();
        var answer = CompletableFuture.supplyAsync(this::asked, Thread::startVirtualThread);
        try {
            return Holding.of(answer.get(Engine.LIMIT.toSeconds(), TimeUnit.SECONDS), addresses, port);
        } catch (TimeoutException e) {
            close();
            throw Holding.unseen("no answer within " + Engine.LIMIT.toSeconds() + " s");
        } catch (ExecutionException e) {
            close();
            throw Holding.unseen(String.valueOf(e.getCause().getMessage()));
        }
    }

    private void begin() {
        close();
        held = Optional.of(engine.hold(container, "sh", "-c", SCRIPT));
        from = new BufferedReader(new InputStreamReader(held.get().out(), StandardCharsets.UTF_8));
    }

    private String asked() {
        var seen = new StringBuilder();
        try {
            held.orElseThrow().stdin().write('\n');
            for (String line; !END.equals(line = from.readLine());) {
                if (line == null) throw new IllegalStateException("its process has ended: " + held.orElseThrow().err());
                seen.append(line).append('\n');
            }
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return seen.toString();
    }

    @Override public void close() { held.ifPresent(Held::close); }
}
