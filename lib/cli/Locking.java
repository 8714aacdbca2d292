package lib.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Of the scripts that change something: they wait for the lock. */
public final class Locking {
    @Option(names = "--wait-lock", paramLabel = "DURATION",
        description = "wait for another deployer, e.g. 5m (default: exit 4)")
    public Duration wait = Duration.ZERO;
}
