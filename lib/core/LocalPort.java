package lib.core;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/** A port of this machine. */
public final class LocalPort {
    private LocalPort() {}

    /** @param bind a port, or ADDRESS:PORT */
    public static int number(String bind) { return Integer.parseInt(bind.substring(bind.lastIndexOf(':') + 1)); }

    /** Why nobody can listen there, in the system's words; empty: it is free. @param bind a port, or ADDRESS:PORT */
    public static Optional<String> taken(String bind) {
        int colon = bind.lastIndexOf(':');
        int port = number(bind);
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(
                colon < 0 ? new InetSocketAddress(port) : new InetSocketAddress(bind.substring(0, colon), port));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
