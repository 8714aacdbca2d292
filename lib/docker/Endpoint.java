package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Sha256;

/**
 * Where the engine is, by the rules of the docker command: DOCKER_HOST, else the context of DOCKER_CONTEXT or of its
 * config.json, else this machine's own.
 */
public sealed interface Endpoint {
    record Unix(String path) implements Endpoint {}
    record Npipe(String path) implements Endpoint {}
    /** @param certificates the folder of ca.pem, cert.pem and key.pem; empty: without TLS */
    record Tcp(String address, Optional<Path> certificates) implements Endpoint {}
    /** @param url ssh://USER@HOST:PORT */
    record Ssh(String url) implements Endpoint {}

    String HERE = "unix:///var/run/docker.sock", HERE_ON_WINDOWS = "npipe:////./pipe/docker_engine";
    List<String> PEMS = List.of("ca.pem", "cert.pem", "key.pem");

    /** @throws Failure (pre-flight) the context or a certificate is missing, or the address is none */
    static Endpoint find() { return find(System.getenv(), Path.of(System.getProperty("user.home"))); }

    static Endpoint find(Map<String, String> variables, Path home) {
        var folder = variable(variables, "DOCKER_CONFIG").map(Path::of).orElse(home.resolve(".docker"));
        var host = variable(variables, "DOCKER_HOST");
        if (host.isPresent()) return of(host.get(), certificates(variables, folder));
        String context = variable(variables, "DOCKER_CONTEXT").orElseGet(() -> current(folder));
        if (context.equals("default")) return of(here(), Optional.empty());
        return ofContext(folder.resolve("contexts"), context);
    }

    /** The engine is another machine's: ports published on its loopback are not ours. */
    default boolean isRemote() {
        return switch (this) {
            case Unix _,Npipe _ -> false;
            case Tcp _,Ssh _ -> true;
        };
    }

    /** As in DOCKER_HOST. */
    default String host() {
        return switch (this) {
            case Unix unix -> "unix://" + unix.path;
            case Npipe pipe -> "npipe://" + pipe.path;
            case Tcp tcp -> "tcp://" + tcp.address;
            case Ssh ssh -> ssh.url;
        };
    }

    private static Endpoint of(String host, Optional<Path> certificates) {
        int colon = host.indexOf("://");
        String scheme = colon < 0 ? "tcp" : host.substring(0, colon);
        String rest = colon < 0 ? host : host.substring(colon + 3);
        return switch (scheme) {
            case "unix" -> new Unix(rest);
            case "npipe" -> new Npipe(rest);
            case "tcp", "http", "https" -> new Tcp(address(rest), certificates.map(Endpoint::complete));
            case "ssh" -> new Ssh(host);
            default -> throw Failure.preflight("no address of an engine: " + host,
                "DOCKER_HOST or the context names it", "unix://PATH, tcp://HOST:PORT or ssh://USER@HOST");
        };
    }

    /** The engine's own port, where none is given. */
    private static String address(String given) {
        return given.matches(".*:\\d+(/.*)?") ? given : given.replaceFirst("(/.*)?$", ":2375$1");
    }

    /** Any value of DOCKER_TLS_VERIFY turns it on, as it does for the docker command. */
    private static Optional<Path> certificates(Map<String, String> variables, Path folder) {
        var path = variable(variables, "DOCKER_CERT_PATH").map(Path::of).orElse(folder);
        return variable(variables, "DOCKER_TLS_VERIFY").map(_ -> path);
    }

    /** docker-java goes on without TLS when one is missing. */
    private static Path complete(Path certificates) {
        for (String pem : PEMS)
            if (!Files.exists(certificates.resolve(pem)))
                throw refused("open " + certificates.resolve(pem) + ": no such file or directory");
        return certificates;
    }

    private static String current(Path folder) {
        var config = read(folder.resolve("config.json"));
        return config.map(n -> n.path("currentContext").asText("")).filter(name -> !name.isEmpty()).orElse("default");
    }

    private static Endpoint ofContext(Path store, String name) {
        String id = Sha256.of(name);
        var meta = store.resolve("meta").resolve(id).resolve("meta.json");
        var context = read(meta).orElseThrow(() -> refused("context \"" + name + "\": context not found: " + meta));
        var certificates = store.resolve("tls").resolve(id).resolve("docker");
        String host = context.at("/Endpoints/docker/Host").asText("");
        return of(host.isEmpty() ? here() : host, Optional.of(certificates).filter(Files::isDirectory));
    }

    private static Optional<JsonNode> read(Path file) {
        try {
            return Json.read(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw Failure.preflight("docker's configuration cannot be read", e.toString());
        }
    }

    /** In docker's words, so that it is told as if docker had said it. */
    private static Failure refused(String why) {
        return EngineError.of("unable to resolve docker endpoint: " + why).orElseThrow();
    }

    private static String here() {
        return System.getProperty("os.name").startsWith("Windows") ? HERE_ON_WINDOWS : HERE;
    }

    private static Optional<String> variable(Map<String, String> variables, String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }
}
