//JAVA 25+
//SOURCES stage.java stagedEngine.java ../*.java ../lib/**/*.java ../load/*.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import lib.cli.Cli;
import lib.core.Threads;
import lib.docker.Here;
import lib.http.Http;

/**
 * All scripts in one jar, as the launcher runs them; and the rehearsal of one, that its AOT cache is made from: what it
 * loads at its start and on its way, on a {@link Stage}.
 */
class Scripts {
    /** @param given the stage's folder, which is thrown away, bluegreen's own, and the script: Switch */
    public static void main(String... given) throws IOException {
        Threads.start(Scripts::limit);
        Path socket = Path.of(given[0]).resolve("docker.sock");
        if (!("unix://" + socket).equals(System.getenv("DOCKER_HOST"))) throw new IOException("that is a real engine");
        if (System.getenv().keySet().stream().anyMatch(name -> name.startsWith("BLUEGREEN_")))
            throw new IOException("that is a real configuration");
        var project = Files.createDirectory(Path.of(given[0]).resolve("project"));
        try (var stage = new Stage(socket, project, Path.of(given[1]))) {
            var scenes = scenes(given[2], stage);
            Cli.execute(scenes.getLast().script(), "--help");
            for (var scene : scenes) Cli.execute(scene.script(), scene.in(project));
        }
        Here.leave();
        Http.leave();
    }

    private record Scene(Callable<Integer> script, String... arguments) {
        String[] in(Path project) {
            if (script instanceof Health) return arguments;
            return Stream.concat(Stream.of("-C", project.toString()), Stream.of(arguments)).toArray(String[]::new);
        }
    }

    /** No more than the script needs: each class costs time at each start. What has no scene begins like status. */
    private static List<Scene> scenes(String script, Stage stage) {
        var toGreen = new Scene(new Switch(), "green");              // what a person moves to is one to go back to
        var deploy = new Scene(new Deploy(), "--version", "2");
        return switch (script) {
            case "Health" -> List.of(new Scene(new Health(), "http://127.0.0.1:" + stage.port(Stage.Port.BLUE)));
            case "Deploy" -> List.of(new Scene(new Deploy(), "--plan", "--version", "2"), deploy);
            case "Switch" -> List.of(new Scene(new Switch(), "--plan", "green"), toGreen, deploy,
                new Scene(new Switch(), "--rollback", "--no-drain"));
            case "Shell" -> List.of(new Scene(new Shell(), "-"));                  // nothing comes in, but JShell is up
            case "Monitor" -> List.of(new Scene(new Monitor()));
            default -> List.of(toGreen, deploy, new Scene(new Status()), new Scene(new Status(), "--json"));
        };
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
}
