package lib.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import lib.process.Command;

/**
 * A local socket to an engine that only a command reaches (docker-java knows no ssh://): each connection to it becomes
 * a process of the command that carries the bytes, as the docker command does it.
 */
final class Bridge implements AutoCloseable {
    /** A process ends with its connection; the limit is for one that was forgotten. */
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int WORDS = 4 << 10;

    /** Private to us: a socket is asked no password. */
    private final Path folder = Files.createTempDirectory("bluegreen-engine-");
    private final Path socket = folder.resolve("docker.sock");
    private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    private final Set<Carrier> carriers = ConcurrentHashMap.newKeySet();
    private final Kept said = new Kept(WORDS);
    private final Command command;

    private Bridge(Command command) throws IOException {
        this.command = command;
        server.bind(UnixDomainSocketAddress.of(socket));
        daemon(this::accept);
    }

    /** @param command speaks the engine's API on its stdin and stdout */
    static Bridge over(Command command) {
        try {
            return new Bridge(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Bridge over(Endpoint.Ssh ssh) {
        return over(Command.of(LONGEST, "docker", "-H", ssh.url(), "system", "dial-stdio"));
    }

    String path() { return socket.toString(); }

    /** What the commands complained of: the last of it. */
    String said() { return said.text().strip(); }

    private void accept() {
        for (;;) try {
            var carrier = new Carrier(server.accept());
            carriers.add(carrier);
            carrier.begin();
        } catch (ClosedChannelException e) {
            return;
        } catch (IOException e) {
            said.add(e.toString().getBytes());       // no process could be started: the connection is closed
        }
    }

    private static void daemon(Runnable work) { Thread.ofPlatform().daemon().name("docker-bridge").start(work); }

    /** One connection and its process; the end of either ends the other. */
    private final class Carrier {
        private final SocketChannel client;
        private final Process process;

        Carrier(SocketChannel client) throws IOException {
            this.client = client;
            try {
                process = command.start();
            } catch (IOException e) {
                client.close();
                throw e;
            }
        }

        void begin() {
            daemon(() -> {
                carry(Channels.newInputStream(client), process.getOutputStream());
                process.toHandle().destroy();
            });
            daemon(() -> {
                carry(process.getInputStream(), Channels.newOutputStream(client));
                complain(process.getErrorStream());        // before the client asks why it got no answer
                end();
            });
        }

        private void carry(InputStream from, OutputStream to) {
            try {
                var buffer = new byte[8192];
                for (int n; (n = from.read(buffer)) >= 0; to.flush()) to.write(buffer, 0, n);
            } catch (IOException e) {
                return;       // one side has gone: the other one's connection is closed now
            }
        }

        private void complain(InputStream from) {
            try (from) {
                said.add(from.readNBytes(WORDS));
            } catch (IOException e) {
                said.add(e.toString().getBytes());
            }
        }

        private void end() {
            carriers.remove(this);
            process.toHandle().destroy();        // not Process.destroy, which closes what we still read
            try {
                client.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override public void close() {
        try {
            server.close();
            carriers.forEach(Carrier::end);
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
