package lib.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.deploy.OldImages;
import lib.stack.Stack;
import load.Docker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds on a real engine: what is told of one that holds a secret, and which of many go. */
@Tag("engine")
class ImagesTest {
    private static final String APP = "bgtest-images", LABEL = "label=bluegreen.app=" + APP;
    @TempDir Path project;

    private Config config(String dockerfile) throws IOException {
        Files.writeString(project.resolve("Dockerfile"), dockerfile);
        Files.writeString(project.resolve("bluegreen.yaml"), "app: " + APP
            + "\nimages: {keep: 2}\nbuild: {args: {TOKEN: hunter2-token, PLAIN: hunter2-plain, NODE: '24', FILED: 'file:filed'}}\n");
        Files.writeString(project.resolve("filed"), "hunter2-filed\n");
        return Config.load(project, Map.of());
    }

    @AfterEach void down() {
        for (String id : images()) Docker.call("rmi", "--force", id);
    }
    private static List<String> images() {
        return Docker.call("images", "--quiet", "--no-trunc", "--filter", LABEL).out().lines().distinct().toList();
    }

    private Failure failing(String dockerfile, Duration limit, List<String> seen) {
        var failure = catchThrowableOfType(Failure.class,
            () -> new Stack(config(dockerfile)).images().build(APP + ":1", "1", limit, seen::add));
        assertThat(failure.code).isEqualTo(ExitCode.PREFLIGHT);
        assertThat(failure.whatAndWhy() + failure.next() + seen).doesNotContain("hunter2");
        return failure;
    }

    @Test void a_build_that_fails_tells_its_last_words_without_its_arguments_values() {
        var seen = new ArrayList<String>();
        var failure = failing(
            "FROM node:24\nARG TOKEN\nARG FILED\nRUN echo \"fetching with $TOKEN and $FILED\" && exit 3\n",
            Duration.ofMinutes(2), seen);
        assertThat(failure).hasMessage("the image " + APP + ":1 was not built");
        assertThat(failure.why().orElseThrow()).contains("fetching with [redacted] and [redacted]");
        assertThat(seen.toString()).contains("fetching with [redacted]");
    }

    @Test void a_build_at_its_limit_says_so_and_shows_no_build_argument() {
        var failure = failing("FROM node:24\nARG TOKEN\nRUN echo \"$TOKEN\" && sleep 7\n", Duration.ofSeconds(4),
            new ArrayList<>());
        assertThat(failure).hasMessage("the image " + APP + ":1 was not built within 4.0 s");
        assertThat(failure.why().orElseThrow()).doesNotContain("build-arg");
    }

    @Test void a_secret_argument_reaches_the_build_although_no_command_line_shows_it() throws IOException {
        var built = new Stack(config(
            "FROM node:24\nARG TOKEN\nARG PLAIN\nARG NODE\nARG FILED\n"
                + "RUN test \"$TOKEN $PLAIN $NODE $FILED\" = 'hunter2-token hunter2-plain 24 hunter2-filed'\n"))
            .images()
            .build(APP + ":1", "1", _ -> {});
        assertThat(images()).containsExactly(built.id());
    }

    @Test void a_docker_call_that_hangs_is_told_without_its_arguments() {
        var failure = catchThrowableOfType(Failure.class,
            () -> Engine.here().run("redis:8", "none", Duration.ofMillis(1500), "sh", "-c", "sleep 30 # hunter2"));
        assertThat(failure.whatAndWhy())
            .isEqualTo("Docker does not answer: docker run: no answer within 1.5 s");
    }

    /** All but the last line come from the cache, and so does their time: the engine's order of them is no order. */
    @Test void of_builds_from_the_cache_those_stay_that_were_used_last() throws IOException {
        var ids = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            var config = config("FROM node:24\nRUN echo once > /once\nLABEL number=" + i + "\n");
            ids.add(new Stack(config).images().build(APP + ":" + i, String.valueOf(i), _ -> {}).id());
        }
        assertThat(Docker.call("image", "inspect", "--format", "{{.Created}}", ids.get(0)).out())
            .isEqualTo(Docker.call("image", "inspect", "--format", "{{.Created}}", ids.get(4)).out());
        var config = Config.load(project, Map.of());
        assertThat(OldImages.prune(config, Engine.here(), Set.of(ids.get(2)),
            List.of(ids.get(0), "sha256:gone", ids.get(3), ids.get(1)))).isEqualTo(2);
        assertThat(images()).containsExactlyInAnyOrder(ids.get(0), ids.get(2), ids.get(3));
        assertThat(OldImages.prune(config, Engine.here(), Set.of(), List.of())).isEqualTo(1);
    }
}
