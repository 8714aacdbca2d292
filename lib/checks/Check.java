package lib.checks;

import java.time.Duration;
import java.util.Optional;
import lib.core.Failure;

/**
 * One thing to be sure of before a deploy, e.g. {@code new Check("clock", HostChecks::clock)}. Each stands in the list
 * ALL of {@link HostChecks}, {@link StackChecks} or {@link NginxChecks}, and has its row in docs/validate.md.
 */
public record Check(String name, Look look) {

    /** A {@link Failure} that it throws is a fail with its reason; {@link Skipped} is a skip. */
    @FunctionalInterface public interface Look { Outcome at(Facts facts) throws Exception; }

    /** {@code reason}: a short sentence for a person. {@code fix}: what to do, often a command. */
    public sealed interface Outcome {
        String reason();
        default Optional<String> fix() { return Optional.empty(); }
        record Pass(String reason) implements Outcome {}
        record Warn(String reason, Optional<String> fix) implements Outcome {}
        record Fail(String reason, Optional<String> fix) implements Outcome {}
        record Skip(String reason) implements Outcome {}
    }

    public record Result(String name, Outcome outcome, Duration took) {}

    /** There is nothing to look at, and that is all right. */
    static final class Skipped extends RuntimeException {
        Skipped(String reason) { super(reason, null, false, false); }
    }

    static Outcome pass(String reason) { return new Outcome.Pass(reason); }
    static Outcome warn(String reason) { return new Outcome.Warn(reason, Optional.empty()); }
    static Outcome warn(String reason, String fix) { return new Outcome.Warn(reason, Optional.of(fix)); }
    static Outcome fail(String reason) { return new Outcome.Fail(reason, Optional.empty()); }
    static Outcome fail(String reason, String fix) { return new Outcome.Fail(reason, Optional.of(fix)); }
    static Outcome skip(String reason) { return new Outcome.Skip(reason); }
}
