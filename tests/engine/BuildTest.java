import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.zip.ZipFile;
import lib.process.Command;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher has made of the scripts, so that they start fast: nobody would notice that they do not. */
class BuildTest {
    private static String classpath;
    @TempDir Path folder;

    @BeforeAll static void built() throws IOException {
        var help = Command.of(Duration.ofMinutes(2), Bluegreen.HOME.resolve("bluegreen").toString(), "health", "--help")
            .run();
        assertThat(help.ok()).as(help.err()).isTrue();
        var home = System.getenv("XDG_CACHE_HOME") instanceof String cache
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
        Path kept = Path.of(home + "/bluegreen/run" + Bluegreen.HOME.resolve("setup/scripts.java"));
        Path last = kept.resolve(Files.readString(kept.resolve("last")).strip());
        classpath = Files.readString(last.resolve("classpath")).strip();
    }

    /** The JVM keeps no class of before Java 6 in its AOT cache: version 50. */
    @Test void every_class_is_one_that_the_aot_cache_takes() throws IOException {
        for (String jar : classpath.split(":"))
            try (var zip = new ZipFile(jar)) {
                for (var entry : zip.stream().filter(e -> e.getName().matches("(?!META-INF).*[.]class")).toList())
                    try (var in = new DataInputStream(zip.getInputStream(entry))) {
                        in.skipNBytes(6);
                        assertThat(in.readUnsignedShort()).as(jar + ": " + entry).isGreaterThanOrEqualTo(50);
                    }
            }
    }

    /** As the launcher does it; on a stage, where the docker command does nothing. */
    @ParameterizedTest @CsvSource(delimiter = '|', value = {
        "Health  | 200 healthy blue 1",
        "Status  | rollback to green 1, at once",
        "Deploy  | ✓ watch    120 requests, none failed",
        "Switch  | ✓ rollback blue → green 1",
        "Monitor | ✓ watch    120 requests, none failed"})
    void every_scene_of_a_rehearsal_ends_well(String script, String says) throws IOException {
        Path docker = Files.writeString(folder.resolve("docker"),
            "#!/bin/sh\necho nginx; echo app-blue; echo app-green\n");
        Files.setPosixFilePermissions(docker, PosixFilePermissions.fromString("rwxr-xr-x"));
        var said = Command.of(Duration.ofMinutes(1), "/usr/bin/env", "--ignore-environment",
            "PATH=" + folder + ":" + System.getenv("PATH"), "LC_ALL=C.UTF-8",
            "DOCKER_HOST=unix://" + folder.resolve("docker.sock"),
            ProcessHandle.current().info().command().orElseThrow(), "-cp", classpath, "Scripts", folder.toString(),
            Bluegreen.HOME.toString(), script).run();
        assertThat(said.code()).as(said.out() + said.err()).isZero();
        assertThat(said.err()).doesNotContain("Exception");
        assertThat(said.out()).doesNotContain("✗").contains(says);
    }
}
