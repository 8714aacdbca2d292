package lib.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.core.Failure;
import lib.core.Text;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What picocli refuses, as people are told: what, why, and what to type. */
final class Misuse {
    private final ParameterException refusal;
    private final String command;
    /** What was given, up to the refusal, of options that exclude others or go with others. */
    private final List<ArgSpec> grouped;

    private Misuse(ParameterException refusal) {
        this.refusal = refusal;
        this.command = refusal.getCommandLine().getCommandSpec().qualifiedName().replaceFirst("^bluegreen (?=.)", "");
        this.grouped = refusal.getCommandLine().getParseResult().matchedArgs().stream()
            .filter(a -> a.group() != null)
            .distinct()
            .toList();
    }

    static Failure told(ParameterException refusal) {
        if (refusal.getCause() instanceof Failure f) return f;              // a converter's
        return new Misuse(refusal).told();
    }

    private Failure told() {
        return switch (refusal) {
            case MutuallyExclusiveArgsException _ -> tooMany(List.of());
            case MaxValuesExceededException _ when !grouped.isEmpty() -> tooMany(List.of());
            // A second colour: it has no place.
            case UnmatchedArgumentException u when !grouped.isEmpty() && !u.isUnknownOption() ->
                tooMany(u.getUnmatched());
            case MissingParameterException m when m.getMissing().stream().anyMatch(grouped::contains) -> tooFew(m);
            case UnmatchedArgumentException u when u.isUnknownOption() && !u.getSuggestions().isEmpty() ->
                Failure.usage(refusal.getMessage(), "did you mean " + u.getSuggestions().getFirst() + "?",
                    command + " " + u.getSuggestions().getFirst());
            default -> known().isEmpty() ? plain() : unknown(refusal.getArgSpec());
        };
    }

    private Failure plain() { return Failure.usage(refusal.getMessage()).next(command + " --help"); }

    private Failure tooMany(List<String> more) {
        var alternatives = grouped.stream().filter(Misuse::isAlternative).toList();
        var given = Stream.concat(alternatives.stream().map(Misuse::given), more.stream().map(Text::brief))
            .distinct()
            .toList();
        var next = given.stream().map(g -> command + " " + g).collect(Collectors.joining("   or   "));
        return given.size() == 1
            ? Failure.usage(given.getFirst() + " is given twice").next(next)
            : Failure.usage(String.join(" and ", given) + " exclude each other", meanings(alternatives), next);
    }

    /** And not an option that only goes with one. */
    private static boolean isAlternative(ArgSpec given) { return given.group().exclusive() || given.required(); }

    private Failure tooFew(MissingParameterException m) {
        var alone = grouped.stream().filter(m.getMissing()::contains).toList();
        var missing = m.getMissing().stream().filter(a -> a.required() && !alone.contains(a)).toList();
        var together = Stream.concat(missing.stream().map(Misuse::toGive), alone.stream().map(Misuse::given));
        return Failure.usage(names(alone) + " goes with " + names(missing), meanings(alone),
            command + " " + together.collect(Collectors.joining(" ")));
    }

    private Failure unknown(ArgSpec of) {
        String value = Text.brief(refusal.getValue());
        String what = of.isOption()
            ? name(of) + " " + value + " is unknown"
            : "'" + value + "' is not a " + of.paramLabel().toLowerCase(Locale.ROOT);
        String before = of.isOption() ? name(of) : command;
        return Failure.usage(what, "it is " + String.join(" or ", known()),
            known().stream().map(k -> before + " " + k).collect(Collectors.joining(", or ")));
    }

    /** The values of an enum. */
    private List<String> known() {
        if (refusal.getArgSpec() == null) return List.of();
        return Stream.of(refusal.getArgSpec().auxiliaryTypes())
            .filter(Class::isEnum)
            .flatMap(e -> Stream.of(e.getEnumConstants()))
            .map(Object::toString)
            .toList();
    }

    private static String meanings(List<ArgSpec> of) {
        return of.stream()
            .map(a -> name(a) + ": " + String.join(" ", a.description()))
            .collect(Collectors.joining("\n"));
    }

    private static String names(List<ArgSpec> of) {
        return of.stream().map(Misuse::name).collect(Collectors.joining(" "));
    }

    private static String name(ArgSpec of) { return of instanceof OptionSpec o ? o.longestName() : of.paramLabel(); }

    /** As it was typed. */
    private static String given(ArgSpec of) {
        if (!takesValue(of)) return name(of);
        String value = Text.brief(of.originalStringValues().getLast());
        return of.isOption() ? name(of) + " " + value : value;
    }

    private static String toGive(ArgSpec missing) {
        return takesValue(missing) ? name(missing) + " " + missing.paramLabel() : name(missing);
    }

    private static boolean takesValue(ArgSpec of) { return of.arity().max() > 0; }
}
