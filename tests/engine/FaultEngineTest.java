import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lib.Command;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Isolated;

/** The engine itself goes away and comes back. */
@Isolated
class FaultEngineTest extends Faults {
    FaultEngineTest() throws IOException { super("engine", "The engine"); }

    /** Only an engine that ./bluegreen setup has started, and that runs nothing but this: nobody else's may be stopped. */
    @TestFactory Stream<DynamicTest> the_engine() throws IOException {
        var started = Path.of(System.getenv().getOrDefault("XDG_CACHE_HOME", System.getProperty("user.home") + "/.cache"), "bluegreen/dockerd.pid");
        long others = lib.Docker.call("ps", "--format", "{{.Names}}").out().lines().filter(name -> !name.startsWith(project.name)).count();
        if (!Files.exists(started) || others > 0) return Stream.of();
        return Stream.of(row("the Docker daemon restarted", 100_000, () -> {
            var engine = ProcessHandle.of(Long.parseLong(Files.readString(started).strip())).orElseThrow();
            engine.destroy();
            engine.onExit().get(60, TimeUnit.SECONDS);
            assertThat(Command.of(Duration.ofMinutes(2), Engine.HOME.resolve("bluegreen").toString(), "setup", "--yes").run().ok()).isTrue();
            for (int i = 0; i < 300 && lib.Nginx.serving(project.config()).isEmpty(); i++) Thread.sleep(100);
        }, next("deploy", "--version", r.version(), "--monitor", "1s")));
    }
}
