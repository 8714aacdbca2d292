package lib.docker;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** An exec that is held by its connection. */
final class Piped implements Held {
    private static final int COMPLAINT = 64 << 10;

    private final Pipe stdin = new Pipe(), out = new Pipe();
    private final Kept err = new Kept(COMPLAINT);
    private final Callback<Frame> connection = new Callback<>(this::take);
    private final CompletableFuture<OptionalInt> exit;
    private volatile boolean closed;

    Piped(String exec, Execs execs) {
        exit = connection.ended().handleAsync((_, cut) -> {
            stdin.close();
            out.end();
            return cut == null && !closed ? execs.exitCodeSoon(exec) : OptionalInt.empty();
        }, work -> Thread.ofPlatform().daemon().start(work)).exceptionally(_ -> OptionalInt.empty());
    }

    InputStream input() { return stdin; }
    Callback<Frame> output() { return connection; }

    private void take(Frame frame) {
        byte[] bytes = frame.getPayload().clone();        // docker-java goes on in the same buffer
        if (frame.getStreamType() == StreamType.STDERR) {
            err.add(bytes);
            return;
        }
        try {
            out.put(bytes);
        } catch (IOException e) {
            connection.close();        // nobody reads it any more
        }
    }

    @Override public OutputStream stdin() { return stdin.sink(); }
    @Override public InputStream out() { return out; }
    @Override public String err() { return err.text(); }
    @Override public CompletableFuture<OptionalInt> onExit() { return exit; }

    @Override public void close() {
        closed = true;
        connection.close();
        exit.complete(OptionalInt.empty());
    }
}
