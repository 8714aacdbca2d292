package lib.docker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Failure;
import lib.core.PercentEncoding;
import lib.process.Command;

/** Compose, for the project's files: what a service is made of. */
public interface Compose {
    /**
     * "docker compose ARGUMENTS". {@code variables}: of the compose files; {@code progress}: each line as it comes.
     * @throws Failure (usage) a compose file cannot be read; (pre-flight) when there is no docker command, or no engine
     */
    Command.Result run(Duration limit, Map<String, String> variables, Consumer<String> progress, String... arguments);

    /** "2.40.3" in {@code out}, where there is a compose v2. */
    Command.Result version(Duration limit);

    /** The same as a person can paste it. */
    String text(Map<String, String> variables, String... arguments);

    /** By the docker command: compose has no API in the engine. */
    static Compose of(Config config) { return new ByCommand(config); }

    record ByCommand(Config config) implements Compose {
        @Override public Command.Result run(Duration limit, Map<String, String> variables, Consumer<String> progress,
            String... arguments) {
            return DockerCommand.answered(command(limit, variables, arguments).run(progress));
        }

        @Override public Command.Result version(Duration limit) {
            var command = DockerCommand.of(limit, "compose", "version", "--short");
            return DockerCommand.inTime(command, command.run());
        }

        @Override public String text(Map<String, String> variables, String... arguments) {
            return command(Duration.ZERO, variables, arguments).toString();
        }

        private Command command(Duration limit, Map<String, String> variables, String... arguments) {
            var all = new ArrayList<>(List.of("compose", "--project-name", config.composeProject()));
            // Where one is named, compose does not look for the usual one. Of two, the later one wins.
            dotEnv().ifPresent(file -> all.addAll(List.of("--env-file", file.toString())));
            all.addAll(List.of("--env-file", new ComposeEnvironment(config).write(variables)));
            for (Path file : config.composeFiles()) {
                if (!Files.isReadable(file))
                    throw Failure.usage("cannot read the compose file " + file,
                        "compose.files in bluegreen.yaml names it",
                        "init   in an app's folder that has no bluegreen.yaml");
                all.addAll(List.of("--file", file.toString()));
            }
            all.addAll(List.of(arguments));
            // The process's own environment would win over the file: say the same in both. Its passwords go into no
            // file.
            var environment = PercentEncoding.forUrls(System.getenv());
            environment.putAll(variables);
            return DockerCommand.of(limit, all.toArray(String[]::new)).with(environment);
        }

        /** Beside the first compose file, where compose looks for it, or in the project's folder. */
        private Optional<Path> dotEnv() {
            var beside = config.composeFiles().stream().limit(1).map(file -> file.resolveSibling(".env"));
            return Stream.concat(beside, Stream.of(config.project().resolve(".env")))
                .filter(Files::isReadable)
                .findFirst();
        }
    }
}
