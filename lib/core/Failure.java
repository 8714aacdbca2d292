package lib.core;

/** What a person is told when a script stops: what happened, why, and the next command to type (null: none). */
public final class Failure extends RuntimeException {
    public final ExitCode code;
    public final String why;
    public final String next;

    public Failure(ExitCode code, String what, String why, String next) {
        super(what);
        this.code = code;
        this.why = why;
        this.next = next;
    }

    public Failure(ExitCode code, String what, String why, String next, Throwable cause) {
        this(code, what, why, next);
        initCause(cause);
    }

    /** As it is told: "nothing was changed" only when that is so. */
    public Failure after(boolean changed) {
        return changed && code == ExitCode.PREFLIGHT
            ? new Failure(ExitCode.FAILED, getMessage(), why, next, this)
            : this;
    }

    public static Failure usage(String what, String why, String next) {
        return new Failure(ExitCode.USAGE, what, why, next);
    }
    public static Failure preflight(String what, String why, String next) {
        return new Failure(ExitCode.PREFLIGHT, what, why, next);
    }
}
