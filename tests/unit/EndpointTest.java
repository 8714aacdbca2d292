package lib.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Optional;
import lib.core.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the engine is: as the docker command finds it. */
class EndpointTest {
    @TempDir Path home;

    private Endpoint find(String... variables) {
        var all = new HashMap<String, String>();
        for (int i = 0; i < variables.length; i += 2) all.put(variables[i], variables[i + 1]);
        return Endpoint.find(all, home);
    }

    /** As "docker context create NAME" leaves it: its folder is the checksum of "remote". */
    private Path context(String host) throws IOException {
        String id = "b71199ebd070b36beab7317920c2c2f1d777df8d05e5527d8458fda57cb17a7a";
        var meta = Files.createDirectories(home.resolve(".docker/contexts/meta/" + id));
        Files.writeString(meta.resolve("meta.json"),
            "{\"Name\":\"remote\",\"Endpoints\":{\"docker\":{\"Host\":\"" + host + "\",\"SkipTLSVerify\":false}}}");
        return home.resolve(".docker/contexts/tls/" + id + "/docker");
    }

    private static void certificates(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String pem : Endpoint.PEMS) Files.writeString(folder.resolve(pem), "");
    }

    @Test void this_machine_s_own() {
        assertThat(find()).isEqualTo(new Endpoint.Unix("/var/run/docker.sock"));
        assertThat(find("DOCKER_HOST", " ", "DOCKER_CONTEXT", "default").isRemote()).isFalse();
    }

    @Test void the_variable_and_its_kinds() {
        assertThat(find("DOCKER_HOST", "unix:///run/user/1000/docker.sock"))
            .isEqualTo(new Endpoint.Unix("/run/user/1000/docker.sock"));
        assertThat(find("DOCKER_HOST", "npipe:////./pipe/docker_engine"))
            .isEqualTo(new Endpoint.Npipe("//./pipe/docker_engine"));
        assertThat(find("DOCKER_HOST", "tcp://engine:2376"))
            .isEqualTo(new Endpoint.Tcp("engine:2376", Optional.empty()));
        assertThat(find("DOCKER_HOST", "tcp://engine").host()).isEqualTo("tcp://engine:2375");
        assertThat(find("DOCKER_HOST", "ssh://me@engine:22")).isEqualTo(new Endpoint.Ssh("ssh://me@engine:22"));
        assertThat(find("DOCKER_HOST", "ssh://me@engine").isRemote()).isTrue();
        assertThat(catchThrowableOfType(Failure.class, () -> find("DOCKER_HOST", "ftp://engine")))
            .hasMessageContaining("ftp://engine");
    }

    @Test void tls() throws IOException {
        var folder = home.resolve("certificates");
        certificates(folder);
        assertThat(
            find("DOCKER_HOST", "tcp://engine:2376", "DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", folder.toString()))
            .isEqualTo(new Endpoint.Tcp("engine:2376", Optional.of(folder)));
        assertThat(
            find("DOCKER_HOST", "tcp://engine:2376", "DOCKER_TLS_VERIFY", "", "DOCKER_CERT_PATH", folder.toString()))
            .as("off, as for the docker command")
            .isEqualTo(new Endpoint.Tcp("engine:2376", Optional.empty()));
        Files.delete(folder.resolve("key.pem"));
        var failure = catchThrowableOfType(Failure.class, () -> find("DOCKER_HOST", "tcp://engine:2376",
            "DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", folder.toString()));
        assertThat(failure).hasMessage("a certificate for the engine is missing");
        assertThat(failure.why().orElseThrow()).contains("key.pem");
    }

    @Test void a_context_by_its_variable_or_the_current_one() throws IOException {
        var tls = context("tcp://engine:2376");
        assertThat(find("DOCKER_CONTEXT", "remote")).isEqualTo(new Endpoint.Tcp("engine:2376", Optional.empty()));
        certificates(tls);
        assertThat(find("DOCKER_CONTEXT", "remote")).isEqualTo(new Endpoint.Tcp("engine:2376", Optional.of(tls)));
        assertThat(find().isRemote()).isFalse();
        Files.writeString(home.resolve(".docker/config.json"), "{\"currentContext\":\"remote\"}");
        assertThat(find().isRemote()).isTrue();
        assertThat(find("DOCKER_CONTEXT", "default").isRemote()).isFalse();
        assertThat(find("DOCKER_HOST", "unix:///x").isRemote()).as("the variable wins").isFalse();
        assertThat(find("DOCKER_CONFIG", home.resolve("other").toString()).isRemote()).isFalse();
    }

    @Test void a_context_that_is_none() {
        var failure = catchThrowableOfType(Failure.class, () -> find("DOCKER_CONTEXT", "nope"));
        assertThat(failure).hasMessage("docker's context 'nope' does not exist");
        assertThat(failure.next().orElseThrow()).contains("docker context ls");
    }
}
