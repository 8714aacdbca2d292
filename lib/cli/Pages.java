package lib.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What --help says, as pages: of each command, its own as well as those below it. */
public final class Pages {
    /** "Usage:", "Example:": a heading of --help, with what is on its line. */
    private static final Pattern HEADING = Pattern.compile("([A-Z][a-z ]+):(.*)");

    private Pages() {}

    /** docs/COMMANDS.md, below its head. */
    public static String markdown(CommandLine tool) {
        var page = new StringBuilder();
        each(tool, command -> page.append("\n## ")
            .append(name(command))
            .append("\n\n```\n")
            .append(help(command))
            .append("```\n"));
        return page.toString();
    }

    /** Section 1 of the manual. Returns how many were written. */
    public static int man(CommandLine tool, Path folder) throws IOException {
        Files.createDirectories(folder);
        var pages = new ArrayList<CommandLine>();
        pages.add(tool);
        each(tool, pages::add);
        for (var command : pages) {
            String name = command.getCommandSpec().qualifiedName("-");
            Files.writeString(folder.resolve(name + ".1"), man(name, command));
        }
        return pages.size();
    }

    private static String man(String name, CommandLine command) {
        String what = String.join(" ", command.getCommandSpec().usageMessage().description());
        var page = new StringBuilder(".TH " + name.toUpperCase(Locale.ROOT) + " 1\n.SH NAME\n"
            + roff(name) + " \\- " + roff(what) + "\n.SH SYNOPSIS\n.nf\n");
        for (String line : help(command).split("\n")) {
            var heading = HEADING.matcher(line);
            if (!heading.matches()) page.append(roff(line));
            else if (heading.group(1).equals("Usage")) page.append(roff(heading.group(2).strip()));
            else page.append(".fi\n.SH ").append(heading.group(1).toUpperCase(Locale.ROOT)).append("\n.nf");
            page.append('\n');
        }
        return page.append(".fi\n").toString();
    }

    private static String roff(String line) {
        String text = line.replace("\\", "\\e").replace("-", "\\-");
        return text.startsWith(".") || text.startsWith("'") ? "\\&" + text : text;
    }

    private static void each(CommandLine of, Consumer<CommandLine> then) {
        for (var command : List.copyOf(of.getSubcommands().values())) {
            then.accept(command);
            each(command, then);
        }
    }

    /** As single scripts have it. */
    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName().replaceFirst("^bluegreen ", "");
    }

    private static String help(CommandLine command) {
        command.setUsageHelpAutoWidth(false);
        return command.getUsageMessage(Ansi.OFF).replaceAll("(?m) +$", "");
    }
}
