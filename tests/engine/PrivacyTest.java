import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.process.Command;
import load.Docker;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets on a real stack, run by somebody whose computer speaks Turkish; and two people who share a project. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PrivacyTest {
    private static final String PASSWORD = "hun@ter/2#?&:%41 x'$Y";
    private static final String TURKISH = "-Duser.language=tr -Duser.country=TR";
    /** By reference: a value each, under a name that tells nothing. */
    private static final Map<String, String> MARKS = Map.of("M_ENV", "geheim-env", "M_CMD", "geheim-cmd", "M_SOPS",
        "geheim-sops", "M_OP", "geheim-op", "M_VAULT", "geheim-vault");
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("privacy");
        Files.writeString(project.folder.resolve("db.secret"), PASSWORD + "\n");
        Files.writeString(project.folder.resolve("marks.yml"), "services: {app-blue: &a {environment: {"
            + String.join(", ", MARKS.keySet().stream().map(m -> m + ": \"${" + m + "}\"").toList())
            + "}}, app-green: *a}\n");
        // The password managers are none: each prints its mark, and notes that it was called.
        for (String manager : List.of("sops", "op", "vault"))
            program(manager, "echo \"" + manager + " $*\" >>\"$0.called\"; cat \"$0.says\"", "geheim-" + manager);
        program("docker", "echo \"$*\" >>\"$0.called\"; exec " + which("docker") + " \"$@\"", "");
        project.variable("PATH", project.folder.resolve("bin") + ":" + System.getenv("PATH"))
            .variable("M_FROM", MARKS.get("M_ENV"))
            .variable("BLUEGREEN_COMPOSE_FILES",
                Bluegreen.HOME.resolve("compose/docker-compose.blue-green.yml") + ",marks.yml")
            .variable("JAVA_TOOL_OPTIONS", TURKISH)
            .configure(
                "variables: {POSTGRES_PASSWORD: 'file:db.secret', OTHER_PASSWORD: geheim-literal, M_ENV: 'env:M_FROM', "
                    + "M_CMD: 'cmd:[\"printf\", \"%s-cmd\", \"geheim\"]', M_SOPS: 'sops:all.yaml#m', M_OP: op://a/b/c, M_VAULT: 'vault:a/b#c'}\n"
                    + "hooks: {pre-deploy: [sh, -c, 'echo MAIL_PASSWORD=geheim-said', geheim-argument]}\nnotify: {webhook: 'http://127.0.0.1:9/geheim-address'}");
    }
    private static void program(String name, String script, String says) throws IOException {
        Path file = Files.createDirectories(project.folder.resolve("bin")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        Files.writeString(file.resolveSibling(name + ".says"), says + "\n");
    }
    private static String which(String program) {
        return Command.of(Duration.ofSeconds(5), "sh", "-c", "command -v " + program).run().out().strip();
    }
    private static List<String> called(String program) throws IOException {
        return Files.readAllLines(project.folder.resolve("bin/" + program + ".called"));
    }
    private static String environment(Colour colour) {
        return Docker.call("inspect", "--format", "{{json .Config.Env}}", Bluegreen.id(project, colour)).out();
    }

    @AfterAll static void down() throws IOException { project.close(); }

    @Test @Order(1)
    void a_password_with_what_ends_a_url_reaches_the_database_and_turkish_changes_nothing() throws IOException {
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        assertThat(Bluegreen.get(project, "/api/health")).contains("\"database\":{\"ok\":true");
        assertThat(Bluegreen.serving(project).via()).hasToString("instant");
        assertThat(project.run("validate").text()).contains("SELECT 1 as app at postgres");
        assertThat(environment(Colour.BLUE)).contains(MARKS.values());
        for (String manager : List.of("sops", "op", "vault")) assertThat(called(manager)).hasSize(1);
        assertThat(called("op")).containsExactly("op read --no-newline op://a/b/c");
    }

    @Test @Order(2)
    void what_failed_is_told_and_kept_without_a_secret_and_only_for_its_owner() throws IOException {
        Bluegreen.image(project, "broken", "FROM node:24\nLABEL bluegreen.app=" + project.name
            + "\nCMD [\"node\", \"-e\", \"console.log(process.env.M_VAULT, process.env.M_OP); console.log('cannot connect to ' + process.env.DATABASE_URL + ' with ' + decodeURIComponent(process.env.DATABASE_URL)); process.exit(1)\"]\n");
        Files.writeString(project.folder.resolve("bin/vault.says"), "geheim-new-vault\n");
        var said = Bluegreen.code(5, project, "deploy", "--version", "broken", "--no-build", "--set",
            "health.timeout=5s");
        assertThat(said.text()).contains("cannot connect to postgres://[redacted]@postgres");
        var seen = said.text() + said.events();
        for (String secret : List.of("hun@ter", "hun%40ter", "geheim"))
            assertThat(seen).as("on the terminal").doesNotContain(secret);
        var names = new ArrayList<String>();
        try (Stream<Path> all = Files.walk(project.folder.resolve(".deployment"))) {
            for (Path file : all.toList()) {
                names.add(file.getFileName().toString());
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(file.toString())
                    .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
                if (!Files.isRegularFile(file)) continue;
                String text = Files.readString(file);
                // The only place for a literal; what came by reference is not even there.
                if (file.endsWith("compose.env"))
                    text = text.replace("OTHER_PASSWORD='geheim-literal'", "")
                        .replace("OTHER_PASSWORD_URL='geheim-literal'", "");
                assertThat(text).as(file.toString()).doesNotContain("hun@ter", "hun%40ter", "geheim");
            }
        }
        assertThat(environment(Colour.GREEN)).as("a new value comes with a deploy").contains("geheim-new-vault");
        assertThat(environment(Colour.BLUE)).as("what serves keeps its own").contains("\"M_VAULT=geheim-vault\"");
        assertThat(called("docker"))
            .as("what ps shows")
            .anyMatch(a -> a.contains("up --detach"))
            .noneMatch(a -> a.matches(".*(hun@ter|hun%40ter|geheim).*"));
        assertThat(names).contains("journal.jsonl", "green-broken.log", "configuration.txt", "app-green.log");
        assertThat(Files.readString(bundle().resolve("configuration.txt")))
            .containsPattern("notify.webhook: #[0-9a-f]{8}")
            .containsPattern("hooks.pre-deploy: sh #[0-9a-f]{8}");
        assertThat(Files.readString(bundle().resolve("journal.jsonl"))).contains("MAIL_PASSWORD=[redacted]");
    }

    @Test @Order(3)
    void a_journal_that_has_grown_too_long_loses_its_oldest_runs() throws IOException {
        Path journal = project.folder.resolve(".deployment/journal.jsonl");
        String old = "{\"at\":\"2025-12-03T10:15:00Z\",\"run\":\"switch-old-%d\",\"step\":\"run\",\"phase\":\"begin\"}\n";
        var grown = new StringBuilder();
        for (int i = 0; i < 80_000; i++) grown.append(old.formatted(i));
        Files.writeString(journal, grown + Files.readString(journal));
        Bluegreen.ok(project, "deploy", "--version", "1", "--no-build", "--no-switch");
        assertThat(Files.size(journal)).isLessThan(3_000_000);
        assertThat(Files.readString(journal)).doesNotContain("switch-old-1\"").contains("\"version\":\"broken\"");
    }

    @Test @Order(4)
    void what_makes_no_container_asks_no_password_manager_and_the_way_back_has_the_old_value() throws IOException {
        var before = List.of(called("sops"), called("op"), called("vault"));
        Bluegreen.ok(project, "switch", "green", "--no-drain");
        Files.delete(project.folder.resolve("db.secret"));
        project.variable("M_FROM", null);
        Bluegreen.ok(project, "switch", "blue", "--no-drain");
        assertThat(environment(Colour.BLUE)).contains("\"M_VAULT=geheim-vault\"");
        Bluegreen.ok(project, "status");
        assertThat(project.run("validate").text())
            .contains("the variable M_ENV has no value: env:M_FROM: M_FROM is not set", "export M_FROM=...");
        assertThat(List.of(called("sops"), called("op"), called("vault"))).isEqualTo(before);
        assertThat(Bluegreen.code(3, project, "deploy", "--version", "1", "--no-build").text())
            .contains("the variable M_ENV has no value: env:M_FROM");
    }

    private static Path bundle() throws IOException {
        try (Stream<Path> all = Files.list(project.folder.resolve(".deployment/incidents"))) {
            return all.findFirst().orElseThrow();
        }
    }

    @Test void a_variable_with_an_i_in_its_name_counts_in_turkish_too() throws IOException {
        try (var other = new Project("bgtest-turkish", Bluegreen.HOME)
            .variable("JAVA_TOOL_OPTIONS", TURKISH)
            .variable("BLUEGREEN_SWITCHING", "nonsense")) {
            assertThat(Bluegreen.code(2, other, "status").text())
                .contains("the variable BLUEGREEN_SWITCHING: switching is 'nonsense'");
        }
    }

    @ParameterizedTest @ValueSource(strings = {"tr", "de", "ar"})
    void a_part_of_lib_by_itself_says_the_same_in_every_language(String language) {
        var java = ProcessHandle.current().info().command().orElseThrow();
        var said = Command.of(Duration.ofSeconds(30), java, "-Duser.language=" + language, "-cp",
            System.getProperty("java.class.path"), "lib.Colleague", "words").run();
        assertThat(said.out())
            .as(said.err())
            .isEqualTo("switch 4.2 GB 5368709120 inconclusive TWILIO_SID=[redacted] api_key=[redacted] blue\n");
    }

    /** Two users of the kernel and their group, in a container: nothing is left of them, and no root is needed. */
    @Test void two_people_share_a_project_by_its_group_but_not_its_secrets() {
        var run = new ArrayList<>(List.of("run", "--rm", "--user", "0", "--network", "none", "--entrypoint", "sh"));
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator))
            if (jar.matches(".*/(jackson-|snakeyaml-|j2html-|java-diff-utils-|program)[^/]*[.]jar"))
                run.addAll(List.of("--volume", jar + ":/jars/" + Path.of(jar).getFileName() + ":ro"));
        run.addAll(List.of("eclipse-temurin:25-jre", "-ec", """
            umask 077
            mkdir /p; chgrp 3000 /p; chmod g+rwxs /p
            as() { user=$1; shift; setpriv --reuid $user --regid $user --groups 3000 "$@"; }
            run() { as $1 java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/jars/*' lib.Colleague /p; }
            run 1001; run 1002; run 1001
            cd /p
            stat -c '%a %g %n' .deployment .deployment/metrics .deployment/reports .deployment/incidents/one
            stat -c '%a %g %n' .deployment/journal.jsonl .deployment/metrics/* .deployment/logs/* .deployment/incidents/one/* .deployment/reports/* .deployment/configurations/*
            stat -c '%a %u %n' .deployment/compose.env
            as 1002 cat .deployment/compose.env && echo shown || echo kept
            setpriv --reuid 1003 --regid 1003 --clear-groups cat .deployment/journal.jsonl && echo shown || echo kept
            """));
        var said = Docker.command(Duration.ofMinutes(1), run.toArray(String[]::new)).run();
        assertThat(said.code()).as(said.err()).isZero();
        var lines = said.out().lines().toList();
        assertThat(lines.subList(0, 6))
            .containsExactly("compose.env is new", "runs 1", "compose.env cannot be read", "runs 2",
                "compose.env cannot be read", "runs 3");
        assertThat(lines.subList(6, 10)).allMatch(l -> l.startsWith("2770 3000 "));
        assertThat(lines.subList(10, lines.size() - 3)).hasSize(11).allMatch(l -> l.startsWith("660 3000 "));
        assertThat(lines.subList(lines.size() - 3, lines.size()))
            .containsExactly("600 1001 .deployment/compose.env", "kept", "kept");
    }

    @Test void equal_ports_are_refused_before_anything_is_started() throws IOException {
        try (var other = new Project("bgtest-ports", Bluegreen.HOME)) {
            var said = Bluegreen.code(2, other, "deploy", "--version", "1", "--set", "ports.blue=" + other.green);
            assertThat(said.text()).contains("ports.blue and ports.green are the same port, " + other.green);
            assertThat(lib.docker.Engine.here().containers(other.name)).isEmpty();
        }
    }
}
