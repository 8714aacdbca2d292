package load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client on a bad line: its POST comes a byte at a time, spread evenly over a time. */
public final class Drip {
    private Drip() {}

    /** The answer's status. @throws IOException when there is none */
    public static int post(String address, int port, String path, String body, Duration over)
        throws IOException, InterruptedException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (var socket = new Socket(address, port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
            var out = socket.getOutputStream();
            String head = "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n";
            out.write(head.formatted(path, address, bytes.length).getBytes(StandardCharsets.UTF_8));
            for (byte b : bytes) {
                Thread.sleep(over.dividedBy(bytes.length));
                out.write(b);
            }
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String status = in.readLine();
            if (status == null) throw new IOException("closed without an answer");
            return Integer.parseInt(status.split(" ")[1]);
        }
    }
}
