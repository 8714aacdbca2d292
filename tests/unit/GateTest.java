package lib.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Version;
import lib.docker.Compose;
import lib.docker.FakeEngine;
import lib.stack.Stack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a colour must show before it gets traffic, against an app and an Nginx that answer what the test says. */
@Timeout(20)
@Execution(ExecutionMode.CONCURRENT)        // it waits most of its time
class GateTest {
    private static final String ITS_OWN = "172.20.0.7", ANOTHER = "172.20.0.4";

    /** @param upstream that Nginx says it asked; "": it says nothing */
    private record Answer(int status, String version, String upstream) {}

    @TempDir Path project;
    private final List<HttpServer> servers = new ArrayList<>();
    private final FakeEngine engine = new FakeEngine();

    @AfterEach void end() { servers.forEach(s -> s.stop(0)); }

    /** @param answer to its nth request */
    private int server(AtomicInteger asked, IntFunction<Answer> answer) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", exchange -> {
            var said = answer.apply(asked.incrementAndGet());
            if (!said.upstream.isEmpty()) exchange.getResponseHeaders().add("X-Upstream", said.upstream + ":3008");
            byte[] body = "{\"status\":\"healthy\",\"version\":\"%s\",\"deployment\":\"blue\"}"
                .formatted(said.version)
                .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(said.status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        servers.add(server);
        return server.getAddress().getPort();
    }

    private Gate.Outcome outcome(int app, int nginx, List<String> seen) throws Exception {
        Files.writeString(project.resolve("bluegreen.yaml"),
            "app: shop\nports: {control: %d, blue: %d}\n".formatted(nginx, app));
        var config = Config.load(project, Map.of());
        String id = engine.add(config.composeProject(), "app-blue", "sha256:1");
        engine.note(id)
            .putObject("NetworkSettings")
            .putObject("Networks")
            .putObject("edge")
            .put("IPAddress", ITS_OWN);
        return new Gate(new Stack(config, engine, Compose.of(config)), Colour.BLUE, Version.of("1"))
            .await(Duration.ofSeconds(10), seen::add);
    }

    @Test void what_nginx_reaches_at_an_address_of_another_container_says_nothing() throws Exception {
        var asked = new AtomicInteger();
        int app = server(new AtomicInteger(), _ -> new Answer(200, "1", ""));
        int nginx = server(asked, n -> new Answer(200, "1", n < 8 ? ANOTHER : ITS_OWN));
        assertThat(outcome(app, nginx, new ArrayList<>())).isInstanceOf(Gate.Outcome.Passed.class);
        assertThat(asked.get()).isGreaterThanOrEqualTo(8);
    }

    @Test void an_nginx_that_does_not_say_what_it_asked_is_believed() throws Exception {
        int app = server(new AtomicInteger(), _ -> new Answer(200, "1", ""));
        int nginx = server(new AtomicInteger(), _ -> new Answer(200, "1", ""));
        assertThat(outcome(app, nginx, new ArrayList<>())).isInstanceOf(Gate.Outcome.Passed.class);
    }

    @Test void an_app_that_falters_begins_anew() throws Exception {
        var asked = new AtomicInteger();
        var seen = new ArrayList<String>();
        int app = server(asked, n -> new Answer(n == 3 ? 503 : 200, "1", ""));
        int nginx = server(new AtomicInteger(), _ -> new Answer(200, "1", ITS_OWN));
        assertThat(outcome(app, nginx, seen)).isInstanceOf(Gate.Outcome.Passed.class);
        assertThat(asked.get()).isGreaterThanOrEqualTo(6);
        assertThat(seen).singleElement().asString().contains("HTTP 503");
    }

    @Test void who_learns_of_it_late_is_waited_for_without_a_word() throws Exception {
        var seen = new ArrayList<String>();
        int app = server(new AtomicInteger(), _ -> new Answer(200, "1", ""));
        int nginx = server(new AtomicInteger(), n -> new Answer(n < 5 ? 502 : 200, "1", ITS_OWN));
        assertThat(outcome(app, nginx, seen)).isInstanceOf(Gate.Outcome.Passed.class);
        assertThat(seen).isEmpty();
    }

    @Test void another_version_behind_nginx_is_no_good_answer() throws Exception {
        var asked = new AtomicInteger();
        int app = server(new AtomicInteger(), _ -> new Answer(200, "1", ""));
        int nginx = server(asked, n -> new Answer(200, n < 8 ? "0" : "1", ITS_OWN));
        assertThat(outcome(app, nginx, new ArrayList<>())).isInstanceOf(Gate.Outcome.Passed.class);
        assertThat(asked.get()).isGreaterThanOrEqualTo(8);
    }
}
