package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.DockerJava;
import lib.docker.Endpoint;
import lib.docker.EngineError;
import lib.docker.Listening;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why an engine or an app was not reached, from what was recorded of real ones. */
class ReachedTest {
    private static final String DNS = "   0: 0B00007F:BC31 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1";

    private static String listens(String address) {
        return DNS + "\n   1: " + address
            + " 00000000:0000 0A 00000000:00000000\n   2: 0200A8C0:0BC0 0100A8C0:D001 01 0\n";
    }

    @Test void an_app_on_another_port() {
        assertThat(Listening.wrong(9999, listens("00000000:1F40")))
            .hasValueSatisfying(
                w -> assertThat(w).startsWith("nothing listens on 9999 in the container, the app listens on 8000:"));
        assertThat(Listening.wrong(3008, listens("0100007F:1F40")))
            .hasValueSatisfying(w -> assertThat(w).contains("listens on 127.0.0.1:8000"));
    }

    @ParameterizedTest
    @CsvSource({"0100007F:0BC0", "00000000000000000000000001000000:0BC0", "0000000000000000FFFF00000100007F:0BC0"})
    void an_app_on_its_own_address_only(String address) {
        assertThat(Listening.wrong(3008, listens(address)))
            .hasValueSatisfying(w -> assertThat(w).contains("127.0.0.1:3008 only"));
    }

    @ParameterizedTest @CsvSource({"00000000:0BC0", "00000000000000000000000000000000:0BC0", "0200A8C0:0BC0"})
    void an_app_that_is_reached(String address) { assertThat(Listening.wrong(3008, listens(address))).isEmpty(); }

    /** The engine's own name server listens in each container. */
    @Test void nothing_at_all() {
        assertThat(Listening.wrong(3008, DNS))
            .hasValueSatisfying(w -> assertThat(w).startsWith("nothing listens in the container"));
    }

    @ParameterizedTest @CsvSource({"404,not found", "200,<html>a proxy</html>"})
    void something_else_than_docker(int code, String body) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", asked -> {
            try (asked) {
                asked.sendResponseHeaders(code, body.length());
                asked.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
            }
        });
        server.start();
        String address = "127.0.0.1:" + server.getAddress().getPort();
        try (var engine = new DockerJava(new Endpoint.Tcp(address, Optional.empty()))) {
            assertThatThrownBy(() -> engine.containers("app")).isInstanceOfSatisfying(Failure.class, f -> {
                assertThat(f).hasMessageContaining("what answers at tcp://" + address + " is not Docker");
                assertThat(f.code).isEqualTo(ExitCode.PREFLIGHT);
            });
        } finally {
            server.stop(0);
        }
    }

    private static Failure failure(String said) { return EngineError.of(said).orElseThrow(); }

    @Test void a_socket_that_is_for_others_is_not_an_engine_that_is_down() {
        for (String said : new String[] {
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json\": dial unix /var/run/docker.sock: connect: permission denied",
            "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
            "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get ..."}) {
            var failure = failure(said);
            assertThat(failure.getMessage()).contains("may not use it").doesNotContain("not running");
            assertThat(failure.why().orElseThrow()).startsWith("/var/run/docker.sock");
            assertThat(failure.next().orElseThrow()).contains("usermod").contains("sudo");
        }
    }

    @Test void other_reasons() {
        assertThat(
            failure("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
                .getMessage())
            .isEqualTo("Docker is not running");
        assertThat(failure("Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?")
            .getMessage()).isEqualTo("the engine does not answer");
        assertThat(failure(
            "Failed to initialize: unable to resolve docker endpoint: context \"nope\": context not found: open /root/.docker/contexts/meta/ca37/meta.json: no such file or directory")
            .getMessage())
            .isEqualTo("docker's context 'nope' does not exist");
        assertThat(failure(
            "Failed to initialize: unable to resolve docker endpoint: open /tmp/ca.pem: no such file or directory")
            .getMessage()).isEqualTo("a certificate for the engine is missing");
        assertThat(failure(
            "error during connect: Get \"https://127.0.0.1:2376/v1.50/containers/json\": tls: failed to verify certificate: x509: certificate signed by unknown authority")
            .getMessage())
            .isEqualTo("the engine's TLS does not fit");
        assertThat(failure("Error response from daemon: Client sent an HTTP request to an HTTPS server.").getMessage())
            .isEqualTo("the engine's TLS does not fit");
        assertThat(failure(
            "error during connect: Get \"http://nohost.invalid:2376/v1.50/containers/json\": dial tcp: lookup nohost.invalid on 10.0.0.1:53: no such host")
            .getMessage())
            .isEqualTo("the engine's machine is not known: nohost.invalid");
        assertThat(failure(
            "error during connect: Get \"http://docker.example.com/v1.50/containers/json\": command [ssh -o ConnectTimeout=30 -T -l me -p 1 -- host docker system dial-stdio] has exited with exit status 255, "
                + "make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=ssh: connect to host host port 1: Connection refused\n"))
            .satisfies(f -> assertThat(f.why().orElseThrow())
                .isEqualTo("ssh: connect to host host port 1: Connection refused"))
            .satisfies(f -> assertThat(f.next().orElseThrow())
                .startsWith("ssh -o ConnectTimeout=30 -T -l me -p 1 -- host true"));
    }

    @Test void what_an_answer_of_the_engine_says_is_none_of_it() {
        assertThat(EngineError.of("Error response from daemon: No such container: x")).isEmpty();
    }
}
