import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The real engine behind a socket that lets some requests fail, wait, or come through although it said that they
 * failed.
 */
final class Faulty implements AutoCloseable {
    /** The engine of the tests: here, or at another socket of this machine. */
    static final Path ENGINE = Path.of(
        Optional.ofNullable(System.getenv("DOCKER_HOST")).orElse("unix:///var/run/docker.sock").replace("unix://", ""));
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)"),
        EXEC = Pattern.compile("/exec/(\\w+)/start"), ID = Pattern.compile("\"Id\":\"(\\w+)\"");

    /** What becomes of a request. */
    sealed interface Fate {
        record Pass() implements Fate {}
        record Delayed(Duration by) implements Fate {}
        record Refused(String message) implements Fate {}
        /** The engine does it after that time, and says at once that it failed. */
        record RefusedAndDone(Duration after, String message) implements Fate {}
        /** {@code then} when it is done. */
        record PassAnd(Runnable then) implements Fate {}
    }

    /** @see #described */
    interface Rule { Fate of(String request); }

    private final ServerSocketChannel server;
    private final Path socket;
    private final Rule rule;
    private final Map<String, String> commands = new ConcurrentHashMap<>();       // by the id of their exec

    Faulty(Path socket, Rule rule) throws IOException {
        this.socket = socket;
        this.rule = rule;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().start(() -> {
            for (;;) try {
                var client = server.accept();
                Thread.ofPlatform().daemon().start(() -> serve(client));
            } catch (IOException e) {
                return;     // closed
            }
        });
    }

    String host() { return "unix://" + socket; }

    /** The first request of a connection: ours have one each. */
    private void serve(SocketChannel client) {
        try (client) {
            var in = Channels.newInputStream(client);
            byte[] request = request(in);
            String text = new String(request, StandardCharsets.UTF_8);
            String described = described(text);
            switch (rule.of(described)) {
                case Fate.Pass _ -> carry(client, in, request, text);
                case Fate.Delayed(Duration by) -> {
                    Thread.sleep(by);
                    carry(client, in, request, text);
                }
                case Fate.Refused(String message) -> refuse(client, message);
                case Fate.RefusedAndDone(Duration after, String message) -> {
                    refuse(client, message);
                    Thread.sleep(after);
                    done(request);
                }
                case Fate.PassAnd(Runnable then) -> {
                    carry(client, in, request, text);
                    then.run();
                }
            }
        } catch (IOException | InterruptedException e) {
            return;         // one side went away: so does the other
        }
    }

    /** "exec COMMAND", or "METHOD PATH". */
    private String described(String request) {
        var exec = EXEC.matcher(request.lines().findFirst().orElse(""));
        if (exec.find()) return "exec " + commands.getOrDefault(exec.group(1), "");
        return request.lines().findFirst().orElse("").replaceFirst(" HTTP/.*", "");
    }

    /** Its head, and as much of a body as it says itself. */
    private static byte[] request(InputStream in) throws IOException {
        var read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) throw new IOException("closed");
            read.write(b);
        }
        String head = read.toString(StandardCharsets.ISO_8859_1);
        var length = LENGTH.matcher(head);
        if (length.find()) read.write(in.readNBytes(Integer.parseInt(length.group(1))));
        // A body of unknown length that matters is small, and ends by itself; a tar stream is carried on as it comes.
        else if (head.matches("(?is).*\r\ntransfer-encoding: chunked.*") && !head.contains("/archive"))
            while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n0\r\n\r\n")) read.write(in.read());
        return read.toByteArray();
    }

    private static void refuse(SocketChannel client, String message) throws IOException {
        String body = "{\"message\":\"" + message + "\"}";
        Channels.newOutputStream(client)
            .write(("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
    }

    private static void done(byte[] request) throws IOException {
        try (var engine = SocketChannel.open(UnixDomainSocketAddress.of(ENGINE))) {
            Channels.newOutputStream(engine).write(request);
            Channels.newInputStream(engine).transferTo(OutputStream.nullOutputStream());
        }
    }

    private void carry(SocketChannel client, InputStream in, byte[] request, String text)
        throws IOException, InterruptedException {
        try (var engine = SocketChannel.open(UnixDomainSocketAddress.of(ENGINE))) {
            var to = Channels.newOutputStream(engine);
            to.write(request);
            var more = Thread.ofPlatform().daemon().start(() -> {
                try {
                    in.transferTo(to);
                    engine.shutdownOutput();
                } catch (IOException e) {
                    close(engine);          // a reset is passed on
                }
            });
            var answer = Channels.newInputStream(engine);
            var out = Channels.newOutputStream(client);
            var first = answer.readNBytes(1);
            byte[] buffer = new byte[16 << 10];
            for (int n = answer.read(buffer); n >= 0 || first.length > 0; n = answer.read(buffer)) {
                var part = new ByteArrayOutputStream();
                part.write(first);
                if (n > 0) part.write(buffer, 0, n);
                if (text.contains("/exec HTTP")) remember(text, part.toString(StandardCharsets.UTF_8));
                out.write(part.toByteArray());
                first = new byte[0];
                if (n < 0) break;
            }
            client.shutdownOutput();
            more.join(1000);
        }
    }

    private void remember(String create, String answer) {
        var id = ID.matcher(answer);
        if (id.find()) commands.put(id.group(1), create.substring(create.indexOf("\r\n\r\n") + 4));
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            return;         // gone already
        }
    }

    @Override public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }
}
