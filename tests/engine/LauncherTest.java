import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import lib.process.Command;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher itself, real JBang and JDK under it, with one small script: what it builds, keeps and runs. */
class LauncherTest {
    private static final String SCRIPTS = """
        //JAVA 25+
        //SOURCES ../*.java ../lib/*.java ../load/*.java
        import java.nio.file.*;
        class Scripts {
            public static void main(String... folders) throws java.io.IOException {
                Files.writeString(Path.of(folders[1], "rehearsed"), String.join(" ", System.getenv().keySet()));
                Hello.main();
            }
        }
        """;
    private static final String HELLO = """
        class Hello { public static void main(String... arguments) { System.out.println(lib.Word.WORD); } }
        """;

    @TempDir static Path temporary;
    private static Path project, cache, tools, builds;

    @BeforeAll static void a_small_project() throws IOException {
        project = Files.createDirectories(temporary.resolve("project"));
        cache = temporary.resolve("cache");
        tools = temporary.resolve("tools");
        builds = temporary.resolve("builds");
        for (String folder : List.of("lib", "load", "setup", "nginx", "compose"))
            Files.createDirectories(project.resolve(folder));
        Files.copy(Bluegreen.HOME.resolve("bluegreen"), project.resolve("bluegreen"));
        try (var setup = Files.list(Bluegreen.HOME.resolve("setup"))) {
            for (Path f : setup.filter(f -> f.toString().endsWith(".sh")).toList())
                Files.copy(f, project.resolve("setup").resolve(f.getFileName()));
        }
        write("package.json", "{}");
        write("setup/scripts.java", SCRIPTS);
        write("hello.java", HELLO);
    }

    /** Each begins with the same sources, which are built once, and with no more than JBang on its own path. */
    @BeforeEach void as_it_was() throws IOException {
        for (String extra : List.of("Chart.java", "load/Extra.java")) Files.deleteIfExists(project.resolve(extra));
        word("one");
        if (Files.exists(tools)) {
            try (var all = Files.list(tools)) {
                for (Path f : all.toList()) Files.delete(f);
            }
        }
        Files.createDirectories(tools);
        // JBang as it is, in the whole environment, and a note of each build.
        tool("jbang", "echo \"$@\" | grep -v classpath >>'%s'\nPATH='%s' exec '%s' \"$@\""
            .formatted(builds, System.getenv("PATH"), System.getenv("BLUEGREEN_JBANG")));
        says(hello(), "one");
        Files.deleteIfExists(builds);
    }

    private static void write(String file, String text) throws IOException {
        Files.writeString(project.resolve(file), text);
    }
    private static void word(String word) throws IOException {
        write("lib/Word.java", "package lib; public class Word { public static String WORD = \"" + word + "\"; }\n");
    }
    private static void tool(String name, String script) throws IOException {
        Path file = tools.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static List<String> call(String... arguments) {
        var all = new ArrayList<>(List.of(project.resolve("bluegreen").toString()));
        all.addAll(List.of(arguments));
        return all;
    }
    private static Map<String, String> environment() {
        return Map.of("XDG_CACHE_HOME", cache.toString(), "PATH", tools + File.pathSeparator + System.getenv("PATH"));
    }
    /** @param variable and its value, beside the rest */
    private static Command.Result hello(String... variable) {
        var all = new HashMap<>(environment());
        if (variable.length == 2) all.put(variable[0], variable[1]);
        return Command.of(Duration.ofMinutes(4), call("hello").toArray(String[]::new)).with(all).run();
    }

    private static void says(Command.Result said, String word) {
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).isEqualTo(word + "\n");
    }

    private static long built() throws IOException {
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }
    private static Path kept() { return Path.of(cache + "/bluegreen/run" + project.resolve("setup/scripts.java")); }
    private static List<Path> folders() throws IOException {
        try (var all = Files.list(kept())) {
            return all.filter(Files::isDirectory).toList();
        }
    }

    private static void until(String what, BooleanSupplier so) throws InterruptedException {
        for (int i = 0; i < 2400 && !so.getAsBoolean(); i++) Thread.sleep(50);
        assertThat(so.getAsBoolean()).as(what).isTrue();
    }
    /** One script is rehearsed after the other, under a lock. */
    private static void trained() throws InterruptedException { trained(kept().resolve("train.lock")); }

