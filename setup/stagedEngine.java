import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import lib.core.Json;
import lib.nginx.Generation;

/** The engine's API on a socket, as far as the scripts of a {@link Stage} ask it. */
final class StagedEngine implements AutoCloseable {
    private static final List<String> SERVICES = List.of("nginx", "app-blue", "app-green");
    private static final String IMAGE = "sha256:" + "a".repeat(64);
    private static final String RAW = "Content-Type: application/vnd.docker.raw-stream\r\n";

    private final Stage stage;
    private final ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    private final Instant began = Instant.now().minusSeconds(100);
    private final Map<String, String> execs = new ConcurrentHashMap<>();      // variables and command, by exec
    private final AtomicInteger count = new AtomicInteger();
    private final Queue<String> journal = new ConcurrentLinkedQueue<>();

    StagedEngine(Path path, Stage stage) throws IOException {
        this.stage = stage;
        socket.bind(UnixDomainSocketAddress.of(path));
        Thread.ofPlatform().daemon().start(this::listen);
    }

    private void listen() {
        for (;;) try {
            var connection = socket.accept();
            Thread.ofPlatform().daemon().start(() -> serve(connection));
        } catch (IOException closed) {
            return;
        }
    }

    /** One request: bluegreen opens a connection for each. */
    private void serve(SocketChannel connection) {
        try (connection) {
            var in = Channels.newInputStream(connection);
            var out = Channels.newOutputStream(connection);
            String path = line(in).split(" ")[1];
            var headers = new HashMap<String, String>();
            for (String l; !(l = line(in)).isEmpty();)
                headers.put(l.substring(0, l.indexOf(':')).toLowerCase(Locale.ROOT),
                    l.substring(l.indexOf(':') + 1).strip());
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            if (path.matches("/exec/.*/start")) process(path.split("/")[2], headers.containsKey("upgrade"), in, out);
            else if (path.startsWith("/events") && !path.contains("until")) follow(in, out);
            else answer(path, body, out);
        } catch (IOException gone) {
            return;
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c; (c = in.read()) != '\n' && c >= 0;) if (c != '\r') line.write(c);
        return line.toString(StandardCharsets.UTF_8);
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private void answer(String path, String body, OutputStream out) throws IOException {
        String json = json(path, body);
        String head = "HTTP/1.1 " + (json.isEmpty() ? "204 No Content" : "200 OK") + "\r\nConnection: close\r\n";
        write(out, head + (json.isEmpty() ? "" : "Content-Length: " + json.length() + "\r\n") + "\r\n" + json);
    }

    private static void follow(InputStream in, OutputStream out) throws IOException {
        write(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
        in.transferTo(OutputStream.nullOutputStream());
    }

    /** Empty: what was ordered is done. */
    private String json(String path, String body) {
        if (path.startsWith("/containers/json"))
            return Json.of(SERVICES.stream().map(s -> Map.of("Id", id(s))).toList()).toString();
        if (path.matches("/containers/.*/json"))
            return container(SERVICES.get(Integer.parseInt(path.split("/")[2], 16)));
        if (path.endsWith("/exec")) return created(body);
        if (path.startsWith("/exec/")) return "{\"Running\":false,\"ExitCode\":0}";
        if (path.startsWith("/images/json")) return "[]";
        if (path.matches("/images/.*/json"))
            return Json.line(Map.of("Id", IMAGE, "Size", 1000, "Config", Map.of("Labels", Map.of())));
        if (path.matches("/(info|version)")) return "{\"ServerVersion\":\"28.0.0\",\"Version\":\"28.0.0\"}";
        return "";
    }

    private String created(String asked) {
        String exec = "e" + count.incrementAndGet();
        var words = new ArrayList<String>();
        for (String field : List.of("Env", "Cmd"))
            Json.read(asked).orElseThrow().path(field).forEach(w -> words.add(w.asText()));
        execs.put(exec, String.join(" ", words));
        return "{\"Id\":\"" + exec + "\"}";
    }

    private static String id(String service) { return "%064x".formatted(SERVICES.indexOf(service)); }

    private String container(String service) {
        var published = switch (service) {
            case "app-blue" -> Map.of("3008/tcp", Stage.Port.BLUE);
            case "app-green" -> Map.of("3008/tcp", Stage.Port.GREEN);
            default -> Map.of("80/tcp", Stage.Port.HTTP, "443/tcp", Stage.Port.HTTPS, "9180/tcp", Stage.Port.CONTROL);
        };
        var ports = published.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey,
                p -> List.of(Map.of("HostIp", "127.0.0.1", "HostPort", String.valueOf(stage.port(p.getValue()))))));
        var labels = Map.of("com.docker.compose.service", service, "version", stage.version(service));
        return Json.line(Map.of("Id", id(service), "Name", "/" + Stage.APP + "-" + service + "-1", "Image", IMAGE,
            "State", Map.of("Status", "running", "Running", true, "StartedAt", began.toString(), "FinishedAt",
                "0001-01-01T00:00:00Z"),
            "Config", Map.of("Labels", labels, "Env", List.of("PATH=/bin")),
            "HostConfig", Map.of("PortBindings", ports),
            "NetworkSettings", Map.of("Networks", Map.of("net", Map.of("IPAddress", "127.0.0.2"))),
            "Mounts", List.of()));
    }

