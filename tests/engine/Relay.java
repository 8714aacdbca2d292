import java.io.IOException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** The real engine through another door: TCP with TLS on both sides. */
final class Relay implements AutoCloseable {
    private interface End { void tell() throws IOException; }

    private final SSLServerSocket server;
    final String host;
    /** Connections that were carried. */
    final AtomicInteger connections = new AtomicInteger();

    /** On a TCP port of 127.0.0.1; clients must show a certificate. */
    Relay(SSLContext tls) throws IOException {
        server = (SSLServerSocket) tls.getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        server.setNeedClientAuth(true);
        host = "tcp://127.0.0.1:" + server.getLocalPort();
        Thread.ofPlatform().daemon().start(() -> {
            for (;;) try {
                var from = (SSLSocket) server.accept();
                Thread.ofPlatform().daemon().start(() -> {
                    try (from) {
                        carry(Channels.newChannel(from.getInputStream()), Channels.newChannel(from.getOutputStream()),
                            from::shutdownOutput);
                    } catch (IOException e) {
                        return;     // a client that went away, or showed no certificate
                    }
                });
            } catch (IOException e) {
                return;
            }
        });
    }

    private void carry(ReadableByteChannel in, WritableByteChannel out, End end) {
        try (var engine = SocketChannel.open(UnixDomainSocketAddress.of(Faulty.ENGINE)); in; out) {
            connections.incrementAndGet();
            var answers = Thread.ofPlatform().daemon().start(() -> copy(engine, out, end));
            copy(in, engine, engine::shutdownOutput);
            answers.join();
        } catch (IOException | InterruptedException e) {
            return;         // one side went away: so does the other
        }
    }

    private static void copy(ReadableByteChannel from, WritableByteChannel to, End end) {
        var buffer = ByteBuffer.allocate(16384);
        try {
            while (from.read(buffer.clear()) >= 0) for (buffer.flip(); buffer.hasRemaining();) to.write(buffer);
            end.tell();
        } catch (IOException e) {
            shut(to);       // a reset is passed on
        }
    }

    private static void shut(WritableByteChannel to) {
        try {
            to.close();
        } catch (IOException e) {
            return;         // gone already
        }
    }

    @Override public void close() throws IOException { server.close(); }
}
