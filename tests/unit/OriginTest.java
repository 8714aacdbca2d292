package lib.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lib.config.Config;
import lib.process.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who runs it and from where, as a run's first line in the journal has it. */
class OriginTest {
    @TempDir Path project;

    private Map<String, Object> origin(Map<String, String> variables) {
        return Origin.of(Config.load(project, Map.of()), true, variables);
    }

    private void git(String... arguments) {
        var said = Command.of(Duration.ofSeconds(20), "git", "-c", "user.name=a", "-c", "user.email=a@example.org")
            .and(arguments)
            .in(project)
            .run();
        assertThat(said.ok()).as(said.err()).isTrue();
    }

    @Test void the_job_and_whoever_started_it_are_named_as_each_ci_names_them() {
        assertThat(origin(Map.of("GITHUB_RUN_ID", "77", "GITHUB_REPOSITORY", "acme/shop", "GITHUB_ACTOR", "ann")))
            .containsEntry("actor", "ann")
            .containsEntry("job", "https://github.com/acme/shop/actions/runs/77");
        assertThat(
            origin(Map.of("GITLAB_USER_LOGIN", "bob", "CI_JOB_URL", "https://u:hunter2secret@git.example/jobs/7")))
            .containsEntry("actor", "bob")
            .extractingByKey("job")
            .asString()
            .contains("git.example/jobs/7")
            .doesNotContain("hunter2secret");
        assertThat(origin(Map.of())).containsOnlyKeys("by");
    }

    @Test void the_commit_says_when_files_differ_from_it() throws IOException {
        Files.writeString(project.resolve("a"), "1");
        git("init", "--quiet");
        git("add", "a");
        git("commit", "--quiet", "--message", "one");
        assertThat(String.valueOf(origin(Map.of()).get("commit"))).matches("[0-9a-f]{12}");
        Files.writeString(project.resolve("a"), "2");
        assertThat(String.valueOf(origin(Map.of()).get("commit"))).matches("[0-9a-f]{12}-dirty");
    }
}