    // Processes in a container

    private void process(String exec, boolean held, InputStream in, OutputStream out) throws IOException {
        String command = execs.get(exec);
        write(out, held
            ? "HTTP/1.1 101 UPGRADED\r\n" + RAW + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
            : "HTTP/1.1 200 OK\r\n" + RAW + "\r\n");
        if (!held) say(out, said(command));
        else if (command.contains("logs.sh read")) say(out, log(command));
        else if (command.contains("lock.sh")) lock(in, out);
        else for (var lines = lines(in); lines.readLine() != null;) say(out, ".\n");
    }

    private static BufferedReader lines(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    private void lock(InputStream in, OutputStream out) throws IOException {
        var lines = lines(in);
        say(out, picture() + lines.readLine() + "\n");
        for (String line; (line = lines.readLine()) != null;) {
            journal.add(line);
            say(out, line + "\n");
        }
    }

    private String said(String command) {
        if (command.startsWith("date")) return System.currentTimeMillis() * 1_000_000 + "\n";
        if (command.contains("picture.sh")) return picture();
        if (!command.contains("generation.sh")) return "";
        String json = command.replaceFirst(".*DEPLOYMENT=", "").replaceFirst(" .*", "");
        stage.serving = Generation.read(json).orElseThrow();
        return System.currentTimeMillis() + "\n";
    }

    private String picture() {
        return "## generations\ngen-" + stage.serving.number() + "\n## current\n" + stage.serving.json()
            + "\n## journal\n" + String.join("\n", journal) + "\n## requests\n" + System.currentTimeMillis()
            + "\n## end\n";
    }

    /** As many requests as a verdict needs, once. */
    private String log(String command) {
        if (command.contains(" 1:")) return "#free 1000000\n";
        String requests = """
            {"time":"%s","at":%.3f,"deployment":"%s","generation":%d,"method":"GET","uri":"/","status":200,"bytes":2,\
            "seconds":0.001,"upstream":"127.0.0.2:3008","upstream_status":"200","upstream_seconds":"0.001",\
            "client":"127.0.0.1","request_id":"0"}
            """
            .formatted(Instant.now(), System.currentTimeMillis() / 1e3, stage.serving.active(),
                stage.serving.number())
            .repeat(120);
        return "#1 0 " + requests.length() + "\n" + requests + "#free 1000000\n";
    }

    /** As a frame of its standard output. */
    private static void say(OutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var frame = ByteBuffer.allocate(8 + bytes.length)
            .put((byte) 1)
            .put(new byte[3])
            .putInt(bytes.length)
            .put(bytes);
        out.write(frame.array());
    }

    @Override public void close() throws IOException { socket.close(); }
}
