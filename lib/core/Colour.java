package lib.core;

import java.util.Locale;
import java.util.Optional;

/** One of the two identical environments. */
public enum Colour {
    BLUE, GREEN;

    public Colour other() { return this == BLUE ? GREEN : BLUE; }

    /** "blue" or "green", as in the state file, labels and service names. */
    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }

    /** By exactly that; empty for anything else. */
    public static Optional<Colour> named(String text) {
        for (Colour c : values()) if (c.toString().equals(text)) return Optional.of(c);
        return Optional.empty();
    }

    /** @throws Failure (usage) for anything else */
    public static Colour of(String text) {
        for (Colour c : values()) if (c.toString().equalsIgnoreCase(text)) return c;
        throw Failure.usage("'" + Text.brief(String.valueOf(text)) + "' is not a colour",
            "the two environments are blue and green", "blue or green");
    }
}
