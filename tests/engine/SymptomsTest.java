import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What the guide lists by symptom is said in these words, and the version of before serves meanwhile. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SymptomsTest {
    /** Provoked by AdoptTest and ProxyTest. */
    private static final List<String> ELSEWHERE = List.of("which the colours replace", "does not run: ");
    private static final String NODE = """
        FROM node:24
        CMD ["node", "-e", "process.on('SIGTERM', () => %s); require('http').createServer((q, s) => s.end(\
        %s)).listen(process.env.PORT)"]
        """;
    private static final List<String> seen = new ArrayList<>(ELSEWHERE);
    private static Project project;

    @BeforeAll static void up() throws IOException {
        project = Bluegreen.project("symptoms");
        compose("labelled", "app-blue: {labels: {bluegreen.schema: \"5\"}}");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s", "--set", with("labelled"));
        Bluegreen.image(project, "silent",
            "FROM " + project.name + ":1\nENTRYPOINT [\"sh\", \"-c\", \"trap exit TERM; sleep 600 & wait\"]");
        Bluegreen.image(project, "other", "FROM " + project.name + ":1\nENV APP_VERSION=another");
        Bluegreen.image(project, "newer", "FROM " + project.name + ":1\nLABEL bluegreen.schema=8");
        Bluegreen.image(project, "plain", NODE.formatted("process.exit()", "'OK'"));
        Bluegreen.image(project, "deaf", NODE.formatted("{}",
            "JSON.stringify({status: 'healthy', version: 'deaf', deployment: process.env.DEPLOYMENT})"));
        compose("apart", "app-green: {networks: !override [data, aside]}");
        compose("alone", "app-blue: {networks: !override [aside]}");
        compose("hurried", "app-green: {stop_grace_period: 2s}");
    }
    @AfterAll static void down() throws IOException { project.close(); }

    private static void compose(String name, String service) throws IOException {
        Files.writeString(project.folder.resolve(name + ".yaml"),
            "services:\n  " + service + "\nnetworks: {aside: {}}\n");
    }

    /** The project's own compose file, with another one laid over it. */
    private static String with(String compose) {
        return "compose.files=" + project.config().composeFiles().getFirst() + "," + compose + ".yaml";
    }

    private static void says(List<String> symptoms, int code, String script, String... arguments) throws IOException {
        assertThat(Bluegreen.code(code, project, script, arguments).text()).contains(symptoms);
        assertThat(Bluegreen.get(project, "/api/echo")).as("users are served").startsWith("blue 1");
        seen.addAll(symptoms);
    }

    /** Of a deploy to green. @param set keys of the configuration */
    private static void deploySays(List<String> symptoms, int code, String version, String... set) throws IOException {
        var all = new ArrayList<>(List.of("--target", "green", "--version", version, "--no-build", "--no-switch"));
        for (String one : set) all.addAll(List.of("--set", one));
        says(symptoms, code, "deploy", all.toArray(String[]::new));
    }

    @Test @Order(1)
    void a_candidate_that_is_not_well() throws IOException {
        deploySays(List.of("nothing answers at", "never got healthy: "), 5, "silent", "health.timeout=2s");
        deploySays(List.of("not JSON (health.require: [] accepts a plain 200)"), 5, "plain", "health.timeout=2s");
        deploySays(List.of("it is version", ", not"), 5, "other", "health.timeout=10s");
    }

    @Test @Order(2)
    void networks_that_lead_nowhere() throws IOException {
        deploySays(List.of("healthy on its own port, but not through Nginx: "), 5, "1", with("apart"),
            "health.timeout=10s");
        says(List.of("share no network in the compose files"), 3, "validate", "--set", with("alone"));
    }

    @Test @Order(3)
    void an_app_that_ignores_its_signal() throws IOException {
        Bluegreen.ok(project, "deploy", "--target", "green", "--version", "deaf", "--no-build", "--no-switch", "--set",
            with("hurried"));
        deploySays(List.of(" did not stop on SIGTERM: killed after "), 0, "1");
    }

    @Test @Order(4)
    void what_stands_in_the_way() throws IOException {
        deploySays(List.of("failed with exit code "), 5, "1", "hooks.pre-deploy=false");
        try (var held = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            deploySays(List.of(" is taken"), 3, "1", "ports.green=" + held.getLocalPort());
        }
        deploySays(List.of("the database cannot serve both versions"), 3, "newer");
    }

    @Test @Order(5)
    void another_deployer() throws Exception {
        var first = project.start("deploy", "--target", "green", "--version", "1", "--no-build", "--no-switch", "--set",
            "hooks.pre-deploy=sh\n-c\nuntil [ -e " + project.folder.resolve("go") + " ]; do sleep 0.2; done");
        for (String line; (line = first.inputReader().readLine()) != null;)
            if (line.contains("\"hook\"") && line.contains("begin")) break;
        says(List.of("another deployer is at work"), 4, "switch", "green");
        Files.createFile(project.folder.resolve("go"));
        first.inputReader().lines().forEach(_ -> {});
        assertThat(first.waitFor()).isZero();
    }

    @Test @Order(6)
    void there_is_no_symptom_more_in_the_guide() throws IOException {
        String guide = Files.readString(Bluegreen.HOME.resolve("docs/ZERO_DOWNTIME_DEPLOYMENT.md"));
        var table = guide.substring(guide.indexOf("| it says |"), guide.indexOf("## Before production"));
        var listed = Pattern.compile("(?m)^\\| ((?:`[^`]+`(?: … )?)+)")
            .matcher(table)
            .results()
            .flatMap(row -> Pattern.compile("`([^`]+)`").matcher(row.group(1)).results())
            .map(part -> part.group(1));
        assertThat(listed.toList()).containsExactlyInAnyOrderElementsOf(seen);
    }
}
