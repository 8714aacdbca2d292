//JAVA 25+
//SOURCES ../*.java ../lib/**/*.java ../load/*.java

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import lib.cli.Cli;
import lib.config.Config;
import lib.docker.Engine;
import lib.docker.Here;
import lib.http.Http;
import lib.journal.Journal;
import lib.report.Report;

/**
 * All scripts in one jar, as the launcher runs them; and the rehearsal that its AOT cache is made from: what scripts load
 * at their start and on their way. It reads and asks, and changes nothing but a folder of its own.
 */
class Scripts {
    private static final String NOBODY = "bluegreen-rehearsal";      // no such container, image or project

    public static void main(String... project) {
        List.of(new Deploy(), new Switch(), new Status(), new Health(), new Validate(), new Smoke(), new Monitor(),
            new Incident(), new Demo())
            .forEach(script -> Cli.execute(script, "--help"));
        Cli.execute(new Status(), "--json", "-C", project[0]);
        Cli.execute(new Switch(), "--json", "-C", project[0], "--plan", "green");
        Cli.execute(new Deploy(), "--json", "-C", project[0], "--plan", "--version", "1");
        rehearse(Scripts::health);
        rehearse(Scripts::engine);
        rehearse(Scripts::report);
        rehearse(Scripts::everyClass);
        Here.leave();
        Http.leave();
    }

    private interface Part { void play() throws Exception; }

    /** Without one of them the scripts start slower, no more. */
    private static void rehearse(Part part) {
        try {
            part.play();
        } catch (Exception e) {
            System.out.println("not rehearsed: " + e);
        }
    }

    private static void health() throws IOException {
        var app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] healthy = "{\"status\":\"healthy\",\"deployment\":\"blue\",\"version\":\"1\"}"
            .getBytes(StandardCharsets.UTF_8);
        app.createContext("/", asked -> {
            try (asked) {
                asked.sendResponseHeaders(200, healthy.length);
                asked.getResponseBody().write(healthy);
            }
        });
        app.start();
        try {
            Cli.execute(new Health(), "--json", "http://127.0.0.1:" + app.getAddress().getPort());
        } finally {
            app.stop(0);
        }
    }

    private static void engine() {
        var engine = Engine.here();
        engine.containers(NOBODY);
        engine.exec(NOBODY, "true");
        engine.image(NOBODY);
        engine.events(Instant.now().minusSeconds(1), Instant.now(), "container=" + NOBODY);
        engine.follow(_ -> {}, "container=" + NOBODY).close();
    }

    private static void report() throws IOException {
        Path folder = Files.createTempDirectory(NOBODY);
        try {
            Files.writeString(folder.resolve("bluegreen.yaml"), "app: shop\n");
            var config = Config.load(folder, Map.of());
            var journal = Journal.of(config, "deploy");
            journal.write("run", "begin", Map.of("from", "blue", "to", "green", "version", "1"));
            journal.write("run", "end", Map.of("code", 0));
            Report.write(config, journal.run());
        } finally {
            try (var all = Files.walk(folder)) {
                for (Path one : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(one);
            }
        }
    }

    /** What only a deploy under way would load. */
    private static void everyClass() throws IOException, URISyntaxException, ReflectiveOperationException {
        var source = Scripts.class.getProtectionDomain().getCodeSource().getLocation();
        try (var jar = new ZipFile(Path.of(source.toURI()).toFile())) {
            for (var entry : jar.stream().filter(e -> e.getName().matches("lib/.*[.]class")).toList())
                Class.forName(entry.getName().replace(".class", "").replace('/', '.'), false,
                    Scripts.class.getClassLoader());
        }
    }
}
