//DEPS org.slf4j:slf4j-nop:2.0.17
//DEPS com.github.docker-java:docker-java-core:3.7.1
//DEPS com.github.docker-java:docker-java-transport-zerodep:3.7.1
package lib.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.LocalDirectorySSLConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import lib.core.Failure;

/** docker-java's clients for an endpoint: one for calls, and one for what may say nothing for hours. */
final class Connections implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final Endpoint endpoint;
    private final Optional<Bridge> bridge;
    private final DockerClient calls, streams;

    Connections(Endpoint endpoint) {
        this.endpoint = endpoint;
        bridge = endpoint instanceof Endpoint.Ssh ssh ? Optional.of(Bridge.over(ssh)) : Optional.empty();
        calls = client(Optional.of(Engine.LIMIT));
        streams = client(Optional.empty());
    }

    DockerClient calls() { return calls; }
    DockerClient streams() { return streams; }

    Failure unreached(Throwable error) {
        var complaint = bridge.map(Bridge::said).filter(said -> !said.isEmpty());
        return complaint.map(Unreached::because).orElseGet(() -> Unreached.because(endpoint.host(), error));
    }

    private DockerClient client(Optional<Duration> response) {
        var http = new ZerodepDockerHttpClient.Builder().dockerHost(uri()).sslConfig(tls()).connectionTimeout(CONNECT);
        response.ifPresent(http::responseTimeout);
        return DockerClientImpl.getInstance(new Settings(uri(), tls()), new Fresh(http.build()));
    }

    private URI uri() {
        return URI.create(switch (endpoint) {
            case Endpoint.Ssh _ -> "unix://" + bridge.orElseThrow().path();
            case Endpoint e -> e.host();
        });
    }

    /** Null is docker-java's "none". */
    private SSLConfig tls() {
        return switch (endpoint) {
            case Endpoint.Tcp(_, var pems) -> pems.map(Path::toString).map(LocalDirectorySSLConfig::new).orElse(null);
            case Endpoint.Unix _,Endpoint.Npipe _,Endpoint.Ssh _ -> NoTls::new;
        };
    }

    @Override public void close() {
        try {
            calls.close();
            streams.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bridge.ifPresent(Bridge::close);
    }

    /** A connection for each request, as the docker command has: one that a restart of the engine cut is never met. */
    private record Fresh(DockerHttpClient http) implements DockerHttpClient {
        @Override public Response execute(Request request) {
            return http.execute(Request.builder().from(request).putHeader("Connection", "close").build());
        }
        @Override public void close() throws IOException { http.close(); }
    }

    /** docker-java's own reads files at home, 45 to 90 ms long. A path without a version is taken by any engine. */
    private record Settings(URI getDockerHost, SSLConfig getSSLConfig) implements DockerClientConfig {
        @Override public RemoteApiVersion getApiVersion() { return RemoteApiVersion.unknown(); }
        @Override public String getRegistryUsername() { return null; }
        @Override public String getRegistryPassword() { return null; }
        @Override public String getRegistryEmail() { return null; }
        @Override public String getRegistryUrl() { return null; }
        @Override public AuthConfig effectiveAuthConfig(String image) { return null; }
        @Override public AuthConfigurations getAuthConfigurations() { return new AuthConfigurations(); }
    }
}
