package lib.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import lib.core.Console;
import lib.core.Text;

/**
 * One HTTP/1.1 connection that is kept alive and never reconnects or retries: what fails on it, fails.
 * Java's own client hides a reset behind a silent retry, which is just what must be seen here.
 * An answer that is malformed, too large or too slow is an IOException, whatever the other side sends.
 */
public final class Connection implements AutoCloseable {

    /** {@code closes}: the server said "Connection: close", so this was the last answer here. Header names in lower case. */
    public record Answer(int status, Map<String, String> headers, String body, boolean closes) {}

    /** Nginx's own limit for a header line is 8 KB, and 32 KB for all. */
    private static final int LINE = 8 << 10, HEAD = 64 << 10;
    private static final int BODY = 8 << 20;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final String host;
    private final Duration limit;
    private long deadline;           // of the answer that is read now

    /** @param limit for connecting, and for each whole answer, however slowly it drips */
    public Connection(String address, int port, Duration limit) throws IOException {
        host = port == 80 ? address : address + ":" + port;
        this.limit = limit;
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(address, port), (int) limit.toMillis());
            in = new BufferedInputStream(new Timed(socket.getInputStream()));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    public Answer get(String path) throws IOException { return send("GET", path, null); }

    /** @param body null: none */
    public Answer send(String method, String path, String body) throws IOException {
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n"
            + (body == null
                ? ""
                : "Content-Type: text/plain\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length
                    + "\r\n")
            + "\r\n";
        deadline = System.nanoTime() + limit.toNanos();
        socket.getOutputStream().write((head + (body == null ? "" : body)).getBytes(StandardCharsets.UTF_8));
        String[] status = readLine().split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("[1-5][0-9]{2}"))
            throw new IOException("not an HTTP answer: " + Text.brief(String.join(" ", status)));
        var headers = new HashMap<String, String>();
        int all = 0;
        for (String line; !(line = readLine()).isEmpty();) {
            if ((all += line.length()) > HEAD) throw new IOException("more than " + HEAD + " bytes of headers");
            int colon = line.indexOf(':');
            if (colon > 0)
                headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        boolean closes = "close".equalsIgnoreCase(headers.get("connection"));
        return new Answer(Integer.parseInt(status[1]), headers, readBody(headers), closes);
    }

    private String readBody(Map<String, String> headers) throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            var all = new ByteArrayOutputStream();
            for (int size; (size = size("chunk size", readLine().split(";", 2)[0].strip(), 16, BODY - all.size())) > 0;
                readLine()) all.write(exactly(size));
            readLine();
            return all.toString(StandardCharsets.UTF_8);
        }
        return new String(exactly(size("content-length", headers.getOrDefault("content-length", "0"), 10, BODY)),
            StandardCharsets.UTF_8);
    }

    private static int size(String name, String number, int base, int left) throws IOException {
        if (!number.matches(base == 16 ? "[0-9a-fA-F]{1,15}" : "[0-9]{1,15}"))
            throw new IOException("not a " + name + ": '" + Text.brief(number) + "'");
        long size = Long.parseLong(number, base);
        if (size > left) throw new IOException("an answer of more than " + BODY + " bytes");
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
            if (c < 0) throw new EOFException(line.isEmpty() ? "closed without an answer" : "closed within an answer");
            if (c != '\r') line.append((char) c);
            if (line.length() > LINE) throw new IOException("a header line of more than " + LINE + " bytes");
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

    /** For what is not request and answer: an upgraded connection. */
    public Socket socket() { return socket; }

    @Override public void close() throws IOException { socket.close(); }
}
