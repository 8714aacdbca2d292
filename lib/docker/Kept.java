package lib.docker;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a process said on one stream, as text when all its bytes are there; the beginning goes when it is too much. */
final class Kept {
    private final int most;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();      // guarded by this

    Kept(int most) { this.most = most; }

    synchronized void add(byte[] more) {
        bytes.writeBytes(more);
        if (bytes.size() <= 2L * most) return;
        byte[] all = bytes.toByteArray();
        bytes.reset();
        bytes.write(all, all.length - most, most);
    }

    synchronized String text() {
        byte[] all = bytes.toByteArray();
        int from = Math.max(0, all.length - most);
        return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    }
}
