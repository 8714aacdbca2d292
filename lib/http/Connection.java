package lib.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import lib.core.Console;
import lib.core.Text;

/**
 * One HTTP/1.1 connection that is kept alive and never reconnects or retries: what fails on it, fails.
 * Java's own client hides a reset behind a silent retry, which is just what must be seen here.
 * An answer that is malformed, too large or too slow is an IOException, whatever the other side sends.
 */
public final class Connection implements AutoCloseable {

    /**
     * {@code closes}: the server said "Connection: close", so this was the last answer here. Header names in lower
     * case.
     */
    public record Answer(int status, Map<String, String> headers, String body, boolean closes) {}

    /** Of an app's headers Nginx takes 16 KB (proxy_buffer_size). */
    private static final int LINE = 16 << 10, HEAD = 64 << 10;
    private static final int BODY = 8 << 20;
    static final String CLOSED = "closed without an answer";
    /** Of answers before the answer: "100 Continue", "103 Early Hints". */
    private static final int INTERIM = 10;

    private final Socket socket;
    private final InputStream in;
    private final String host;
    private final Duration limit;
    private final int most;          // bytes of a body
    private long deadline;           // of the answer that is read now

    /** @param limit for connecting, and for each whole answer, however slowly it drips */
    public Connection(String address, int port, Duration limit) throws IOException {
        this(plain(address, port, limit), port == 80 ? address : address + ":" + port, limit, BODY);
    }

    /** To the host of a URL, https too. @param most bytes of a body; more is an IOException */
    static Connection to(URI url, Duration limit, int most) throws IOException {
        boolean tls = url.getScheme().equals("https");
        int port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        var socket = plain(url.getHost(), port, limit);
        String host = url.getPort() >= 0 ? url.getHost() + ":" + port : url.getHost();
        return new Connection(tls ? secure(socket, url.getHost(), port, limit) : socket, host, limit, most);
    }

    private Connection(Socket socket, String host, Duration limit, int most) throws IOException {
        this.socket = socket;
        this.host = host;
        this.limit = limit;
        this.most = most;
        in = new BufferedInputStream(new Timed(socket.getInputStream()));
    }

    private static Socket plain(String address, int port, Duration limit) throws IOException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(address, port), millis(limit));
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static int millis(Duration limit) { return (int) Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE); }

    /** With a certificate that the JDK trusts, for this host. */
    private static Socket secure(Socket plain, String host, int port, Duration limit) throws IOException {
        try {
            plain.setSoTimeout(millis(limit));
            var socket = (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault())
                .createSocket(plain, host, port, true);
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    public Answer get(String path) throws IOException { return send("GET", path, null); }

    /** @param body null: none */
    public Answer send(String method, String path, String body) throws IOException {
        return send(method, path, body, "");
    }

    /** The same as the only request here, and says so: the server closes. */
    public Answer sendOnly(String method, String path, String body) throws IOException {
        return send(method, path, body, "Connection: close\r\n");
    }

    private Answer send(String method, String path, String body, String header) throws IOException {
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: bluegreen\r\n" + header
            + (body == null
                ? ""
                : "Content-Type: text/plain\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length
                    + "\r\n")
            + "\r\n";
        deadline = System.nanoTime() + limit.toNanos();
        socket.getOutputStream().write((head + (body == null ? "" : body)).getBytes(StandardCharsets.UTF_8));
        for (int interim = 0; interim <= INTERIM; interim++) {
            int status = status();
            var headers = headers();
            if (status / 100 == 1 && status != SWITCHING) continue;
            boolean hasBody = !method.equals("HEAD") && status != SWITCHING && status != 204 && status != 304;
            var framing = hasBody ? Framing.of(headers) : Framing.NONE;
            boolean closes = framing == Framing.CLOSE || "close".equalsIgnoreCase(headers.get("connection"));
            return new Answer(status, headers, readBody(framing, headers), closes);
        }
        throw new ProtocolException("more than " + INTERIM + " answers before the answer");
    }

    private static final int SWITCHING = 101;

    private int status() throws IOException {
        String[] words = readLine().split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-5][0-9]{2}"))
            throw new ProtocolException(Text.brief(String.join(" ", words)));
        return Integer.parseInt(words[1]);
    }

    private Map<String, String> headers() throws IOException {
        var headers = new HashMap<String, String>();
        int all = 0;
        for (String line; !(line = readLine()).isEmpty();) {
            if ((all += line.length()) > HEAD) throw new ProtocolException("more than " + HEAD + " bytes of headers");
            int colon = line.indexOf(':');
            if (colon > 0)
                headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        return headers;
    }

    /** How a body ends. */
    private enum Framing {
        NONE, LENGTH, CHUNKED, CLOSE;

        static Framing of(Map<String, String> headers) {
            if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) return CHUNKED;
            return headers.containsKey("content-length") ? LENGTH : CLOSE;
        }
    }

    private String readBody(Framing framing, Map<String, String> headers) throws IOException {
        byte[] body = switch (framing) {
            case NONE -> new byte[0];
            case LENGTH -> exactly(size("content-length", headers.get("content-length"), 10, most));
            case CHUNKED -> chunks();
            case CLOSE -> toTheEnd();
        };
        return new String(body, StandardCharsets.UTF_8);
    }

    private byte[] chunks() throws IOException {
        var all = new ByteArrayOutputStream();
        for (int size; (size = size("chunk size", readLine().split(";", 2)[0].strip(), 16, most - all.size())) > 0;
            readLine()) all.write(exactly(size));
        readLine();
        return all.toByteArray();
    }

    private byte[] toTheEnd() throws IOException {
        byte[] body = in.readNBytes(most + 1);
        if (body.length > most) throw tooLong();
        return body;
    }

    private IOException tooLong() { return new IOException("the answer is longer than " + (most >> 10) + " KB"); }

    private int size(String name, String number, int base, int left) throws IOException {
        if (!number.matches(base == 16 ? "[0-9a-fA-F]{1,15}" : "[0-9]{1,15}"))
            throw new ProtocolException(name + ": " + Text.brief(number));
        long size = Long.parseLong(number, base);
        if (size > left) throw tooLong();
        return (int) size;
    }

    private byte[] exactly(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) throw new EOFException("closed within an answer");
        return bytes;
    }

    private String readLine() throws IOException {
        var line = new StringBuilder();
        for (int c; (c = in.read()) != '\n';) {
            if (c < 0) throw new EOFException(line.isEmpty() ? CLOSED : "closed within an answer");
            if (c != '\r') line.append((char) c);
            if (line.length() > LINE) throw new ProtocolException("a header line of more than " + LINE + " bytes");
        }
        return line.toString();
    }

    /** The socket's own timeout counts from each byte: what is left of the whole is set before each read. */
    private final class Timed extends FilterInputStream {
        Timed(InputStream in) { super(in); }

        @Override public int read(byte[] to, int from, int length) throws IOException {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) throw new SocketTimeoutException("no whole answer within " + Console.seconds(limit));
            socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
            return super.read(to, from, length);
        }
    }

    /**
     * Between two answers: closed by the other side, so that nothing sent would be answered. It looks for a
     * millisecond.
     */
    public boolean isOver() {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException quiet) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** For what is not request and answer: an upgraded connection. */
    public Socket socket() { return socket; }

    @Override public void close() throws IOException { socket.close(); }
}
