import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import lib.core.Colour;
import lib.process.Command;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** What the tests of faults share: a stack of their own under strict clients, and a row for each fault. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class Faults {
    static final int CLIENTS = 20;
    final Reliability r;
    final Project project;
    private final String heading;

    /** @param heading of the table, also in docs/RELIABILITY.md */
    Faults(String name, String heading) throws IOException { this(name, heading, ""); }

    /** @param compose laid over the stack's compose file; "": nothing */
    Faults(String name, String heading, String compose) throws IOException {
        this.heading = heading;
        r = new Reliability(name, CLIENTS, compose);
        project = r.project;
    }

    @AfterAll void down() throws IOException {
        r.tell(Bluegreen.HOME.resolve("docs/RELIABILITY.md"), heading);
        r.close();
    }

    /** The command after the fault, which must end with 0. */
    static Reliability.Next next(String script, String... arguments) {
        return new Reliability.Next(0, script, arguments);
    }

    /** @param bound the most requests that may fail; 0 where the fault is in our own process */
    DynamicTest row(String fault, int bound, Reliability.Fault happens, Reliability.Next next) {
        return DynamicTest.dynamicTest(fault, () -> r.row(fault, bound, happens, next));
    }

    /** An image of the version that serves, but for its name and {@code how}, lines of a Dockerfile. */
    void bad(String version, String how) {
        Bluegreen.image(project, version,
            "FROM " + project.name + ":bluegreen-" + active() + "\nENV APP_VERSION=" + version + "\n" + how);
    }

    Colour active() { return Bluegreen.serving(project).active(); }

    /** While that goes on, the scripts get another engine: the same, with a request that fails. */
    void withEngine(Faulty.Rule rule, Reliability.Fault meanwhile) throws Exception {
        try (var faulty = new Faulty(project.folder.resolve("engine.sock"), rule)) {
            project.variable("DOCKER_HOST", faulty.host());
            meanwhile.strike();
        } finally {
            project.variable("DOCKER_HOST", null);
        }
    }

    /** Each sync of an installation takes so long: as on a disk that is slow. */
    void withSlowSync(int seconds, Reliability.Fault meanwhile) throws Exception {
        var script = project.folder.resolve("nginx/generation.sh");
        String before = Files.readString(script);
        assertThat(before).contains("\nset -eu\n");
        Files.writeString(script,
            before.replace("\nset -eu\n", "\nset -eu\nsync() { sleep " + seconds + "; command sync \"$@\"; }\n"));
        try {
            meanwhile.strike();
        } finally {
            Files.writeString(script, before);
        }
    }

    /**
     * While that goes on, the scripts get another docker: {@code first}, of a shell, and then the real one, which it
     * knows as $docker.
     */
    void withDocker(String folder, String first, Reliability.Fault meanwhile) throws Exception {
        var path = Files.createDirectories(project.folder.resolve(folder));
        String real = Command.of(Duration.ofSeconds(5), "sh", "-c", "command -v docker").run().out().strip();
        Path docker = Files.writeString(path.resolve("docker"),
            "#!/bin/sh\ndocker=" + real + "\n" + first + "\nexec $docker \"$@\"\n");
        assertThat(docker.toFile().setExecutable(true)).isTrue();
        project.variable("PATH", path + ":" + System.getenv("PATH"));
        try {
            meanwhile.strike();
        } finally {
            project.variable("PATH", null);
        }
    }

    static void docker(String... arguments) {
        var result = Command.of(Duration.ofSeconds(60), "docker").and(arguments).run();
        assertThat(result.ok()).as(result.last()).isTrue();
    }
}
