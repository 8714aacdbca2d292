package lib.init;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.stream.IntStream;

/** Ports of this machine that nobody has. */
final class FreePorts {
    private FreePorts() {}

    /** The usual one, or from the other one upwards. */
    static String of(int usual, int otherwise) {
        return String.valueOf(isFree(usual)
            ? usual
            : IntStream.range(otherwise, otherwise + 1000)
                .filter(FreePorts::isFree)
                .findFirst()
                .orElse(otherwise));
    }

    /** A port below 1024 that only root may take is the engine's to take. */
    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException e) {
            return e.getMessage() != null && e.getMessage().contains("ermission");
        }
    }
}
