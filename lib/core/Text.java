package lib.core;

import java.util.regex.Pattern;

/** Words of others (an app's answer, a label, a log, a file edited by hand) before a person or a variable gets them. */
public final class Text {
    private Text() {}

    /**
     * Control characters, terminal escapes and what turns the writing direction: they make a screen show what is not
     * there.
     */
    private static final Pattern CONTROL = Pattern.compile(
        "[\\p{Cntrl}\\u0080-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]");
    private static final int BRIEF = 200;

    /** Without control characters. */
    static String printable(String s) { return CONTROL.matcher(s.replace('\t', ' ')).replaceAll(""); }

    /** Without control characters, on one line; spaces are kept where lines or columns ended. */
    public static String plain(String s) { return printable(s.replaceAll("[\\n\\r]+", " ")); }

    /** As a person can paste it into a shell. */
    public static String shell(String s) {
        return s.matches("[A-Za-z0-9_./:@%+=,-]+") ? s : "'" + s.replace("'", "'\\''") + "'";
    }

    /** One plain line that is not longer than what a person reads. */
    public static String brief(String s) {
        String plain = plain(s.length() > 10 * BRIEF ? s.substring(0, 10 * BRIEF) : s);
        return plain.length() > BRIEF ? plain.substring(0, BRIEF) + "…" : plain;
    }
}
