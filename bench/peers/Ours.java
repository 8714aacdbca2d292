package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.process.Command;
import load.Project;

/** bluegreen, by its scripts as a person types them. @param via instant or reload */
record Ours(Project project, String via) implements Peer {
    static final String DOCKERFILE = "bench/peers/stack/app/Dockerfile";

    static Ours of(Path home, String via) throws IOException {
        var project = new Project(Stack.PREFIX + "-" + via, home);
        project.variable("BLUEGREEN_BUILD_DOCKERFILE", home.resolve(DOCKERFILE).toString());
        return new Ours(project, via);
    }

    @Override public void start() throws IOException {
        project.run("deploy", "--version", "1", "--monitor", "0s").ended(0);
        project.run("deploy", "--version", "2", "--monitor", "0s", "--via", via).ended(0);
        for (int version = 3; version <= Trial.VERSIONS; version++) {
            var image = Command.of(java.time.Duration.ofMinutes(1), "docker", "build", "--quiet", "--tag",
                project.name + ":" + version, "-")
                .input("FROM " + project.name + ":1\nENV APP_VERSION=" + version + "\n")
                .run();
            if (!image.ok()) throw new Failure(ExitCode.FAILED, "version " + version + " was not built", image.err());
        }
        switchTo(Colour.BLUE);
    }

    @Override public int port() { return project.http; }
    @Override public String proxy() { return project.name + "-nginx"; }

    @Override public void switchTo(Colour to) {
        project.run("switch", to.toString(), "--no-drain", "--via", via).ended(0);
    }

    @Override public void deploy(Colour to, String version) {
        project.run("deploy", "--target", to.toString(), "--version", version, "--no-build", "--monitor", "0s",
            "--via", via).ended(0);
    }

    @Override
    public void rollback(Colour to) { project.run("switch", "--rollback", "--no-drain", "--via", via).ended(0); }

    @Override public void close() throws IOException { if (Files.exists(project.folder)) project.close(); }
}
