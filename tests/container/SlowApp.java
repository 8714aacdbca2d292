import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/**
 * An app of the tests: its answer takes 3 s, or 100 ms of CPU at /blue/busy, or has 20 MB at /blue/large. On
 * runtime/java or, as "bare", without it.
 */
public final class SlowApp {
    private static final int PORT = 3008;

    public static void main(String... args) throws IOException {
        if (args.length > 0 && args[0].equals("bare")) bare();
        else
            new Server(PORT, "blue", "1")
                .route("/", SLOW)
                .route("/blue/busy", BUSY)
                .route("/blue/large", x -> Server.answer(x, 200, "text/plain", "blue".repeat(5_000_000)))
                .start();
    }

    private static final HttpHandler SLOW = exchange -> {
        System.out.println("slow begins");
        try {
            Thread.sleep(3000);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Server.answer(exchange, 200, "text/plain", "slow");
    };

    private static final HttpHandler BUSY = exchange -> {
        for (long end = System.nanoTime() + 100_000_000; System.nanoTime() < end;) Thread.onSpinWait();
        Server.answer(exchange, 200, "text/plain", "busy");
    };

    private static void bare() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(PORT), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", SLOW);
        server.start();
        System.out.println("bare listens on " + PORT);
    }
}
