import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import load.Clients;
import load.Habit;
import load.Move;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the strict clients count, at a server that closes each connection after its first answer without saying so. */
class ClientsTest {
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nblue";

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<String> headers = new ConcurrentLinkedQueue<>();

    ClientsTest() throws IOException { Thread.ofVirtual().start(this::serve); }

    @AfterEach void stop() throws IOException { server.close(); }

    private void serve() {
        while (!server.isClosed()) try (Socket client = server.accept()) {
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            int body = 0;
            for (String line; !(line = in.readLine()).isEmpty(); headers.add(line))
                if (line.startsWith("Content-Length: ")) body = Integer.parseInt(line.substring(16));
            in.skip(body);
            client.getOutputStream().write(ANSWER.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            headers.add(e.toString());          // no test asks for such a line
        }
    }

    /** Of one client after a few requests. */
    private Clients.Window asked(Habit habit) throws InterruptedException {
        try (var clients = Clients.start(1, "127.0.0.1", server.getLocalPort(), Duration.ofMillis(20), habit)) {
            while (clients.requests() < 6) Thread.sleep(5);
            clients.close();
            return clients.all();
        }
    }

    @Test void whoDoesNotLookFailsOnAConnectionThatIsClosed() throws Exception {
        var all = asked(Habit.KEPT);
        assertThat(all.failed()).isPositive();
        assertThat(all.closed()).isZero();
    }

    @Test void whoLooksFailsTooButIsCountedApart() throws Exception {
        var all = asked(Habit.LOOKED_AT);
        assertThat(all.failed()).isPositive();
        assertThat(all.closed()).isEqualTo(all.failed());
    }

    @Test void whoComesAnewSaysSoAndLosesNothing() throws Exception {
        var all = asked(Habit.ANEW);
        assertThat(all.failed()).isZero();
        assertThat(headers.stream().filter("Connection: close"::equals).count()).isEqualTo(all.requests());
    }

    @Test void aMoveIsWhatNeitherColourHasForItself() {
        assertThat(new Move(40, 90).window()).isEqualTo(50);
        assertThat(new Move(40, 90).moved()).isEqualTo(90);
        assertThat(new Move(90, 40).window()).as("nothing between the two").isZero();
        assertThat(new Move(90, 40).moved()).isEqualTo(90);
    }
}
