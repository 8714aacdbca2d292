package lib.core;

import java.util.Optional;

/**
 * Of what runs in a colour; unknown where nobody says it: a container without the label, a generation written by hand.
 */
public record Version(Optional<String> name) {
    public static final Version UNKNOWN = new Version(Optional.empty());
    /** Of what ran when there were no colours, and had no version. */
    public static final Version BEFORE = of("before");

    public static Version of(String name) { return new Version(Optional.of(name)); }

    /** As a person or a file of ours names it. @throws Failure (usage) for what is none */
    public static Version required(String name) {
        if (isName(name)) return of(name);
        throw Failure.usage("'" + Text.brief(name) + "' is not a version",
            "it becomes an image tag: letters, digits, _ . - and at most 128 of them", "deploy --version 1.0.1");
    }

    /** From a label, a file or a generation: others may have written it, and what is no version is unknown. */
    public static Version read(String text) { return isName(text) ? of(text) : UNKNOWN; }

    /** It becomes an image tag, a label and a file name: only what a tag may be. */
    private static boolean isName(String text) { return text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"); }

    public boolean isKnown() { return name.isPresent(); }
    public boolean is(String version) { return name.filter(version::equals).isPresent(); }

    /** Behind a colour: " 1.0.1", or nothing. */
    public String spaced() { return name.map(" "::concat).orElse(""); }

    /** For a person. */
    @Override public String toString() { return name.orElse("an unknown version"); }
}
