package lib.nginx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Engine;

/**
 * The ports of a remote engine, which it publishes on its own loopback: each connection to a local port becomes a
 * process in its Nginx container that carries the bytes. What it needs is what the deploy needs anyway: the engine.
 */
final class Tunnel {
    private static final Map<String, Reach> OPEN = new ConcurrentHashMap<>();

    /** Its container by project; asked once, as each question to a remote engine costs up to a second (ssh). */
    private static final Map<String, Optional<String>> NGINX = new ConcurrentHashMap<>();

    private Tunnel() {}

    /** Opened once for a project, until the process ends. */
    static Reach of(Config config) {
        return OPEN.computeIfAbsent(config.composeProject(), _ -> new Reach("127.0.0.1", listen(config, "127.0.0.1:80"),
            listen(config, "127.0.0.1:9180"), listen(config, config.service(Colour.BLUE) + ":" + config.ports().app()),
            listen(config, config.service(Colour.GREEN) + ":" + config.ports().app())));
    }

    /** @param target as the Nginx container sees it */
    private static int listen(Config config, String target) {
        try {
            var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(() -> {
                for (;;) try {
                    var socket = server.accept();
                    Thread.ofVirtual().start(() -> carry(config, target, socket));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            return server.getLocalPort();
        } catch (IOException e) {
            throw Failure.preflight("no local port for the way to the remote engine", e.toString());
        }
    }

    /**
     * curl's "telnet" hands bytes on both ways (the image has curl for its health check), but does not end with its
     * input. So cat reads our end of the pipe, which closes with us, however we end; whichever of the two ends first
     * ends the other: an exec is a process group of its own.
     */
    private static final String CARRIER = "{ cat; kill 0; } | { curl --silent --no-buffer \"telnet://$0\"; kill 0; }";

    private static void carry(Config config, String target, Socket socket) {
        try (socket) {
            var engine = Engine.here();
            var nginx = NGINX.computeIfAbsent(config.composeProject(),
                project -> Optional.ofNullable(engine.containers(project).get(config.nginxService()))
                    .map(Container::id));
            if (nginx.isEmpty()) return;
            try (var held = engine.hold(nginx.get(), "sh", "-c", CARRIER, target)) {
                var answers = Thread.ofVirtual().start(() -> copy(held.out(), socket));
                socket.getInputStream().transferTo(held.stdin());
                held.close();
                answers.join();
            }
        } catch (IOException | InterruptedException | Failure e) {
            // Either end went away, or the engine did: the caller sees its connection closed.
            return;
        }
    }

    private static void copy(InputStream from, Socket to) {
        try (to) {
            from.transferTo(to.getOutputStream());
        } catch (IOException e) {
            return;        // the caller has closed
        }
    }
}
