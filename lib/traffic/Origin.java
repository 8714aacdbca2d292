package lib.traffic;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.nginx.Lock;
import lib.process.Command;
import lib.secrets.Redaction;

/** Who runs it, from where, and of which commit: facts of a run's first line in the journal. */
final class Origin {
    /** Whom a CI names as the one who started its job. */
    private static final List<String> ACTORS = List.of("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID",
        "CIRCLE_USERNAME", "BUILDKITE_BUILD_CREATOR", "CI_COMMIT_AUTHOR");
    /** The job's page: GitLab, Jenkins, CircleCI, Buildkite, Woodpecker. */
    private static final List<String> JOBS = List.of("CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL",
        "BUILDKITE_BUILD_URL", "CI_PIPELINE_URL");
    /** A repository of any size is looked through for changes in less; and a deploy does not need to know. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private Origin() {}

    /** @param builds it is made from the project's folder, so the commit tells what it is */
    static Map<String, Object> of(Config config, boolean builds) { return of(config, builds, System.getenv()); }

    static Map<String, Object> of(Config config, boolean builds, Map<String, String> variables) {
        var facts = new LinkedHashMap<String, Object>();
        var redaction = Redaction.of(config);
        facts.put("by", Lock.who());
        first(ACTORS, variables).ifPresent(actor -> facts.put("actor", redaction.apply(actor)));
        job(variables).ifPresent(job -> facts.put("job", redaction.apply(job)));
        if (builds) commit(config).ifPresent(commit -> facts.put("commit", commit));
        return facts;
    }

    private static Optional<String> first(List<String> names, Map<String, String> variables) {
        return names.stream().map(n -> variables.getOrDefault(n, "")).filter(v -> !v.isBlank()).findFirst();
    }

    private static Optional<String> job(Map<String, String> variables) {
        var run = Optional.ofNullable(variables.get("GITHUB_RUN_ID"));
        return run.map(id -> variables.getOrDefault("GITHUB_SERVER_URL", "https://github.com") + "/"
            + variables.get("GITHUB_REPOSITORY") + "/actions/runs/" + id).or(() -> first(JOBS, variables));
    }

    /** "3f2a9c1d04be", with "-dirty" where files differ from it; empty: no repository, or no git. */
    private static Optional<String> commit(Config config) {
        var said = Command.of(LOOK, "git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
            .in(config.project())
            .run();
        return Optional.of(said.out().strip()).filter(c -> said.ok() && c.matches("[0-9a-f]{7,64}(-dirty)?"));
    }
}
