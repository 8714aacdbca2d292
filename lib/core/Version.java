package lib.core;

import java.util.Optional;

/** Of what runs in a colour; unknown where nobody says it: a container without the label, a generation written by hand. */
public record Version(Optional<String> name) {
    public static final Version UNKNOWN = new Version(Optional.empty());

    public static Version of(String name) { return new Version(Optional.of(name)); }

    /** From a label, a file or a generation: others may have written it, and what is no version is unknown. */
    public static Version read(String text) { return isName(text) ? of(text) : UNKNOWN; }

    /** It becomes an image tag, a label and a file name: only what a tag may be. */
    public static boolean isName(String text) { return text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"); }

    public boolean isKnown() { return name.isPresent(); }
    public boolean is(String version) { return name.filter(version::equals).isPresent(); }

    /** For a person. */
    @Override public String toString() { return name.orElse("an unknown version"); }
}
