package lib.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a shell needs to complete a command line, its subcommands and options. */
public enum Completion {
    BASH {
        @Override public String script(CommandLine of) { return AutoComplete.bash(of.getCommandName(), of); }
    },
    /** The same: it begins with what zsh needs to read bash's. */
    ZSH {
        @Override public String script(CommandLine of) { return BASH.script(of); }
    },
    FISH {
        @Override public String script(CommandLine of) {
            String name = of.getCommandName();
            var commands = of.getSubcommands().values();
            var names = commands.stream().map(CommandLine::getCommandName).collect(Collectors.joining(" "));
            String none = "complete -c " + name + " -n 'not __fish_seen_subcommand_from " + names + "' -f";
            var lines = commands.stream()
                .flatMap(c -> Stream.concat(
                    Stream.of(none + " -a " + c.getCommandName()
                        + described(c.getCommandSpec().usageMessage().description())),
                    below(name, c)));
            return lines.collect(Collectors.joining("\n", "", "\n"));
        }
    };

    public abstract String script(CommandLine of);

    private static Stream<String> below(String name, CommandLine command) {
        String seen = "complete -c " + name + " -n '__fish_seen_subcommand_from " + command.getCommandName() + "'";
        var spec = command.getCommandSpec();
        var options = spec.options().stream().map(o -> seen + named(o) + valued(o) + described(o.description()));
        var others = command.getSubcommands().values()
            .stream()
            .map(c -> seen + " -f -a " + c.getCommandName()
                + described(c.getCommandSpec().usageMessage().description()));
        var places = spec.positionalParameters().stream()
            .filter(p -> !words(p).isEmpty())
            .map(p -> seen + " -f -a '"
                + words(p) + "'");
        return Stream.of(options, others, places).flatMap(s -> s);
    }

    private static String named(OptionSpec option) {
        return Stream.of(option.names())
            .map(n -> n.startsWith("--") ? " -l " + n.substring(2) : " -s " + n.substring(1))
            .collect(Collectors.joining());
    }

    /** A value that is one of some words, or a file. */
    private static String valued(OptionSpec option) {
        if (option.arity().max() == 0) return "";
        String words = words(option);
        return words.isEmpty() ? " -r" : " -x -a '" + words + "'";
    }

    private static String words(ArgSpec of) {
        return Stream.of(of.auxiliaryTypes())
            .filter(Class::isEnum)
            .flatMap(e -> Stream.of(e.getEnumConstants()))
            .map(Object::toString)
            .collect(Collectors.joining(" "));
    }

    private static String described(String... lines) {
        String text = String.join(" ", List.of(lines)).replaceAll("%%", "%");
        return " -d '" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** As it is typed. */
    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
