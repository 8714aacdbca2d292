package lib.docker;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * A process's two outputs on one connection, as the engine sends them: a byte that says which, three without meaning,
 * the length, and so much of it.
 * https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach
 */
final class Frames {
    private static final int STDERR = 2;

    private Frames() {}

    /** To the end. What is cut off within a frame is lost. */
    static void read(InputStream in, Consumer<Frame> each) throws IOException {
        var frames = new DataInputStream(in);
        for (int which; (which = frames.read()) >= 0;) {
            frames.skipNBytes(3);
            byte[] payload = frames.readNBytes(frames.readInt());
            each.accept(new Frame(which == STDERR ? StreamType.STDERR : StreamType.STDOUT, payload));
        }
    }
}