    private static void trained(Path lock) throws InterruptedException {
        until("the AOT training ends",
            () -> Command.of(Duration.ofSeconds(5), "flock", "-n", lock.toString(), "true").run().ok());
    }

    /** A rehearsal writes into the project, which is about to be deleted. */
    @AfterAll static void all_trained() throws Exception {
        try (var files = Files.walk(temporary)) {
            for (Path lock : files.filter(f -> f.endsWith("train.lock")).toList()) trained(lock);
        }
    }

    @Test void an_edit_that_is_undone_at_once_is_undone_for_good() throws Exception {
        trained();
        word("two");
        says(hello(), "two");           // its training begins
        word("one");
        says(hello(), "one");           // and ends after this
        trained();
        says(hello(), "one");
        word("two");
        says(hello(), "two");
        assertThat(built()).as("a build that is there is not done again").isEqualTo(1);
    }

    /** Its webhook and its hooks are real, and so is its engine. */
    @Test void the_rehearsal_has_nothing_of_its_callers_environment() throws Exception {
        trained();
        Path rehearsed = project.resolve("rehearsed");
        Files.deleteIfExists(rehearsed);
        word("eight");
        says(hello("BLUEGREEN_NOTIFY_WEBHOOK", "http://127.0.0.1:1/"), "eight");
        until("it is rehearsed", () -> Files.exists(rehearsed));
        trained();
        assertThat(Files.readString(rehearsed).split(" "))
            .contains("DOCKER_HOST", "PATH")
            .noneMatch(name -> name.startsWith("BLUEGREEN"));
    }

    @Test void each_script_has_a_cache_of_its_own_and_only_the_newest_build_keeps_any() throws Exception {
        trained();
        word("nine");
        says(hello(), "nine");
        var last = kept().resolve(Files.readString(kept().resolve("last")).strip());
        until("hello is trained, and switch before anybody is in a hurry",
            () -> Files.exists(last.resolve("Hello.aot")) && Files.exists(last.resolve("Switch.aot")));
        for (Path build : folders())
            assertThat(build.toFile().list((_, name) -> name.endsWith(".aot"))).hasSize(build.equals(last) ? 2 : 0);
    }

    @Test void a_syntax_error_leaves_the_last_that_built_in_service_and_is_told_each_time() throws IOException {
        word("three");
        write("Chart.java", "class Chart { int broken }\n");
        for (int i = 0; i < 2; i++) {
            var said = hello();
            says(said, "one");
            assertThat(said.err()).contains("cannot be built").contains("Chart.java:1: error: ';' expected");
        }
        assertThat(built()).as("the compiler is not asked twice about the same").isEqualTo(1);
        Files.delete(project.resolve("Chart.java"));
        var said = hello();
        says(said, "three");
        assertThat(said.err()).isEmpty();
    }

    @Test void the_first_build_has_nothing_to_fall_back_on() throws IOException {
        write("Chart.java", "class Chart { int broken }\n");
        var said = hello("XDG_CACHE_HOME", temporary.resolve("empty").toString());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("Chart.java:1: error: ';' expected").contains("was not built");
    }

    @Test void an_unwritable_cache_leaves_the_last_that_built_in_service() throws IOException {
        word("four");
        tool("mkdir", "echo 'No space left on device' >&2; exit 1");
        var said = hello();
        says(said, "one");
        assertThat(said.err()).contains("cannot be built").contains("No space left on device");
    }

    @Test void only_what_the_jar_is_made_of_counts() throws IOException {
        for (String other : List.of("tests/unit/NewTest.java", "runtime/java/Drain.java", "examples/App.java")) {
            Files.createDirectories(project.resolve(other).getParent());
            write(other, "class Changed {}\n");
        }
        says(hello(), "one");
        assertThat(built()).isZero();
        String before = last();
        write("load/Extra.java", "package load; class Extra {}\n");
        says(hello(), "one");
        assertThat(built()).isEqualTo(1);
        Files.delete(project.resolve("load/Extra.java"));
        says(hello(), "one");
        assertThat(last()).as("a file that is gone is another program").isEqualTo(before);
    }
    private static String last() throws IOException { return Files.readString(kept().resolve("last")); }

