import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import lib.core.Colour;
import lib.process.Command;
import load.Docker;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images from a real registry that asks for a login: what comes, and what does not and so touches nothing that serves.
 */
class PullTest {
    private static final Path TOOLS = Path.of(System.getenv("BLUEGREEN_TEST_TOOLS"));
    private static final String LOGIN = "deployer:geheim-registry";
    /** The registry's file for it: bcrypt. */
    private static final String HTPASSWD = "deployer:$2b$04$sYxd9o6TCP0Vmrug8Ido0OSgsx66WEynF7XAJX.jcRvT4TnUl.c66\n";
    /** Its health is a file, its server 1 MB. */
    private static final String APP = """
        FROM scratch
        COPY busybox /bin/busybox
        ARG VERSION=null
        RUN ["/bin/busybox", "mkdir", "-p", "/www/api"]
        RUN ["/bin/busybox", "sh", "-c", "echo '{\\"status\\":\\"healthy\\",\\"version\\":\\"'$VERSION'\\"}' >/www/api/health"]
        CMD ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM; /bin/busybox httpd -f -p 3008 -h /www & wait"]
        """;

    @TempDir static Path folder;
    private static Process registry;
    private static Project project;
    private static String name;

    @BeforeAll static void up() throws IOException {
        int port = Project.freePorts(1).getFirst();
        name = "127.0.0.1:" + port + "/acme/bgtest-pull";
        serve(port);
        login(port);
        for (String version : new String[] {"1", "2"}) push(version, "VERSION=" + version, "linux/amd64");
        push("moved", "VERSION=moved", "linux/amd64");
        push("unnamed", "OTHER=x", "linux/amd64");
        push("other", "", "linux/arm64");
        project = Bluegreen.project("pull")
            .variable("DOCKER_CONFIG", folder.resolve("docker").toString())
            .variable("BLUEGREEN_BUILD_CONTEXT", "none")
            .configure("image: " + name + "\nhealth: {require: [status, version], timeout: 3s}");
    }

    @AfterAll static void down() throws IOException, InterruptedException {
        registry.destroy();
        registry.waitFor();
        project.close();
        Docker.call("images", "--quiet", "--no-trunc", "--filter", "reference=" + name)
            .out()
            .lines()
            .distinct()
            .forEach(id -> Docker.call("rmi", "--force", id));
    }

    private static void serve(int port) throws IOException {
        Files.writeString(folder.resolve("htpasswd"), HTPASSWD);
        Path config = Files.writeString(folder.resolve("config.yml"), """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: '127.0.0.1:%d'}
            auth: {htpasswd: {realm: tests, path: %s}}
            """.formatted(folder.resolve("blobs"), port, folder.resolve("htpasswd")));
        registry = new ProcessBuilder(TOOLS.resolve("usr/bin/docker-registry").toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
        for (long end = System.nanoTime() + Duration.ofSeconds(20).toNanos(); !listens(port);)
            assertThat(System.nanoTime()).as(Files.readString(folder.resolve("registry.log"))).isLessThan(end);
    }
    private static boolean listens(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** As "docker login" leaves it. */
    private static void login(int port) throws IOException {
        Files.createDirectories(folder.resolve("docker"));
        Files.writeString(folder.resolve("docker/config.json"), "{\"auths\": {\"127.0.0.1:" + port + "\": {\"auth\": \""
            + Base64.getEncoder().encodeToString(LOGIN.getBytes()) + "\"}}}");
    }

    /** Built, pushed and gone from the engine. Without an argument, of what every platform can have. */
    private static void push(String tag, String argument, String platform) throws IOException {
        Path context = Files.createDirectories(folder.resolve("context"));
        Files.copy(TOOLS.resolve("bin/busybox"), context.resolve("busybox"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(context.resolve("Dockerfile"), argument.isEmpty() ? "FROM scratch\nCOPY busybox /\n" : APP);
        docker("build", "--quiet", "--platform", platform, "--build-arg", argument.isEmpty() ? "X=" : argument, "--tag",
            name + ":" + tag, context.toString());
        docker("push", "--quiet", name + ":" + tag);
        docker("rmi", "--force", name + ":" + tag);
    }
    private static void docker(String... arguments) {
        var said = Command.of(Duration.ofMinutes(1), "docker")
            .and(arguments)
            .with(Map.of("DOCKER_CONFIG", folder.resolve("docker").toString()))
            .run();
        assertThat(said.ok()).as(said.err()).isTrue();
    }

    private static String image(Colour colour) {
        return Docker.call("inspect", "--format", "{{.Image}}", Bluegreen.id(project, colour)).out().strip();
    }

    @Test void a_version_is_pulled_with_dockers_login_and_what_does_not_come_touches_nothing() throws IOException {
        var first = Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        assertThat(first.text()).contains(name + ":1");
        var colours = Bluegreen.ok(project, "status").event("status");
        String digest = colours.at("/blue/digest").asText();
        assertThat(digest).startsWith(name + "@sha256:");
        String id = image(Colour.BLUE);

        refused("9", "has no " + name + ":9", "docker push");
        refused("other", "is for linux/arm64, the engine is linux/amd64", "--platform linux/amd64");
        project.variable("DOCKER_CONFIG", folder.resolve("empty").toString());
        refused("2", "does not give " + name + ":2 to you", "docker login 127.0.0.1:");
        project.variable("DOCKER_CONFIG", folder.resolve("docker").toString());

        var unnamed = Bluegreen.code(5, project, "deploy", "--version", "unnamed").text();
        assertThat(unnamed).contains("it is version null, not unnamed", "ARG VERSION", "health.require: [status");

        docker("pull", name + ":moved");
        docker("tag", name + ":moved", name + ":1");
        docker("push", "--quiet", name + ":1");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "0s");
        Bluegreen.ok(project, "switch", "--rollback", "--no-drain");
        assertThat(image(Colour.BLUE)).as("a tag that moved changes nothing").isEqualTo(id);
        assertThat(Bluegreen.get(project, "/api/health")).contains("\"version\":\"1\"");

        registry.destroy();
        var away = refused("2", "is not reached from the engine", "what is here: --image " + name + "@sha256:");
        assertThat(away).doesNotContain("geheim");
        Bluegreen.ok(project, "deploy", "--version", "1", "--image", digest, "--no-switch");
        assertThat(image(Colour.GREEN)).isEqualTo(id);
    }

    private static String refused(String version, String... told) throws IOException {
        var said = Bluegreen.code(3, project, "deploy", "--version", version).text();
        assertThat(said).contains(told).contains("Nothing was changed");
        assertThat(Bluegreen.get(project, "/api/health")).contains("\"version\":\"1\"");
        return said;
    }
}
