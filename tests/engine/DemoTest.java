import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import lib.core.Json;
import lib.process.Command;
import org.junit.jupiter.api.Test;

/** The first of the README's two commands. */
class DemoTest {
    @Test void the_demo_loses_no_request_and_leaves_nothing_behind() {
        var demo = Command.of(Duration.ofMinutes(5), Bluegreen.HOME.resolve("bluegreen").toString(), "demo", "--json",
            "--yes").run();
        assertThat(demo.code()).as(demo.err()).isZero();
        var result = Json.read(demo.out().strip().lines().reduce((_, last) -> last).orElseThrow()).orElseThrow();
        assertThat(result.path("failed").asLong()).isZero();
        assertThat(result.path("requests").asLong()).isGreaterThan(10_000);
        assertThat(result.path("switches").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(result.path("rollbackMs").asLong()).isPositive();
        assertThat(Command.of(Duration.ofSeconds(10), "docker", "ps", "--all", "--quiet", "--filter",
            "label=com.docker.compose.project=bluegreen-demo").run().out()).isEmpty();
        assertThat(Command.of(Duration.ofSeconds(10), "docker", "images", "--quiet", "bluegreen-demo").run().out())
            .isEmpty();
        assertThat(
            Command.of(Duration.ofSeconds(10), "docker", "volume", "ls", "--quiet", "--filter", "name=bluegreen-demo")
                .run()
                .out())
            .isEmpty();
    }
}
