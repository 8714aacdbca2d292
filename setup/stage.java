import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Json;
import lib.core.Version;
import lib.nginx.Generation;

/**
 * What scripts are rehearsed on: a project, the ports of Nginx and of two colours that are well, and an engine with
 * nothing behind it ({@link StagedEngine}). Nothing is tested here: what a script loads on its way is noted.
 */
final class Stage implements AutoCloseable {
    static final String APP = "rehearsal";

    enum Port { HTTP, HTTPS, CONTROL, BLUE, GREEN }

    private final Path project;
    private final Map<Port, HttpServer> ports = new EnumMap<>(Port.class);
    private final StagedEngine engine;
    volatile Generation serving = Generation.all(2, Colour.BLUE, true, Version.of("1"), Way.INSTANT);

    /** @param socket of the engine; @param project an empty folder; @param home of bluegreen */
    Stage(Path socket, Path project, Path home) throws IOException {
        this.project = project;
        for (Port port : Port.values()) ports.put(port, open(port));
        Files.writeString(project.resolve("Dockerfile"), "FROM scratch\n");
        Files.writeString(project.resolve("bluegreen.yaml"), """
            app: %s
            ports: {http: 127.0.0.1:%d, https: 127.0.0.1:%d, control: %d, blue: %d, green: %d}
            compose: {files: [%s]}
            health: {timeout: 5s}
            monitor: 1s
            """
            .formatted(APP, port(Port.HTTP), port(Port.HTTPS), port(Port.CONTROL), port(Port.BLUE), port(Port.GREEN),
                home.resolve("compose/docker-compose.blue-green.yml")));
        engine = new StagedEngine(socket, this);
    }

    int port(Port port) { return ports.get(port).getAddress().getPort(); }

    private HttpServer open(Port port) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", asked -> {
            try (asked) {
                byte[] said = answer(port, asked.getRequestURI().getPath()).getBytes(StandardCharsets.UTF_8);
                asked.sendResponseHeaders(200, said.length);
                asked.getResponseBody().write(said);
            }
        });
        server.start();
        return server;
    }

    private String answer(Port port, String path) {
        if (path.equals("/deployment")) return serving.json();
        if (path.equals("/health/deployment"))
            return Json.line(Map.of("deployment", serving.active().toString(), "generation", serving.number()));
        boolean green = port == Port.GREEN || path.equals("/health/green");
        boolean blue = port == Port.BLUE || path.equals("/health/blue");
        var colour = green ? Colour.GREEN : blue ? Colour.BLUE : serving.active();
        // With whatever an app's own may have: what it is read by belongs into the cache as well.
        var checks = Map.of("redis", Map.of("ok", true, "ms", 1.5), "open", List.of(0, 12_345_678_901L, "none"));
        return Json.line(Map.of("status", "healthy", "deployment", colour.toString(), "version",
            version("app-" + colour), "checks", checks));
    }

    /** What a service would have been started as by compose. */
    String version(String service) {
        String variable = service.replace("app-", "APP_").toUpperCase(Locale.ROOT) + "_VERSION=";
        Path pinned = project.resolve(".deployment/compose.env");
        try {
            var lines = Files.exists(pinned) ? Files.readAllLines(pinned) : List.<String>of();
            var set = lines.stream().filter(l -> l.startsWith(variable)).findFirst();
            return set.map(l -> l.substring(variable.length()).replaceAll("[\"']", "")).orElse("1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override public void close() throws IOException {
        engine.close();
        ports.values().forEach(p -> p.stop(0));
    }
}
