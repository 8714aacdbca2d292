package lib.config;

import java.util.Locale;

/** What HTTP is answered with: what HTTPS would be, or where HTTPS is. */
public enum Redirect {
    NONE, HTTPS;

    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
