import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lib.nginx.Nginx;
import lib.process.Command;
import load.Docker;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Isolated;

/** The engine itself goes away and comes back. */
@Isolated
class FaultEngineTest extends Faults {
    private static final Path STARTED = Path.of(
        System.getenv().getOrDefault("XDG_CACHE_HOME", System.getProperty("user.home") + "/.cache"),
        "bluegreen/dockerd.pid");

    FaultEngineTest() throws IOException { super("engine", "The engine"); }

    /**
     * Only an engine that ./bluegreen setup has started, and that runs nothing but this: nobody else's may be stopped.
     */
    @TestFactory Stream<DynamicTest> the_engine() throws IOException {
        long others = Docker.call("ps", "--format", "{{.Names}}")
            .out()
            .lines()
            .filter(name -> !name.startsWith(project.name))
            .count();
        if (engine().isEmpty() || others > 0) return Stream.of();
        return Stream.of(
            row("the Docker daemon restarted", 0, this::restart,
                next("deploy", "--version", r.version(), "--monitor", "0s")),
            row("the Docker daemon restarted while a deploy watches", 0, this::restartDuringDeploy,
                next("deploy", "--version", r.version(), "--monitor", "0s")));
    }

    /**
     * The deploy goes on (0), is rolled back (6), or says that a person must look (7): never that nothing was changed.
     */
    private void restartDuringDeploy() throws Exception {
        Process deploy = r.until("watch begin", "deploy", "--version", r.version(), "--monitor", "20s");
        var said = new StringBuilder();
        Reliability.listen(deploy.inputReader(), said);
        restart();
        assertThat(deploy.waitFor(2, TimeUnit.MINUTES)).as("the deploy comes to an end").isTrue();
        assertThat(deploy.exitValue()).as(said.toString()).isIn(0, 6, 7);
    }

    private void restart() throws Exception {
        var engine = engine().orElseThrow();
        engine.destroy();
        engine.onExit().get(60, TimeUnit.SECONDS);
        var setup = Command.of(Duration.ofMinutes(2), Bluegreen.HOME.resolve("bluegreen").toString(), "setup", "--yes")
            .run();
        assertThat(setup.ok()).as(setup.err()).isTrue();
        for (int i = 0; i < 300 && Nginx.serving(project.config()).isEmpty(); i++) Thread.sleep(100);
    }

    /** The process of the number in the file, if it is that engine: it names the file on its command line. */
    private static Optional<ProcessHandle> engine() throws IOException {
        if (!Files.exists(STARTED)) return Optional.empty();
        return ProcessHandle.of(Long.parseLong(Files.readString(STARTED).strip()))
            .filter(p -> p.info().commandLine().filter(c -> c.contains("--pidfile=" + STARTED)).isPresent());
    }
}
