package lib.core;

import java.util.Locale;

/** One of the two identical environments. */
public enum Colour {
    BLUE, GREEN;

    public Colour other() { return this == BLUE ? GREEN : BLUE; }

    /** "blue" or "green", as in the state file, labels and service names. */
    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }

    /** @throws Failure (usage) for anything else */
    public static Colour of(String text) {
        for (Colour c : values()) if (c.toString().equalsIgnoreCase(text)) return c;
        throw Failure.usage("'" + Text.brief(String.valueOf(text)) + "' is not a colour",
            "the two environments are blue and green", "blue or green");
    }
}
