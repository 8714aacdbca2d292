package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import lib.process.Command;
import load.Docker;
import load.Project;

/**
 * What peers are run from: an image with HAProxy, Caddy and wrk from Debian's packages, and what the command line
 * names.
 *
 * @param missing why there is no such image
 */
public record Tools(Path home, Optional<String> missing) implements AutoCloseable {
    static final String IMAGE = "bluegreen-peers-tools";
    private static final String DEBIAN = "bluegreen/debian:forky";       // of setup, where no image can be pulled
    private static final Duration LIMIT = Duration.ofMinutes(5);

    public static Tools build(Path home) {
        var command = Docker.command(LIMIT, "build", "--quiet", "--network", "host", "--tag", IMAGE, "--label",
            label());
        if (Docker.call("image", "inspect", DEBIAN).ok()) command = command.and("--build-arg", "BASE=" + DEBIAN);
        var built = command.and(home.resolve("bench/peers/stack/tools").toString()).run();
        return new Tools(home, built.ok() ? Optional.empty() : Optional.of("no image of it: " + built.last()));
    }

    private static String label() { return "bluegreen.app=" + IMAGE; }

    /** The image of that name, or one with the program at that path as /usr/local/bin/NAME; empty: there is neither. */
    Optional<String> image(String name, String imageOrPath) {
        Path program = Path.of(imageOrPath).toAbsolutePath();
        if (!Files.isRegularFile(program))
            return Docker.call("image", "inspect", imageOrPath).ok() ? Optional.of(imageOrPath) : Optional.empty();
        String image = Stack.PREFIX + "-" + name + "-image";
        var built = Command.of(LIMIT, "docker", "build", "--quiet", "--tag", image, "--label", label(), "--file", "-",
            program.getParent().toString())
            .input("FROM nginx:1.30\nCOPY " + program.getFileName() + " /usr/local/bin/" + name + "\nENTRYPOINT []\n")
            .run();
        return built.ok() ? Optional.of(image) : Optional.empty();
    }

    /** A program in PATH. */
    static Optional<String> inPath(String name) {
        for (String folder : System.getenv("PATH").split(":"))
            if (Files.isExecutable(Path.of(folder, name))) return Optional.of(Path.of(folder, name).toString());
        return Optional.empty();
    }

    @Override public void close() throws IOException { remove(); }
    public static void remove() throws IOException { Project.remove(IMAGE); }
}
