package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** All peers, and where those are that no package has. A mixin. */
public final class Field {
    @Option(names = "--traefik", defaultValue = "traefik:v3", paramLabel = "IMAGE",
        description = "an image that is here (${DEFAULT-VALUE})")
    String traefik;
    @Option(names = "--kamal-proxy", defaultValue = "basecamp/kamal-proxy", paramLabel = "IMAGE|PATH",
        description = "an image that is here, or the program (${DEFAULT-VALUE}, or the one in PATH)")
    String kamal;
    @Option(names = "--docker-rollout", paramLabel = "PATH",
        description = "the script (the one in PATH); it needs --traefik")
    String rollout;

    private interface Opening {
        Peer open() throws IOException;
    }

    /** @param missing why it is left out, and how to give it */
    public record Candidate(String name, String label, boolean ours, Optional<String> missing, Opening opening) {
        /** Not yet started. */
        public Peer open() throws IOException { return opening.open(); }
    }

    private static final String MAP = "sed -i 's/ .*/ TO/' /etc/peers/live.map && "
        + "echo 'set map /etc/peers/live.map live TO' | socat -t 5 - /run/haproxy.sock";
    private static final String EDIT = "sed -i s/app-[a-z]*:/app-TO:/ /etc/peers/";

    public List<Candidate> candidates(Path home, Tools tools) {
        var kamalProxy = tools.image("kamal-proxy", kamal)
            .or(() -> Tools.inPath("kamal-proxy").flatMap(path -> tools.image("kamal-proxy", path)));
        var traefikImage = tools.image("traefik", traefik);
        var script = Optional.ofNullable(rollout)
            .filter(path -> Files.isExecutable(Path.of(path)))
            .map(path -> Path.of(path).toAbsolutePath().toString())
            .or(() -> Tools.inPath("docker-rollout"));
        var noTraefik = traefikImage.isPresent()
            ? Optional.<String>empty()
            : Optional.of("not found, --traefik IMAGE");
        return List.of(
            new Candidate("instant", "bluegreen, instant", true, Optional.empty(), () -> Ours.of(home, "instant")),
            new Candidate("reload", "bluegreen, reload", true, Optional.empty(), () -> Ours.of(home, "reload")),
            script(home, "nginx", "nginx -s reload", Optional.empty(),
                EDIT + "nginx.conf && nginx -c /etc/peers/nginx.conf -s reload"),
            new Candidate("compose", "docker compose up", false, Optional.empty(),
                () -> new Replaced(new Stack(home, "compose", Map.of()), "following",
                    List.of("docker", "compose", "up", "--detach", "--no-deps", "app"))),
            script(home, "haproxy", "HAProxy, map", tools.missing(), MAP),
            script(home, "haproxy-silent", "HAProxy, map, no log", tools.missing(), MAP),
            script(home, "caddy", "caddy reload", tools.missing(),
                EDIT + "Caddyfile && caddy reload --config /etc/peers/Caddyfile"),
            new Candidate("traefik", "Traefik, file", false, noTraefik,
                () -> new Script(new Stack(home, "traefik", Map.of("TRAEFIK", traefik)), "traefik",
                    EDIT + "traefik/app.yml", false)),
            new Candidate("docker-rollout", "docker-rollout", false,
                script.isEmpty()
                    ? Optional.of("not found, --docker-rollout PATH")
                    : noTraefik.map(_ -> "it needs Traefik in front: --traefik IMAGE"),
                () -> new Replaced(new Stack(home, "docker-rollout", Map.of("TRAEFIK", traefik)), "labelled",
                    List.of(script.orElseThrow(), "rollout", "app"))),
            new Candidate("kamal-proxy", "kamal-proxy", false,
                kamalProxy.isPresent() ? Optional.empty() : Optional.of("not found, --kamal-proxy IMAGE or PATH"),
                () -> new Script(new Stack(home, "kamal-proxy", Map.of("KAMAL_PROXY", kamalProxy.orElseThrow())),
                    "kamal-proxy",
                    "kamal-proxy deploy app --target app-TO:3008 --health-check-path /api/health", true)));
    }

    private static Candidate script(Path home, String name, String label, Optional<String> missing, String move) {
        return new Candidate(name, label, false, missing,
            () -> new Script(new Stack(home, name, Map.of()), name, move, false));
    }
}
