package lib.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import lib.core.Failure;
import lib.core.Text;

/** One key of bluegreen.yaml. {@code inEffect}: what a configuration has of it. */
public sealed interface Key {
    String name();
    /** For who sets it. */
    String meaning();
    Function<Config, ?> inEffect();
    Secret secret();
    /** The environment's variable that sets it. */
    default String variable() {
        return "BLUEGREEN_" + name().replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    record Single(Field<?> field, Function<Config, ?> inEffect) implements Key {
        @Override public String name() { return field.name(); }
        @Override public String meaning() { return field.meaning(); }
        @Override public Secret secret() { return field.type().secret(); }
    }

    /** Names that are the project's own, with values: KEY.NAME. */
    record Names(String name, String meaning, Function<Config, ?> inEffect) implements Key {
        @Override public Secret secret() { return Secret.ALL; }

        Map<String, String> in(Values values) { return values.under(name + "."); }
        boolean has(String full) { return full.lastIndexOf('.') == name.length() && full.startsWith(name); }

        void check(String full, String text, String where) {
            if (full.equals(name)) new Field<>(name, Type.NAMES, "", meaning).check(name, text, where);
            else named(full, text, where);
        }
        private static void named(String full, String text, String where) {
            if (!full.substring(full.lastIndexOf('.') + 1).matches("[A-Za-z_][A-Za-z0-9_]{0,99}"))
                throw Failure.usage(where + ": '" + Text.brief(full) + "' is not a variable's name",
                    "letters, digits and _");
            if (text.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t'))
                throw Failure.usage(where + ": " + full + " has a control character", "no environment can carry it");
        }
    }

    /** A list of mappings, each with these fields. */
    record Items(String name, List<Field<?>> fields, String meaning, Function<Config, ?> inEffect) implements Key {
        @Override public Secret secret() { return Secret.NOTHING; }

        List<Values> in(Values values) { return values.items(name); }

        void put(Values item, String field, String text, String where) {
            String shown = name + "." + field;
            var known = fields.stream().map(Field::name).toList();
            int at = known.indexOf(field);
            if (at < 0) throw Nearest.unknown(where, shown, field, known);
            fields.get(at).check(shown, text, where);
            item.set(field, text);
        }
    }
}
