package lib.core;

import java.util.Arrays;

/** The documented exit codes of every script. */
public enum ExitCode {
    DONE(0, "done"),
    UNHEALTHY(1, "unhealthy, or a check failed"),
    USAGE(2, "usage or configuration"),
    PREFLIGHT(3, "pre-flight failed: nothing was changed"),
    LOCKED(4, "locked by another deployer, or taken over by one"),
    FAILED(5, "deploy failed; what served before still serves"),
    ROLLED_BACK(6, "rolled back"),
    UNCONFIRMED(7, "traffic's state could not be confirmed: act by hand"),
    INTERRUPTED(130, "Ctrl-C: traffic is on a healthy colour, status tells where it stands"),
    TERMINATED(143, "SIGTERM: the same");

    private final int code;
    /** A line of the table under every --help. */
    public final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() { return code; }
    public boolean isInterruption() { return this == INTERRUPTED || this == TERMINATED; }

    /** A script's; anything else (it was killed) is unconfirmed. */
    public static ExitCode of(int code) {
        return Arrays.stream(values()).filter(c -> c.code == code).findFirst().orElse(UNCONFIRMED);
    }
}
