package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.process.Command;
import load.Project;

/** The compose project of a peer, with its images, from a copy of stack/ that its commands may edit. */
final class Stack {
    static final String PREFIX = "bluegreen-peers";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    final String name;
    final int port;
    private final Path home, folder;
    private final Map<String, String> variables;

    /** @param profile of compose.yml @param images that the profile asks for by a variable */
    Stack(Path home, String profile, Map<String, String> images) throws IOException {
        this.home = home;
        name = PREFIX + "-" + profile;
        port = Project.freePorts(1).getFirst();
        folder = Files.createTempDirectory(name + "-");
        variables = new HashMap<>(images);
        variables.putAll(Map.of("NAME", name, "PORT", String.valueOf(port), "COMPOSE_PROJECT_NAME", name,
            "COMPOSE_PROFILES", profile, "COMPOSE_FILE", folder.resolve("compose.yml").toString()));
    }

    /** All services of the profile, from images of the same app with each version's number baked in. */
    void up(String... options) throws IOException {
        Project.copy(home.resolve("bench/peers/stack"), folder);
        for (int version = 1; version <= Trial.VERSIONS; version++)
            done(Command.of(LIMIT, "docker", "build", "--quiet", "--tag", name + ":" + version, "--label",
                "bluegreen.app=" + name, "--build-arg", "VERSION=" + version, "--file",
                home.resolve(Ours.DOCKERFILE).toString(), home.toString()));
        var command = new ArrayList<>(List.of("docker", "compose", "up", "--detach"));
        command.addAll(List.of(options));
        run(Map.of(), command.toArray(String[]::new));
    }

    String container(String service) { return name + "-" + service + "-1"; }

    /** A command as a person types it, with the variables of compose.yml. */
    void run(Map<String, String> more, String... command) {
        var all = new HashMap<>(variables);
        all.putAll(more);
        done(Command.of(LIMIT, command).with(all).in(folder));
    }

    /** A line of shell in a service's container. */
    void in(String service, String shell) { run(Map.of(), "docker", "exec", container(service), "sh", "-c", shell); }

    private static void done(Command command) {
        var result = command.run();
        if (!result.ok())
            throw new Failure(ExitCode.FAILED, String.join(" ", command.arguments()) + " " + result.end(),
                result.last());
    }

    void remove() throws IOException {
        Project.remove(name);
        if (Files.exists(folder)) Project.delete(folder);
    }
}
