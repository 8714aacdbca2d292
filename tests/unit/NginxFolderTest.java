package lib.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lib.config.Config;
import lib.core.Resource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that are mounted into Nginx where the project has none of its own. */
class NginxFolderTest {
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    @TempDir Path folder;

    private static List<Path> in(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test void the_jar_s_files_are_those_of_the_checkout_for_everybody_to_read() throws IOException {
        Path made = folder.resolve("a/b");
        NginxFolder.unpack(made);
        assertThat(NginxFolder.wrong(made)).isEmpty();
        assertThat(in(made)).hasSameSizeAs(in(HOME.resolve("nginx"))).allSatisfy(file -> {
            assertThat(file).hasSameTextualContentAs(HOME.resolve("nginx").resolve(file.getFileName()));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r--r--");
        });
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made))).isEqualTo("rwxr-xr-x");
        assertThat(in(made.getParent())).as("nothing half made is left").containsExactly(made);
    }

    @Test void several_at_once_make_one_and_none_changes_it_again() throws IOException {
        Path made = folder.resolve("nginx");
        IntStream.range(0, 8).parallel().forEach(_ -> {
            try {
                NginxFolder.unpack(made);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(NginxFolder.wrong(made)).isEmpty();
        Files.writeString(made.resolve("nginx.conf"), "edited");
        NginxFolder.unpack(made);
        assertThat(made.resolve("nginx.conf")).hasContent("edited");
    }

    @Test void a_project_s_own_folder_is_the_one_that_is_mounted() {
        assertThat(Config.load(folder, Map.of("nginx", "mine")).nginxFolder()).isEqualTo(folder.resolve("mine"));
        assertThat(Config.load(folder, Map.of()).nginxFolder()).endsWithRaw(Path.of(Resource.edition("nginx")));
    }

    @Test void an_edition_says_the_version_and_is_the_same_for_the_same_files() {
        assertThat(Resource.edition("nginx")).matches("[0-9]+[.][0-9]+[.][0-9]+-[0-9a-f]{12}");
        assertThat(Resource.edition("compose")).isNotEqualTo(Resource.edition("nginx"));
    }
}
