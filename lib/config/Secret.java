package lib.config;

/** How much of a value may be somebody's secret, and so must not be shown. */
public enum Secret {
    NOTHING,
    /** What follows a command's name. */
    ARGUMENTS,
    ALL
}
