package lib.docker;

import java.time.Duration;
import java.util.TreeMap;
import java.util.function.Consumer;
import lib.config.Config;
import lib.process.Command;
import lib.secrets.Redaction;

/** Builds the app's image. */
public interface ImageBuilder {
    /**
     * The configured build, with the version as build argument VERSION.
     * @param progress each line as it comes, without the values of arguments
     * @return its exit code and what it said, without them too
     * @throws lib.core.Failure (pre-flight) when there is no engine
     */
    Command.Result build(String reference, String version, Duration limit, Consumer<String> progress);

    /** By the docker command: BuildKit has no API of its own in the engine. */
    static ImageBuilder buildKit(Config config) {
        return (reference, version, limit, progress) -> {
            var command = DockerCommand.of(limit, "build", "--progress", "plain", "--tag", reference,
                "--file", config.dockerfile().toString(), "--build-arg", "VERSION=" + version,
                "--label", "bluegreen.app=" + config.app());
            if (config.buildTarget().isPresent()) command = command.and("--target", config.buildTarget().get());
            var secrets = new TreeMap<>(config.buildArgs());
            secrets.keySet().removeIf(name -> !Redaction.looksSecret(name));
            secrets.putAll(References.ofBuild(config));
            // Everybody on the machine can see a command's arguments: a secret's value goes through the environment.
            for (String name : secrets.keySet()) command = command.and("--build-arg", name);
            for (var arg : config.buildArgs().entrySet())
                if (!secrets.containsKey(arg.getKey()))
                    command = command.and("--build-arg", arg.getKey() + "=" + arg.getValue());
            var redaction = Redaction.of(config).and(config.buildArgs().values()).and(secrets.values());
            var built = command.with(secrets)
                .and(config.buildContext().orElseThrow().toString())
                .run(line -> progress.accept(redaction.apply(line)));
            DockerCommand.answered(built);
            return new Command.Result(built.code(), redaction.apply(built.out()), redaction.apply(built.err()));
        };
    }
}
