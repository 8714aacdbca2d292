package lib.init;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lib.core.Failure;
import lib.docker.ComposeProject;
import lib.docker.ComposeProject.Service;

/**
 * What the services of a compose project are for: which is the app, who stands before it, and who has its image too.
 */
record Services(ComposeProject compose) {
    private static final List<String> PROXIES = List.of("nginx", "caddy", "traefik", "haproxy", "httpd", "envoy");
    private static final List<String> STORES = List.of("postgres", "postgis", "redis", "valkey", "mysql", "mariadb",
        "mongo",
        "rabbitmq", "memcached", "elasticsearch", "opensearch", "minio", "nats", "kafka");

    /** {@code from}: why. */
    record Pick(Service service, String from) {}

    /** The app, where only one can be meant: what is built and published; behind a proxy, what the proxy waits for. */
    Optional<Pick> app() {
        var built = all().filter(s -> s.build().isPresent() && !isOf(s, PROXIES)).toList();
        var published = published(built);
        var behind = built.stream().filter(this::isBehindProxy).toList();
        var ready = published(all().filter(s -> !isOf(s, PROXIES) && !isOf(s, STORES)).toList());
        if (published.size() == 1) return pick(published, "built, with ports");
        if (published.isEmpty() && behind.size() == 1)
            return pick(behind, "built, behind " + proxies().getFirst().name());
        if (built.size() == 1) return pick(built, "the only one that is built");
        return built.isEmpty() && ready.size() == 1 ? pick(ready, "the only app with ports") : Optional.empty();
    }

    /** What is asked about, when none stands out. */
    List<String> names() { return all().map(Service::name).toList(); }

    /** @throws Failure (usage) when there is none */
    Service named(String name) {
        return Optional.ofNullable(compose.services().get(name))
            .orElseThrow(() -> Failure.usage(file() + " has no service '" + name + "'",
                "it has: " + String.join(", ", names()), "init --service NAME"));
    }

    String file() { return compose.files().getFirst().getFileName().toString(); }

    /** Proxies that publish ports in front of the app, which publishes none. */
    List<Service> entriesTo(Service app) { return app.ports().isEmpty() ? proxies() : List.of(); }

    /** Of the app's image, without ports, not parked, and not at its end when it has done one thing. */
    List<String> followersOf(Service app) {
        return siblings(app)
            .filter(s -> s.ports().isEmpty() && s.replicas() > 0 && !isAwaited(s))
            .filter(s -> s.restart().filter("no"::equals).isEmpty())
            .map(Service::name)
            .toList();
    }

    /** @throws Failure (usage) when it is no other service of the app's image: its colours would be something else */
    void requireFollower(Service s, Service app) {
        if (siblings(app).noneMatch(s::equals))
            throw Failure.usage("--follow " + s.name() + ": it has not the image of " + app.name(),
                "only what is made of the app's image goes to a new version with it",
                "init --follow '" + String.join(",", followersOf(app)) + "'");
    }

    /** Of the app's image, for whose end others wait. */
    Optional<Service> migrationOf(Service app) {
        return siblings(app).filter(s -> isAwaited(s) && !s.command().isEmpty()).findFirst();
    }

    private Stream<Service> all() { return compose.services().values().stream(); }

    private Optional<Pick> pick(List<Service> only, String why) {
        return Optional.of(new Pick(only.getFirst(), file() + ": " + why));
    }

    private static List<Service> published(List<Service> some) {
        return some.stream().filter(s -> !s.ports().isEmpty()).toList();
    }

    private static boolean isOf(Service s, List<String> images) {
        String image = s.image().orElse("").replaceFirst("@.*|:[^:/]*$", "");
        return images.stream().anyMatch(name -> image.equals(name) || image.endsWith("/" + name));
    }

    private List<Service> proxies() { return published(all().filter(s -> isOf(s, PROXIES)).toList()); }

    private boolean isBehindProxy(Service s) {
        return proxies().stream().anyMatch(p -> p.dependsOn().containsKey(s.name()));
    }

    private Stream<Service> siblings(Service app) {
        return all().filter(s -> !s.name().equals(app.name()) && hasImageOf(s, app));
    }

    private static boolean hasImageOf(Service s, Service app) {
        if (s.build().isPresent() && app.build().isPresent())
            return s.build().get().context().equals(app.build().get().context())
                && s.build().get().dockerfile().equals(app.build().get().dockerfile());
        return s.build().isEmpty() && s.image().isPresent() && s.image().equals(app.image());
    }

    private boolean isAwaited(Service s) {
        return all().anyMatch(other -> "service_completed_successfully".equals(other.dependsOn().get(s.name())));
    }
}
