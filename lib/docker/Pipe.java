package lib.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;

/** Bytes from one thread to another, at once; a writer waits while its reader is behind. */
final class Pipe extends InputStream {
    /** So that neither side waits for the other at each of docker-java's frames, which have 1 KB. */
    private static final int ROOM = 1 << 20;

    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();      // guarded by this, as all below
    private int size, at;
    private boolean ended, closed;

    /** @throws IOException the reader has closed */
    synchronized void put(byte[] bytes) throws IOException {
        while (size >= ROOM && !closed) await();
        if (closed || ended) throw new IOException("the other end is closed");
        if (bytes.length == 0) return;
        waiting.add(bytes);
        size += bytes.length;
        notifyAll();
    }

    /** What was written can still be read; then comes the end. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public synchronized int read(byte[] to, int from, int length) throws IOException {
        if (length == 0) return 0;
        while (waiting.isEmpty() && !ended && !closed) await();
        if (waiting.isEmpty() || closed) return -1;
        byte[] first = waiting.peek();
        int n = Math.min(length, first.length - at);
        System.arraycopy(first, at, to, from, n);
        at += n;
        size -= n;
        if (at == first.length) {
            waiting.remove();
            at = 0;
        }
        notifyAll();
        return n;
    }

    private void await() throws InterruptedIOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override public synchronized int available() { return size; }

    @Override public synchronized void close() {
        closed = true;
        waiting.clear();
        notifyAll();
    }

    /** The writer's side. */
    OutputStream sink() {
        return new OutputStream() {
            @Override public void write(int b) throws IOException { put(new byte[] {(byte) b}); }
            @Override public void write(byte[] b, int from, int length) throws IOException {
                put(Arrays.copyOfRange(b, from, from + length));
            }
            @Override public void close() { end(); }
        };
    }
}
