package lib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rooms of lib/, as docs/code.md shows them: who may know whom, and who reaches outside. */
class RoomsTest {
    /** From the top down. A class knows its own room and those of lower floors, so there is no circle of rooms. */
    private static final List<List<String>> FLOORS = List.of(List.of("cli", "deploy"), List.of("checks", "session"),
        List.of("traffic", "incident"), List.of("state", "watch"), List.of("stack", "init"), List.of("nginx", "report"),
        List.of("journal"), List.of("docker"), List.of("http", "process"), List.of("secrets"), List.of("config"),
        List.of("core"));
    private static final List<String> ROOMS = FLOORS.stream().flatMap(List::stream).toList();

    /** Imports, and names that are written out. */
    private static final Pattern CLASS = Pattern.compile("\\b(lib\\.(\\w+)\\.[A-Z*]\\w*)");
    private static final Pattern STARTS = Pattern.compile("\\bProcessBuilder\\b|\\bCommand(\\.|::)of\\b|\\.exec\\(\"");
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));

    private record Source(String room, String file, String text) {
        static Source of(Path path) {
            try {
                return new Source(path.getParent().getFileName().toString(), HOME.relativize(path).toString(),
                    Files.readString(path));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        List<MatchResult> all(Pattern pattern) { return pattern.matcher(text).results().toList(); }
    }

    /** Every Java file in a folder of the checkout, and below it to a depth. */
    private static List<Source> sources(String folder, int depth) throws IOException {
        try (var files = Files.walk(HOME.resolve(folder), depth)) {
            return files.filter(f -> f.toString().endsWith(".java")).sorted().map(Source::of).toList();
        }
    }
    /** Without lib/all.java, which has no code. */
    private static List<Source> lib() throws IOException {
        return sources("lib", Integer.MAX_VALUE).stream().filter(s -> !s.file.equals("lib/all.java")).toList();
    }

    private static int floor(String room) {
        return IntStream.range(0, FLOORS.size())
            .filter(i -> FLOORS.get(i).contains(room))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no floor has a room " + room));
    }

    @Test void every_arrow_leads_to_a_lower_floor() throws IOException {
        var wrong = new ArrayList<String>();
        for (var source : lib())
            for (var named : source.all(CLASS)) {
                String room = named.group(2);
                if (room.equals(source.room) || floor(room) > floor(source.room)) continue;
                wrong.add("%s names %s, and %s stands %s %s"
                    .formatted(source.file, named.group(1), room,
                        floor(room) == floor(source.room) ? "beside" : "above", source.room));
            }
        assertThat(wrong).isEmpty();
    }

    @Test void each_folder_is_a_room_with_its_row_and_its_place_in_the_picture() throws IOException {
        assertThat(lib())
            .extracting(s -> s.file.replaceFirst("[^/]+$", ""))
            .containsOnly(ROOMS.stream().map(room -> "lib/" + room + "/").toArray(String[]::new));
        var rows = Pattern.compile("(?m)^\\| `(\\w+)` \\|")
            .matcher(Files.readString(HOME.resolve("docs/code.md")))
            .results()
            .map(row -> row.group(1));
        assertThat(rows).containsExactlyElementsOf(ROOMS);
        assertThat(Files.readString(HOME.resolve("docs/code.svg")))
            .contains(ROOMS.stream().map(room -> ">" + room + "<").toList());
    }

    @ParameterizedTest
    @CsvSource({"picocli,cli", "com.github.dockerjava,docker", "org.yaml,config", "org.HdrHistogram,watch"})
    void a_library_has_one_room(String library, String room) throws IOException {
        var imports = Pattern.compile("(?m)^import (static )?" + Pattern.quote(library) + "\\.");
        assertThat(lib()).filteredOn(s -> !s.all(imports).isEmpty()).extracting(Source::room).containsOnly(room);
    }

    @Test void who_starts_a_process_is_known_by_name() throws IOException {
        assertThat(lib())
            .filteredOn(s -> !s.all(STARTS).isEmpty())
            .extracting(Source::file)
            .containsExactlyInAnyOrder("lib/process/Command.java",
                "lib/docker/DockerCommand.java",       // compose and builds
                "lib/docker/Bridge.java",              // an engine behind ssh
                "lib/docker/References.java",          // a password manager
                "lib/traffic/Hooks.java", "lib/traffic/Notify.java", "lib/report/Browser.java",
                "lib/traffic/Origin.java");            // git, for the commit
    }

    /** What has no package cannot be named from one. */
    @Test void nothing_in_lib_names_a_script_or_the_tests_clients() throws IOException {
        assertThat(sources("", 1)).isNotEmpty().allSatisfy(s -> assertThat(s.text).doesNotContain("\npackage "));
        assertThat(lib()).allSatisfy(s -> assertThat(s.text).as(s.file).doesNotContainPattern("\\bload\\.[A-Z]"));
    }
}
