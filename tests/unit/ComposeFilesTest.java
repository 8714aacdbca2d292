import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lib.core.Json;
import lib.process.Command;
import org.junit.jupiter.api.Test;

/** The compose files as Docker merges them. */
class ComposeFilesTest {
    @Test void in_production_too_a_colour_that_was_stopped_on_purpose_does_not_come_back_with_the_engine() {
        Path folder = Path.of(System.getenv("BLUEGREEN_HOME"), "compose");
        var merged = Command.of(Duration.ofSeconds(20), "docker", "compose", "--file", "docker-compose.blue-green.yml",
            "--file", "docker-compose.prod.yml", "config", "--format", "json")
            .in(folder)
            .with(Map.of("POSTGRES_PASSWORD", "x"))
            .run();
        assertThat(merged.ok()).as(merged.err()).isTrue();
        var services = Json.read(merged.out()).orElseThrow().path("services");
        for (String colour : new String[] {"app-blue", "app-green"})
            assertThat(services.path(colour).path("restart").asText()).as(colour).isEqualTo("unless-stopped");
        assertThat(services.at("/nginx/restart").asText()).as("what nobody stops on purpose").isEqualTo("always");
    }
}
