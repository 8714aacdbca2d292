package lib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Over a URL, JBang finds what a script names, and nothing else: each file by its name. */
class SourcesTest {
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    private static final Pattern SOURCES = Pattern.compile("(?m)^//SOURCES (.+)$"),
        FILES = Pattern.compile("(?m)^//FILES (\\S+)=(\\S+)$");

    private static final String WRITTEN = "lib/all.java is as ./bluegreen format writes it";

    private static List<String> named(Pattern header, int group, Path by) throws IOException {
        return header.matcher(Files.readString(by))
            .results()
            .flatMap(found -> Stream.of(found.group(group).split(" ")))
            .toList();
    }

    /** By their paths in the checkout, whatever names them. */
    private static List<String> sources(Path by) throws IOException { return inCheckout(by, named(SOURCES, 1, by)); }

    private static List<String> inCheckout(Path by, List<String> names) {
        return names.stream().map(n -> HOME.relativize(by.resolveSibling(n).normalize()).toString()).toList();
    }

    private static List<String> files(String... folders) throws IOException {
        var all = new ArrayList<String>();
        for (String folder : folders)
            try (var files = Files.walk(HOME.resolve(folder))) {
                files.filter(f -> Files.isRegularFile(f) && !f.toString().matches(".*(/[.][^/]*|~)"))
                    .forEach(f -> all.add(HOME.relativize(f).toString()));
            }
        return all;
    }

    @Test void all_of_lib_is_listed_and_what_the_jar_carries() throws IOException {
        Path all = HOME.resolve("lib/all.java");
        var lib = files("lib");
        lib.remove("lib/all.java");
        assertThat(sources(all)).as(WRITTEN).containsExactlyInAnyOrderElementsOf(lib);
        assertThat(named(FILES, 1, all))
            .as(WRITTEN)
            .containsExactlyInAnyOrderElementsOf(files("nginx", "compose", "package.json"))
            .isEqualTo(inCheckout(all, named(FILES, 2, all)));
    }

    @Test void each_script_names_what_it_is_made_of_and_no_pattern() throws IOException {
        try (var files = Files.list(HOME)) {
            var scripts = files.filter(f -> f.toString().endsWith(".java")).toList();
            assertThat(scripts).hasSizeGreaterThan(8);
            for (Path script : scripts) {
                assertThat(sources(script))
                    .as(script.toString())
                    .contains("lib/all.java")
                    .allSatisfy(f -> assertThat(HOME.resolve(f)).exists());
            }
        }
        assertThat(sources(HOME.resolve("demo.java"))).containsAll(files("load"));
    }

    /** JBang would take the first that it finds for the program's. */
    @Test void nothing_in_lib_is_called_main() throws IOException {
        for (String file : files("lib"))
            assertThat(Files.readString(HOME.resolve(file)))
                .as(file)
                .doesNotContainPattern("\\w main\\(.*\\) *(throws .*)?\\{");
    }
}
