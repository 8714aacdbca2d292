import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.ExecutionException;

/**
 * The JDK's HTTP server on virtual threads, with graceful shutdown and the two health endpoints. One file beside
 * ConnectionDrain and GracefulShutdown.
 *
 * <ul>
 * <li>/api/health: readiness. 200 when ready; 503 while going, above {@code maxActive} requests in flight, or
 *     when a check fails.
 * <li>/api/live: liveness. 200 as long as the process answers at all, also while it goes: a draining app is not dead.
 * </ul>
 */
public final class Server {
    private static final Duration CHECK_LIMIT = Duration.ofSeconds(1);

    private final HttpServer server;
    private final ConnectionDrain drain = new ConnectionDrain();
    private final GracefulShutdown shutdown = new GracefulShutdown(drain).stopAccepting(this::stopAccepting);
    private final Map<String, Callable<Boolean>> checks = new LinkedHashMap<>();
    private final String deployment, version;
    private int maxActive = 1000;

    static {
        // Beyond 200 idle connections (the default) the JDK's server closes one without a word, and a request that
        // Nginx just sent on it gets 502. Idle ones live longer than Nginx keeps them (1.5 s). Must be set before use.
        System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
        System.setProperty("sun.net.httpserver.idleInterval", "60");
    }

    /** @param version what is baked into the image; @param deployment blue or green */
    public Server(int port, String deployment, String version) throws IOException {
        this.deployment = deployment;
        this.version = version;
        server = HttpServer.create(new InetSocketAddress(port), 4096);
        server.setExecutor(drain.counting(Executors.newVirtualThreadPerTaskExecutor()));
        server.createContext("/api/health", this::ready);
        server.createContext("/api/live", x -> answer(x, 200, "application/json", "{\"status\":\"alive\"}\n"));
    }

    /** Counted, and waited for at a shutdown. */
    public Server route(String path, HttpHandler handler) {
        server.createContext(path, x -> {
            try (var _ = drain.enter(x.getRequestMethod(), x.getRequestURI().getPath())) {
                if (drain.draining()) x.getResponseHeaders().set("Connection", "close");
                handler.handle(x);
            }
        });
        return this;
    }

    /** Part of readiness; more than a second, an exception or false is a failure. */
    public Server check(String name, Callable<Boolean> check) { checks.put(name, check); return this; }
    public Server maxActive(int requests) { maxActive = requests; return this; }
    public ConnectionDrain drain() { return drain; }
    public GracefulShutdown shutdown() { return shutdown; }

    public void start() {
        server.start();
        shutdown.install();
        System.out.println(deployment + " " + version + " listens on " + server.getAddress().getPort());
    }

    /** HttpServer.stop closes the listening socket at once and then waits: not here. */
    public void stopAccepting() {
        acceptWhatWaits();
        Thread.ofPlatform().daemon().start(() -> server.stop(3600));
    }

    /** The queue is served in order: when a connection of our own is answered, each before it has been accepted. */
    private void acceptWhatWaits() {
        int limit = (int) CHECK_LIMIT.toMillis();
        try (var own = new Socket()) {
            own.setSoTimeout(limit);
            own.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getAddress().getPort()), limit);
            own.getOutputStream().write("GET /api/live HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            own.getInputStream().read();
        } catch (SocketTimeoutException busy) {
            System.out.println("shutdown: no answer to a request of its own within " + CHECK_LIMIT.toSeconds() + " s");
        } catch (IOException e) {
            System.out.println("shutdown: closing without a look at what waits: " + e);
        }
    }

    private void ready(HttpExchange x) throws IOException {
        var results = new StringBuilder();
        boolean ready = !drain.draining() && drain.active() <= maxActive;
        for (var check : checks.entrySet()) {
            long began = System.nanoTime();
            String error = run(check.getValue());
            ready &= error == null;
            results.append(results.isEmpty() ? "" : ",")
                .append(String.format(Locale.ROOT, "\"%s\":{\"ok\":%s,\"ms\":%d%s}", check.getKey(), error == null,
                    (System.nanoTime() - began) / 1_000_000, error == null ? "" : ",\"error\":\"" + error + "\""));
        }
        if (drain.draining()) x.getResponseHeaders().set("Connection", "close");
        answer(x, ready ? 200 : 503, "application/json", String.format(Locale.ROOT, """
            {"status":"%s","deployment":"%s","version":"%s","readiness":%s,\
            "graceful_shutdown":{"enabled":true,"accepting_requests":%s,"active_connections":%d},"checks":{%s}}
            """, ready ? "healthy" : drain.draining() ? "draining" : "unhealthy", deployment, version, ready,
            !drain.draining(), drain.active(), results));
    }

    /** Null when it passed. */
    private static String run(Callable<Boolean> check) {
        var task = new FutureTask<>(check);
        Thread.ofVirtual().start(task);
        try {
            return task.get(CHECK_LIMIT.toMillis(), TimeUnit.MILLISECONDS) ? null : "failed";
        } catch (TimeoutException e) {
            return "no answer within 1 s";
        } catch (ExecutionException e) {
            return e.getCause().getClass().getSimpleName();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    public static void answer(HttpExchange x, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        x.getResponseHeaders().set("Content-Type", type);
        x.sendResponseHeaders(status, bytes.length);
        try (var out = x.getResponseBody()) {
            out.write(bytes);
        }
    }
}
