package lib.docker;

import java.time.Duration;
import lib.core.Console;
import lib.core.Failure;
import lib.process.Command;

/** The docker command, for what the engine's API does not have: compose and BuildKit. */
final class DockerCommand {
    private DockerCommand() {}

    static Command of(Duration limit, String... arguments) { return Command.of(limit, "docker").and(arguments); }

    /** @throws Failure (pre-flight) when there is no docker command, or it reached no engine */
    static Command.Result answered(Command.Result result) {
        if (result.ok()) return result;
        if (result.code() == Command.Result.NOT_STARTED && result.err().contains("No such file"))
            throw Failure.preflight("docker is not installed", "no docker on PATH",
                "https://docs.docker.com/engine/install/");
        EngineError.of(result.err()).ifPresent(failure -> { throw failure; });
        return result;
    }

    /** The same; one that did not end in time is no answer either. */
    static Command.Result inTime(Command command, Command.Result result) {
        // Its arguments are not told: they may hold a secret.
        if (!answered(result).ended())
            throw Failure.preflight("Docker does not answer",
                command.verb() + ": no answer within " + Console.seconds(command.limit()), "docker info");
        return result;
    }
}
