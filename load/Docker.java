package load;

import java.time.Duration;
import lib.process.Command;

/** The docker command, as a person types it: what tests and benchmarks look at and break things with. */
public final class Docker {
    private Docker() {}

    public static Command.Result call(String... arguments) { return command(Duration.ofSeconds(60), arguments).run(); }

    public static Command command(Duration limit, String... arguments) {
        return Command.of(limit, "docker").and(arguments);
    }
}
