package lib.config;

import java.util.Locale;

/** What happens to a version that a watch can say nothing of. */
public enum Doubt {
    KEEP, ROLLBACK;

    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
