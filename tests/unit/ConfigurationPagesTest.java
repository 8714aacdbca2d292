package lib.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What people read of the keys is what Keys.java declares: the table in docs/configuration.md, and bluegreen.yaml.
 * {@code ./bluegreen test --unit ConfigurationPages --write-docs} writes both.
 */
class ConfigurationPagesTest {
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    private static final String TABLE = "| key | default | it may be | meaning |\n|---|---|---|---|\n";
    /** The keys of bluegreen.yaml begin behind it. */
    private static final String HEAD = "\n# Paths are relative to this file.\n";
    private static final int COMMENT = 34, WIDTH = 120;

    /** A line of the table. An empty default is one that is not there. */
    private record Row(String name, String fallback, String says, String meaning) {
        @Override public String toString() {
            String code = fallback.isEmpty() ? "" : "`" + fallback + "`";
            return "| `" + name + "` | " + code + " | " + says + " | " + meaning + " |\n";
        }
    }

    private static Stream<Row> rows(Key key) {
        return switch (key) {
            case Key.Single(var field, _) -> Stream.of(row("", field));
            case Key.Names names -> Stream.of(new Row(names.name(), "{}", Type.NAMES.says(), names.meaning()));
            case Key.Items items -> Stream.concat(
                Stream.of(new Row(items.name(), "[]", "a list of items", items.meaning())),
                items.fields().stream().map(field -> row(items.name() + "[].", field)));
        };
    }
    private static Row row(String prefix, Field<?> field) {
        return new Row(prefix + field.name(), shown(field), field.type().says(), field.meaning());
    }
    private static String shown(Field<?> field) {
        boolean list = field.type().read().apply(field.fallback()) instanceof List;
        return list ? "[" + field.fallback().replace(",", ", ") + "]" : field.fallback();
    }

    private static String yaml(Key key) {
        return switch (key) {
            case Key.Single(var field, _) -> shown(field).isEmpty() ? "\"\"" : shown(field);
            case Key.Names _ -> "{}";
            case Key.Items _ -> "[]";
        };
    }
    /** Words to choose from are told, and an item with its defaults; what a duration looks like, the default shows. */
    private static String comment(Key key) {
        return switch (key) {
            case Key.Single(var field, _) when !field.type().says().matches("an? .*") ->
                field.type().says() + "; " + field.meaning();
            case Key.Items items -> items.fields()
                .stream()
                .map(f -> f.name() + ": " + (f.fallback().isEmpty() ? "\"\"" : f.fallback()))
                .collect(Collectors.joining(", ", items.meaning() + "; an item is {", "}"));
            default -> key.meaning();
        };
    }

    private static String commented() {
        var all = new StringBuilder();
        String section = "none yet";
        for (Key key : Keys.all()) {
            int dot = key.name().indexOf('.');
            String own = dot < 0 ? "" : key.name().substring(0, dot);
            if (!own.equals(section)) all.append('\n');
            if (!own.equals(section) && dot > 0) all.append("# " + own + ":\n");
            section = own;
            String line = "# " + (dot < 0 ? "" : "  ") + key.name().substring(dot + 1) + ": " + yaml(key);
            all.append(beside(line, comment(key)));
        }
        return all.toString();
    }

    private static String beside(String line, String comment) {
        var all = new StringBuilder();
        String last = String.format("%-" + COMMENT + "s#", line + " ");
        for (String word : comment.split(" ")) {
            if (last.length() + 1 + word.length() > WIDTH) {
                all.append(last).append('\n');
                last = " ".repeat(COMMENT) + "#";
            }
            last += " " + word;
        }
        return all.append(last).append('\n').toString();
    }

    private static void isCurrent(String file, String expected) throws IOException {
        if (Boolean.getBoolean("bluegreen.write-docs")) Files.writeString(HOME.resolve(file), expected);
        assertThat(Files.readString(HOME.resolve(file))).isEqualTo(expected);
    }

    @Test void the_page_lists_each_key_with_its_default_what_it_may_be_and_what_it_means() throws IOException {
        String page = Files.readString(HOME.resolve("docs/configuration.md"));
        String rows = Keys.all().stream()
            .flatMap(ConfigurationPagesTest::rows)
            .map(Row::toString)
            .collect(Collectors.joining());
        isCurrent("docs/configuration.md", page.substring(0, page.indexOf(TABLE)) + TABLE + rows);
    }

    @Test void the_commented_file_has_each_key_with_its_default_and_what_it_means() throws IOException {
        String file = Files.readString(HOME.resolve("bluegreen.yaml"));
        isCurrent("bluegreen.yaml", file.substring(0, file.indexOf(HEAD)) + HEAD + commented());
    }
}
