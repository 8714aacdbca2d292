package lib.cli;

import picocli.CommandLine.Option;

/** Of the scripts that can say beforehand what they would do. */
public final class Planning {
    @Option(names = "--plan", description = "show what would be done; change nothing")
    public boolean only;
}
