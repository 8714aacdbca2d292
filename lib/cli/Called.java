package lib.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import lib.core.Text;

/**
 * How the person calls scripts, with {@code %s} for the name, so that a hint can be pasted. JBang does not tell a
 * script.
 */
final class Called {
    private static final String TOOL = "bluegreen";

    private Called() {}

    /** @param script that runs; "bluegreen" has all others as subcommands */
    static String as(String script) {
        String launcher = System.getenv("BLUEGREEN_CALLED");
        if (launcher != null)
            return launcher.contains("%s") ? launcher : Text.shell(launcher).replace("%", "%%") + " %s";
        return as(script, Files.exists(Path.of("lib/all.java")) && Files.exists(Path.of(script + ".java")));
    }

    /**
     * From a URL or by an alias, its name is known to nobody but the shell: the name that "jbang app install" gives.
     */
    static String as(String script, boolean isHere) {
        if (!isHere) return TOOL + " %s";
        return script.equals(TOOL) ? "jbang bluegreen.java %s" : "jbang %s.java";
    }
}
