package lib.config;

import java.util.Locale;

/** When a worker goes to the new version: when that was watched and is good, or before it gets its first request. */
public enum When {
    WATCHED, SWITCH;

    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
