//JAVA 25+
//SOURCES stage.java stagedEngine.java ../*.java ../lib/**/*.java ../load/*.java

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import lib.cli.Cli;
import lib.core.Threads;
import lib.docker.Here;
import lib.http.Http;

/**
 * All scripts in one jar, as the launcher runs them; and the rehearsal that its AOT cache is made from: what scripts load
 * at their start and on their way, on a {@link Stage}.
 */
class Scripts {
    /** @param folders the stage's, which is thrown away, and bluegreen's own */
    public static void main(String... folders) throws IOException, URISyntaxException, ReflectiveOperationException {
        Threads.start(Scripts::limit);
        Path socket = Path.of(folders[0]).resolve("docker.sock");
        if (!("unix://" + socket).equals(System.getenv("DOCKER_HOST"))) throw new IOException("that is a real engine");
        if (System.getenv().keySet().stream().anyMatch(name -> name.startsWith("BLUEGREEN_")))
            throw new IOException("that is a real configuration");
        var project = Files.createDirectory(Path.of(folders[0]).resolve("project"));
        try (var stage = new Stage(socket, project, Path.of(folders[1]))) {
            for (var script : List.of(new Deploy(), new Switch(), new Status(), new Health(), new Validate(),
                new Smoke(),
                new Monitor(), new Incident(), new Demo())) Cli.execute(script, "--help");
            Cli.execute(new Health(), "--json", "http://127.0.0.1:" + stage.port(Stage.Port.BLUE));
            for (var scene : scenes())
                Cli.execute(scene.script(), scene.in(project));
        }
        everyClass();
        Here.leave();
        Http.leave();
    }

    private record Scene(Callable<Integer> script, String... arguments) {
        String[] in(Path project) {
            return Stream.concat(Stream.of("-C", project.toString()), Stream.of(arguments)).toArray(String[]::new);
        }
    }

    private static List<Scene> scenes() {
        return List.of(new Scene(new Status()), new Scene(new Switch(), "--plan", "green"),
            new Scene(new Switch(), "green"), new Scene(new Deploy(), "--plan", "--version", "2"),
            new Scene(new Deploy(), "--version", "2"), new Scene(new Switch(), "--rollback", "--no-drain"),
            new Scene(new Status(), "--json"), new Scene(new Monitor()));
    }

    /** One that hangs would keep the next build from being rehearsed. */
    private static void limit() {
        try {
            Thread.sleep(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
            return;
        }
        Runtime.getRuntime().halt(1);
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
