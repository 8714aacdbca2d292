package lib;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** A real server on loopback that answers each path in a way that no server should. */
public final class HostileServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    /** Bytes that a client let it send. */
    public final AtomicLong sent = new AtomicLong();
    /** How often the redirect was followed. */
    public final AtomicLong followed = new AtomicLong();

    public HostileServer() throws IOException {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) try {
                var client = server.accept();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (IOException e) {
                return;       // closed
            }
        });
    }

    public int port() { return server.getLocalPort(); }
    public URI url(String path) { return URI.create("http://127.0.0.1:" + port() + path); }

    private void answer(Socket client) {
        try (client) {
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            String path = in.readLine().split(" ")[1];
            while (!in.readLine().isEmpty()) continue;
            var out = client.getOutputStream();
            switch (path) {
                case "/big" -> {
                    send(out, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
                    for (int i = 0; i < 1600; i++) send(out, "x".repeat(65536));
                }
                case "/gzip" -> send(out,
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001f\u008b\u0008\u0000");
                case "/chunks" -> {
                    send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (;;) send(out, "3e8\r\n" + "y".repeat(1000) + "\r\n");
                }
                case "/drip" -> {
                    send(out, "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n");
                    for (;;) {
                        send(out, "z");
                        Thread.sleep(50);
                    }
                }
                case "/drip-head" -> {
                    send(out, "HTTP/1.1 200 OK\r\nX: ");
                    for (;;) {
                        send(out, "z");
                        Thread.sleep(50);
                    }
                }
                case "/headers" -> {
                    send(out, "HTTP/1.1 200 OK\r\n");
                    for (int i = 0;; i++) send(out, "X-" + i + ": " + "h".repeat(1000) + "\r\n");
                }
                case "/line" -> { send(out, "HTTP/1.1 200 OK\r\nX: "); for (;;) send(out, "l".repeat(1000)); }
                case "/continue" -> { for (;;) send(out, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"); }
                case "/redirect" ->
                    send(out, "HTTP/1.1 302 Found\r\nLocation: " + url("/healthy") + "\r\nContent-Length: 0\r\n\r\n");
                case "/healthy" -> { followed.incrementAndGet(); json(out, "{\"status\":\"healthy\"}"); }
                case "/invalid" -> json(out, "{\"status\":\"healthy\"");
                case "/deep" -> json(out, "{\"status\":".repeat(5000) + "1" + "}".repeat(5000));
                case "/number" -> json(out, "{\"status\":" + "9".repeat(5000) + "}");
                case "/object" -> json(out, "{\"status\":{\"a\":[]},\"version\":[],\"deployment\":null}");
                case "/escapes" -> json(out,
                    "{\"status\":\"\\u0000\\u001b[2J\\u001b]0;owned\\u0007\\u009b31m\\u202egood\\n  ✓ switch   "
                        + "s".repeat(30000) + "\"}");
                case "/negative" -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello");
                case "/huge" -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello");
                case "/text" -> send(out, "HTTP/1.1 200 OK\r\nContent-Length: 5; five\r\n\r\nhello");
                case "/chunk-text" ->
                    send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n");
                case "/chunk-negative" ->
                    send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n");
                case "/chunk-huge" ->
                    send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\nhello");
                case "/status" -> send(out, "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n");
                case "/noise" -> send(out, "\u0000\u00ff\u0001".repeat(100) + "\r\n\r\n");
                // Answers that are odd, and good.
                case "/hints" -> {
                    send(out, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
                    json(out, "{\"status\":\"healthy\"}");
                }
                case "/to-the-end" -> send(out, "HTTP/1.0 200 OK\r\n\r\n{\"status\":\"healthy\"}");
                case "/to-no-end" -> {
                    send(out, "HTTP/1.0 200 OK\r\n\r\n");
                    for (;;) send(out, "e".repeat(1000));
                }
                case "/no-content" -> send(out, "HTTP/1.1 204 No Content\r\n\r\n");
                case "/query?a=%20b" -> json(out, "{\"status\":\"healthy\"}");
                default -> send(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            }
            client.shutdownOutput();
            while (in.read() >= 0) continue;
        } catch (IOException e) {
            // The client has had enough: what the tests wait for.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void json(OutputStream out, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        send(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n");
        out.write(bytes);
    }

    private void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        sent.addAndGet(text.length());
    }

    @Override public void close() throws IOException { server.close(); }
}
