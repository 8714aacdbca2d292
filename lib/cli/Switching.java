package lib.cli;

import java.util.Optional;
import lib.config.Way;
import picocli.CommandLine.Option;

/** Of the scripts that move the traffic: how the workers take it. */
public final class Switching {
    @Option(names = "--via", paramLabel = "WAY",
        description = "instant (a symlink) or reload (SIGHUP); default: switching: in the configuration")
    public Optional<Way> via = Optional.empty();
}
