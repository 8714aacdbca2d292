import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lib.core.Resource;
import lib.process.Command;
import load.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that docs and package.json promise, word for word, in a checkout in which nothing was ever done. */
class WorkflowTest {
    private static final String APP = "unite-hub";

    @TempDir Path folder;

    /** Ports of its own; nothing else is set: a watch of two minutes is shortened. */
    private Map<String, String> variables() throws IOException {
        var free = Project.freePorts(5);
        var all = new HashMap<>(Map.of("BLUEGREEN_PORTS_HTTP", "127.0.0.1:" + free.get(0),
            "BLUEGREEN_PORTS_HTTPS", "127.0.0.1:" + free.get(1), "BLUEGREEN_PORTS_CONTROL", "" + free.get(2),
            "BLUEGREEN_PORTS_BLUE", "" + free.get(3), "BLUEGREEN_PORTS_GREEN", "" + free.get(4)));
        all.putAll(Map.of("BLUEGREEN_MONITOR", "3s", "BLUEGREEN_THRESHOLDS_DISK", "1MB",
            "BLUEGREEN_THRESHOLDS_LATENCY", "5s", "XDG_DATA_HOME", folder.resolve("data").toString()));
        return all;
    }

    @Test void the_workflow_from_npm_works_on_a_fresh_clone_in_its_order() throws IOException {
        Path clone = folder.resolve("clone");
        var cloned = Command.of(Duration.ofMinutes(1), "sh", "-c", "mkdir \"$1\" && git ls-files -z | xargs -0 cp -P"
            + " --parents -t \"$1\"", "sh", clone.toString()).in(Bluegreen.HOME).run();
        assertThat(cloned.ok()).as(cloned.err()).isTrue();
        var variables = variables();
        try {
            run(clone, variables, "npm run deploy:validate -- --env production");
            run(clone, variables, "npm run docker:build -- --tag unite-hub:1.0.0");
            run(clone, variables, "npm run deploy:test");
            var deployed = run(clone, variables,
                "npm run deploy:blue-green -- --target blue --env production --version 1.0.0");
            assertThat(deployed.out()).containsPattern("(?m)^\\d\\d:\\d\\d:\\d\\d ✓ health ");
            run(clone, variables, "npm run deploy:monitor");
            assertThat(run(clone, variables, "npm run deploy:switch").out()).contains("Nothing to do.");
            run(clone, variables, "docker logs unite-hub-app-blue");
            run(clone, variables, "npm run deploy:analyze-incident");

            assertThat(mounted())
                .isEqualTo(folder.resolve("data/bluegreen/nginx")
                    .resolve(Resource.edition("nginx"))
                    .toString());
        } finally {
            Project.remove(APP);
        }
    }

    private static String mounted() {
        return Command.of(Duration.ofSeconds(10), "docker", "inspect", "--format",
            "{{range .Mounts}}{{if eq .Destination \"/etc/nginx/bluegreen\"}}{{.Source}}{{end}}{{end}}",
            APP + "-nginx").run().out().strip();
    }

    private static Command.Result run(Path in, Map<String, String> variables, String line) {
        var words = List.of(line.split(" "));
        var said = Command.of(Duration.ofMinutes(8), words.getFirst())
            .and(words.subList(1, words.size()).toArray(String[]::new))
            .in(in)
            .with(variables)
            .run();
        assertThat(said.code()).as(line + "\n" + said.out() + said.err()).isZero();
        return said;
    }
}
