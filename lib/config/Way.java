package lib.config;

import java.util.Locale;

/** How the workers take a generation: a symlink that they read at each request, or a reload. */
public enum Way {
    INSTANT, RELOAD;

    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
