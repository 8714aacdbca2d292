//DEPS org.slf4j:slf4j-nop:2.0.17
//DEPS com.github.docker-java:docker-java-core:3.7.1
//DEPS com.github.docker-java:docker-java-transport-zerodep:3.7.1
package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.LocalDirectorySSLConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Threads;
import org.slf4j.nop.NOPServiceProvider;

/** docker-java's clients for an endpoint: one for calls, and one for what may say nothing for hours. */
final class Connections implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    static {        // docker-java's log: without it every jar is looked into for who keeps one, 26 ms long
        System.setProperty("slf4j.provider", NOPServiceProvider.class.getName());
        System.setProperty("slf4j.internal.verbosity", "WARN");
    }

    private final Endpoint endpoint;
    private final Optional<Bridge> bridge;
    private final DockerHttpClient http, streaming;
    private final DockerClient calls, streams;

    Connections(Endpoint endpoint) {
        this.endpoint = endpoint;
        bridge = endpoint instanceof Endpoint.Ssh ssh ? Optional.of(Bridge.over(ssh)) : Optional.empty();
        http = http(Optional.of(Engine.LIMIT));
        calls = client(http);
        streaming = http(Optional.empty());
        streams = client(streaming);
    }

    DockerClient calls() { return calls; }
    DockerClient streams() { return streams; }

    Failure unreached(Throwable error) {
        var complaint = bridge.map(Bridge::said).filter(said -> !said.isEmpty());
        return complaint.map(Unreached::because).orElseGet(() -> Unreached.because(endpoint.host(), error));
    }

    /**
     * The answer as it is, whatever docker-java's own types know of it; empty: 404.
     * @throws DockerException the engine refuses
     */
    Optional<JsonNode> get(String path) {
        try {
            return Optional.of(json(answer(to(path, Method.GET))));
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    /** The same of what every engine has. @throws Failure (pre-flight) what answers is none */
    JsonNode required(String path) {
        return get(path).orElseThrow(() -> stranger("it knows no " + path.replaceFirst("[?].*", "")));
    }

    /** @throws DockerException the engine refuses: of the kind that docker-java makes of the code */
    JsonNode post(String path, Map<String, ?> fields) {
        return json(answer(with(fields, to(path, Method.POST))));
    }

    /** Frames, for as long as they come; on a thread of its own. @param stdin what goes the other way */
    void follow(String path, Map<String, ?> fields, Optional<InputStream> stdin, Callback<Frame> each) {
        var request = with(fields, to(path, Method.POST));
        stdin.ifPresent(request::hijackedInput);
        Threads.start(() -> {
            try (var response = streaming.execute(request.build())) {
                refuse(response);
                each.onStart(response);
                Frames.read(response.getBody(), each::onNext);
                each.onComplete();
            } catch (IOException | RuntimeException e) {
                each.onError(e);
            }
        });
    }

    private JsonNode json(String body) { return Json.read(body).orElseThrow(() -> stranger("its answer is not JSON")); }

    private Failure stranger(String why) {
        return Failure.preflight("what answers at " + endpoint.host() + " is not Docker", why, "docker info");
    }

    private static DockerHttpClient.Request.Builder to(String path, Method method) {
        return DockerHttpClient.Request.builder().method(method).path(path);
    }

    private static DockerHttpClient.Request.Builder with(Map<String, ?> fields, DockerHttpClient.Request.Builder to) {
        return to.putHeader("Content-Type", "application/json")
            .bodyBytes(Json.line(fields).getBytes(StandardCharsets.UTF_8));
    }

    private String answer(DockerHttpClient.Request.Builder request) {
        try (var response = http.execute(request.build())) {
            refuse(response);
            return text(response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(DockerHttpClient.Response response) throws IOException {
        return new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void refuse(DockerHttpClient.Response response) throws IOException {
        int code = response.getStatusCode();
        if (code < 300) return;
        String why = text(response);
        throw switch (code) {
            case 400 -> new BadRequestException(why);
            case 404 -> new NotFoundException(why);
            case 409 -> new ConflictException(why);
            default -> new DockerException(why, code);
        };
    }

    /** As a part of a path; an image's name may have several. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("%2F", "/")
            .replace("%3A", ":")
            .replace("%40", "@");
    }

    private DockerHttpClient http(Optional<Duration> response) {
        var builder = new ZerodepDockerHttpClient.Builder().dockerHost(uri())
            .sslConfig(tls())
            .connectionTimeout(CONNECT);
        response.ifPresent(builder::responseTimeout);
        return new Fresh(builder.build());
    }

    private DockerClient client(DockerHttpClient over) {
        return DockerClientImpl.getInstance(new Settings(uri(), tls()), over);
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