    @Test void of_two_calls_at_once_one_builds_and_old_builds_go() throws Exception {
        for (int i = 1; i <= 4; i++)
            Files.setLastModifiedTime(Files.createDirectories(kept().resolve(i + "-" + i)), FileTime.fromMillis(i));
        Path named = Files.createDirectories(cache.resolve("bluegreen/run/home/last"));      // a checkout's own name
        word("five");
        var both = Stream.of(0, 1).map(_ -> CompletableFuture.supplyAsync(() -> hello())).toList();
        for (var said : both) says(said.get(), "five");
        assertThat(built()).isEqualTo(1);
        assertThat(folders()).hasSize(3);
        assertThat(named).exists();
        word("one");
        says(hello(), "one");
        assertThat(built()).as("the one before is still there").isEqualTo(1);
    }

    @Test void a_build_that_is_killed_is_done_again() throws Exception {
        word("six");
        var builder = new ProcessBuilder(call("hello"))
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve("said").toFile());
        builder.environment().putAll(environment());
        Process call = builder.start();
        until("it builds", LauncherTest::halfBuilt);
        var all = call.descendants().toList();
        call.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        all.forEach(ProcessHandle::destroyForcibly);
        assertThat(halfBuilt()).isTrue();
        says(hello(), "six");
        assertThat(halfBuilt()).isFalse();
    }
    private static boolean halfBuilt() {
        try {
            return folders().stream().anyMatch(f -> f.getFileName().toString().startsWith("new."));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** As on macOS: no flock, no timeout, no setsid, no readlink -f. And as from cron: no HOME. */
    @Test void few_tools_and_no_HOME_are_enough() throws IOException {
        String few = "sh cat sort find cksum cp ls rm mv mkdir sed xargs touch head grep date awk nice perl id sleep";
        for (String name : few.split(" ")) {
            var there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(d -> Path.of(d, name))
                .filter(Files::isExecutable)
                .findFirst();
            tool(name, "exec " + there.orElseThrow() + " \"$@\"");
        }
        tool("readlink", "case $1 in -*) exit 1 ;; esac\nPATH='" + System.getenv("PATH") + "' exec readlink \"$1\"");
        Path link = Files.createSymbolicLink(temporary.resolve("bluegreen"), Path.of("project/bluegreen"));
        word("seven");
        says(bare(link.toString(), "hello"), "seven");
        String limited = ". '" + project + "/setup/say.sh'; ";
        assertThat(bare("/bin/sh", "-c", limited + "limited 1 sleep 20").code()).isNotZero();
        assertThat(bare("/bin/sh", "-c", limited + "limited 20 echo done").out()).isEqualTo("done\n");
    }
    private static Command.Result bare(String... command) {
        return Command.of(Duration.ofMinutes(4), "/usr/bin/env", "--ignore-environment")
            .and("PATH=" + tools, "XDG_CACHE_HOME=" + cache)
            .and(command)
            .run();
    }

    @Test void a_user_without_a_home_folder_is_told_what_to_set() throws IOException {
        tool("id", "[ \"$1\" = -u ] && echo 4711");
        var said = Command.of(Duration.ofSeconds(10), "/usr/bin/env", "--unset=HOME")
            .and(call("hello").toArray(String[]::new))
            .with(environment())
            .run();
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("HOME is not set, and user 4711 has no home folder").contains("HOME=/");
    }

    @Test void an_old_pid_file_kills_no_stranger() throws Exception {
        Path pid = cache.resolve("bluegreen/dockerd.pid");
        Files.createDirectories(pid.getParent());
        tool("docker", "echo no engine answers >&2; exit 1");       // this machine's must not be cleaned
        tool("dockerd", "sleep 30");
        Process stranger = new ProcessBuilder("sleep", "30").start();
        Process engine = new ProcessBuilder(tools.resolve("dockerd").toString(), "--pidfile=" + pid).start();
        try {
            Files.writeString(pid, stranger.pid() + "\n");
            clean();
            assertThat(stranger.isAlive()).isTrue();
            assertThat(pid).doesNotExist();
            Files.writeString(pid, engine.pid() + "\n");
            clean();
            assertThat(engine.waitFor(5, TimeUnit.SECONDS)).as("its own engine is stopped").isTrue();
        } finally {
            engine.descendants().forEach(ProcessHandle::destroy);
            engine.destroy();
            stranger.destroy();
        }
    }
    private static void clean() {
        var clean = Command.of(Duration.ofSeconds(20), call("clean").toArray(String[]::new)).with(environment()).run();
        assertThat(clean.code()).as(clean.err()).isZero();
    }
}
