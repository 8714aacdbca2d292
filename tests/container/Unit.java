package container;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import lib.http.Connection;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.utility.MountableFile;

/** One container as a unit: on a free port of 127.0.0.1, its files copied in, so that nothing of it is left. */
final class Unit extends GenericContainer<Unit> {
    static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    private static final Duration LIMIT = Duration.ofSeconds(15);

    Unit(String image, int... ports) {
        super(image);
        withExposedPorts(Arrays.stream(ports).boxed().toArray(Integer[]::new));
        withCreateContainerCmdModifier(command -> onLoopback(command, ports));
    }

    private static void onLoopback(CreateContainerCmd command, int... ports) {
        command.getHostConfig()
            .withPortBindings(Arrays.stream(ports)
                .mapToObj(port -> new PortBinding(Ports.Binding.bindIp("127.0.0.1"), ExposedPort.tcp(port)))
                .toList());
    }

    /** @param from a file or a folder of the checkout */
    Unit copy(String from, String to) {
        return withCopyFileToContainer(MountableFile.forHostPath(HOME.resolve(from)), to);
    }

    Connection connect(int port) throws IOException { return new Connection("127.0.0.1", getMappedPort(port), LIMIT); }

    Connection.Answer ask(int port, String method, String path) throws IOException {
        try (var connection = connect(port)) {
            return connection.send(method, path, method.equals("GET") ? null : "x");
        }
    }

    /** A command in it that must end with 0. */
    String sh(String command) {
        var said = run(command);
        if (said.getExitCode() != 0) throw new AssertionError(command + ": " + said.getStdout() + said.getStderr());
        return said.getStdout().strip();
    }

    ExecResult run(String command) {
        try {
            return execInContainer("sh", "-c", command);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(command, e);
        }
    }

    void kill() { getDockerClient().killContainerCmd(getContainerId()).exec(); }
    /** After its process has ended: the same container. */
    void again() { getDockerClient().startContainerCmd(getContainerId()).exec(); }

    /** Its processes stand still. */
    void pause() { getDockerClient().pauseContainerCmd(getContainerId()).exec(); }
    void unpause() { getDockerClient().unpauseContainerCmd(getContainerId()).exec(); }

    /** As "docker stop" does: SIGTERM, and SIGKILL after the grace. */
    void stop(Duration grace) {
        getDockerClient().stopContainerCmd(getContainerId()).withTimeout((int) grace.toSeconds()).exec();
    }

    long exitCode() { return getCurrentContainerInfo().getState().getExitCodeLong(); }

    String log() { return getLogs(OutputFrame.OutputType.STDOUT, OutputFrame.OutputType.STDERR); }
}
