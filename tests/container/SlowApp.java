import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** An app of the tests whose answer takes 3 s: on runtime/java or, as "bare", without it. */
public final class SlowApp {
    private static final int PORT = 3008;

    public static void main(String... args) throws IOException {
        if (args.length > 0 && args[0].equals("bare")) bare();
        else new Server(PORT, "blue", "1").route("/", SLOW).start();
    }

    private static final HttpHandler SLOW = exchange -> {
        try {
            Thread.sleep(3000);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Server.answer(exchange, 200, "text/plain", "slow");
    };

    private static void bare() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(PORT), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", SLOW);
        server.start();
        System.out.println("bare listens on " + PORT);
    }
}
