package lib.core;

import java.util.Optional;

/** What a person is told when a script stops: what happened and, where there is more to say, why and what to type. */
public final class Failure extends RuntimeException {
    public final ExitCode code;
    private final Optional<String> why;
    private final Optional<String> next;

    public Failure(ExitCode code, String what) { this(code, what, Optional.empty(), Optional.empty(), null); }

    /** @param why null where an exception of others gives no reason */
    public Failure(ExitCode code, String what, String why) {
        this(code, what, Optional.ofNullable(why), Optional.empty(), null);
    }

    public Failure(ExitCode code, String what, String why, String next) {
        this(code, what, Optional.ofNullable(why), Optional.of(next), null);
    }

    private Failure(ExitCode code, String what, Optional<String> why, Optional<String> next, Throwable cause) {
        super(what, cause);
        this.code = code;
        this.why = why;
        this.next = next;
    }

    public static Failure usage(String what) { return new Failure(ExitCode.USAGE, what); }
    public static Failure usage(String what, String why) { return new Failure(ExitCode.USAGE, what, why); }
    public static Failure usage(String what, String why, String next) {
        return new Failure(ExitCode.USAGE, what, why, next);
    }

    public static Failure preflight(String what) { return new Failure(ExitCode.PREFLIGHT, what); }
    public static Failure preflight(String what, String why) { return new Failure(ExitCode.PREFLIGHT, what, why); }
    public static Failure preflight(String what, String why, String next) {
        return new Failure(ExitCode.PREFLIGHT, what, why, next);
    }

    public Failure why(String reason) { return new Failure(code, getMessage(), Optional.of(reason), next, getCause()); }
    public Failure next(String command) {
        return new Failure(code, getMessage(), why, Optional.of(command), getCause());
    }
    public Failure causedBy(Throwable cause) { return new Failure(code, getMessage(), why, next, cause); }

    public Optional<String> why() { return why; }
    public Optional<String> next() { return next; }

    public String whatAndWhy() { return getMessage() + why.map(w -> ": " + w).orElse(""); }
    /** The same, with the first line of why. */
    public String inOneLine() {
        return getMessage() + why.flatMap(w -> w.lines().findFirst()).map(w -> ": " + w).orElse("");
    }

    /** As it is told: "nothing was changed" only when that is so. */
    public Failure after(boolean changed) {
        return changed && code == ExitCode.PREFLIGHT
            ? new Failure(ExitCode.FAILED, getMessage(), why, next, this)
            : this;
    }
}
