package lib.init;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lib.core.Failure;
import lib.core.LocalPort;
import lib.docker.ComposeProject;
import lib.docker.ComposeProject.Build;
import lib.docker.ComposeProject.Service;
import lib.secrets.Redaction;

/**
 * What is in a project's folder: the app, how it listens and tells its health, and who else has its image. {@code app}:
 * its service, where compose has it; {@code dockerfile}: none where the image comes from elsewhere. {@code follow}:
 * services of the app's image without HTTP. {@code migration}: one that does its work once. {@code entries}: services
 * that have the public ports today, and give them to Nginx. {@code secretArguments}: of its build, which are not
 * written down. {@code seen}: what was found, and where, as a person reads it.
 */
public record Found(Path folder, String name, Optional<ComposeProject> compose, Optional<Service> app,
    Path context, Optional<Dockerfile> dockerfile, int port, String health, String http, String https,
    List<String> hosts, List<String> follow, Optional<Service> migration, List<String> entries,
    Set<String> secretArguments,
    List<Line> seen) {

    public record Line(String what, String is, String from) {}

    public static Found in(Path folder, Existing existing, Asked given, Asked.Question question) {
        return new Search(folder, existing.and(given), question).found();
    }

    /** Services that are not started any more: the colours, or Nginx, have their work. */
    List<String> replaced() {
        return Stream
            .of(app.map(Service::name).stream(), follow.stream(), migration.map(Service::name).stream(),
                entries.stream())
            .flatMap(s -> s)
            .distinct()
            .toList();
    }

    /** Labels and variables of the app by which a proxy outside the project sends it visitors. */
    List<String> outerRouting() { return app.map(OuterProxy::of).orElse(List.of()); }

    /** Nginx's own service, beside whatever the project calls so. */
    String nginxService() {
        return compose.filter(c -> c.services().containsKey("nginx")).isPresent() ? "bluegreen-nginx" : "nginx";
    }

    /** The app's own first process passes signals on, or a compose file says that it has one. */
    boolean needsInit() {
        return app.filter(Service::hasInit).isEmpty() && dockerfile.filter(Dockerfile::bringsInit).isEmpty();
    }

    private static final class Search {
        private final Path folder;
        private final Asked asked;
        private final Asked.Question question;
        private final List<Line> seen = new ArrayList<>();

        Search(Path folder, Asked asked, Asked.Question question) {
            this.folder = folder;
            this.asked = asked;
            this.question = question;
        }

        Found found() {
            var files = ComposeProject.filesIn(folder);
            var compose = files.isEmpty()
                ? Optional.<ComposeProject>empty()
                : Optional.of(ComposeProject.read(folder, files));
            String name = name(compose);
            var services = compose.map(Services::new);
            var app = services.map(this::app);
            var build = app.flatMap(Service::build);
            Path context = build.map(Build::context).orElse(folder);
            var dockerfile = dockerfile(app, build, context);
            var framework = Framework.in(context);
            framework.ifPresent(f -> see("framework", f.framework().says, f.file()));
            int port = port(app, dockerfile, framework);
            String health = health(app, dockerfile, framework, context);
            var entries = services.map(s -> s.entriesTo(app.orElseThrow())).orElse(List.of());
            var publishing = Stream.concat(app.stream(), entries.stream()).toList();
            String http = http(publishing, port), https = https(publishing, http);
            if (!asked.hosts().isEmpty()) see("hosts", String.join(" ", asked.hosts()), "--host");
            var follow = services.map(s -> followers(s, app.orElseThrow())).orElse(List.of());
            var migration = services.flatMap(s -> s.migrationOf(app.orElseThrow()));
            migration.ifPresent(m -> see("migrate", String.join(" ", m.command()), "others wait for " + m.name()));
            return new Found(folder, name, compose, app, context, dockerfile, port, health, http, https,
                asked.hosts(), follow, migration, entries.stream().map(Service::name).toList(),
                secretArguments(compose, app), List.copyOf(seen));
        }

        /** A variable gives them, or their names are those of secrets. */
        private static Set<String> secretArguments(Optional<ComposeProject> compose, Optional<Service> app) {
            var given = app.flatMap(Service::build).map(Build::arguments).orElse(Map.of()).keySet();
            if (given.isEmpty()) return Set.of();
            var secret = new TreeSet<>(compose.orElseThrow().variableArguments(app.orElseThrow()));
            given.stream().filter(Redaction::looksSecret).forEach(secret::add);
            return secret;
        }

        private <T> T see(String what, T is, String from) {
            seen.add(new Line(what, is.toString(), from));
            return is;
        }

        private String name(Optional<ComposeProject> compose) {
            if (asked.name().isPresent()) return see("name", asked.name().get(), "--name");
            if (compose.isPresent()) return see("name", compose.get().name(), "its compose project");
            String own = folder.getFileName() == null ? "" : folder.getFileName().toString();
            String usable = own.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]+", "-").replaceFirst("^[_-]+", "");
            if (usable.isEmpty()) usable = question.ask("what is the app called?", "--name", "app");
            return see("name", usable, "the folder");
        }

        private Service app(Services services) {
            if (services.names().isEmpty())
                throw Failure.usage("a profile hides every service of " + services.file(),
                    "init sees what \"docker compose config\" shows", "COMPOSE_PROFILES=NAME in .env   shows them");
            var pick = asked.service()
                .map(name -> new Services.Pick(services.named(name), "--service"))
                .or(services::app)
                .orElseGet(() -> new Services.Pick(services.named(question.ask("which service of " + services.file()
                    + " answers HTTP? (" + String.join(", ", services.names()) + ")", "--service",
                    services.names().getFirst())), "as you say"));
            see("app", "the service " + pick.service().name(), pick.from());
            pick.service().networkMode().filter(mode -> !mode.equals("bridge")).ifPresent(mode -> {
                throw Failure.usage(pick.service().name() + " has network_mode: " + mode,
                    "two colours cannot listen on one port there",
                    "take network_mode away, and let Nginx publish the port");
            });
            return pick.service();
        }

        private Optional<Dockerfile> dockerfile(Optional<Service> app, Optional<Build> build,
            Path context) {
            if (app.isPresent() && build.isEmpty()) {
                see("image", app.get().image().orElse("none"), "the service; nothing is built");
                return Optional.empty();
            }
            Path file = build.map(Build::dockerfile).orElse(context.resolve("Dockerfile"));
            if (!Files.isRegularFile(file))
                throw Failure.usage("there is no " + file,
                    "bluegreen deploys an image: write a Dockerfile first, or name the service of a compose file",
                    "init --service NAME");
            see("build", folder.relativize(file).toString(),
                build.flatMap(Build::target).map(t -> "target " + t).orElse("a Dockerfile"));
            return Optional.of(Dockerfile.read(file, build.flatMap(Build::target)));
        }

        private int port(Optional<Service> app, Optional<Dockerfile> dockerfile, Optional<Framework.Seen> framework) {
            if (asked.port().isPresent()) return see("port", asked.port().get(), "--port");
            var published = app.map(Service::ports).orElse(List.of());
            var variable = app.map(a -> a.environment().get("PORT"))
                .filter(v -> v != null && v.matches("[1-9]\\d{0,4}"));
            if (published.size() == 1) return see("port", published.getFirst().inside(), "its ports");
            if (variable.isPresent()) return see("port", Integer.parseInt(variable.get()), "its environment: PORT");
            if (!published.isEmpty()) return see("port", published.getFirst().inside(), "the first of its ports");
            var image = dockerfile.flatMap(Dockerfile::port);
            if (image.isPresent()) return see("port", image.get(), "the Dockerfile");
            String usual = framework.map(f -> String.valueOf(f.framework().port)).orElse("8080");
            String said = question.ask("on which port does the app listen in its container?", "--port", usual);
            return see("port", Integer.parseInt(said), "as you say");
        }

        private String health(Optional<Service> app, Optional<Dockerfile> dockerfile,
            Optional<Framework.Seen> framework, Path context) {
            if (asked.health().isPresent()) return see("health", asked.health().get(), "--health");
            var checked = app.flatMap(a -> Dockerfile.path(String.join(" ", a.healthcheck())));
            if (checked.isPresent()) return see("health", checked.get(), "the service's healthcheck");
            var image = dockerfile.flatMap(Dockerfile::healthPath);
            if (image.isPresent()) return see("health", image.get(), "the Dockerfile's HEALTHCHECK");
            var source = HealthPath.in(context);
            if (source.isPresent()) return see("health", source.get().path(), source.get().file());
            var usual = framework.flatMap(f -> f.framework().health);
            if (usual.isPresent())
                return see("health", usual.get(), "as " + framework.get().framework().says + " has it");
            return see("health", "/", "no health route was seen; --health PATH names a better one");
        }

        /** The public port that is there today. */
        private String http(List<Service> publishing, int port) {
            if (asked.http().isPresent()) return see("http", asked.http().get(), "--http");
            var all = publishing.stream().flatMap(s -> s.ports().stream()).toList();
            return all.stream()
                .filter(p -> p.inside() == port || p.inside() == 80)
                .flatMap(p -> p.published().stream())
                .findFirst()
                .map(p -> see("http", p, "as it is published today"))
                .orElseGet(
                    () -> see("http", String.valueOf(FreePorts.of(80, 8080, Set.of())),
                        "nothing is published there today"));
        }

        private String https(List<Service> publishing, String http) {
            if (asked.https().filter(h -> LocalPort.number(h) == LocalPort.number(http)).isPresent())
                throw Failure.usage("--https " + asked.https().get() + " is the port for HTTP, too",
                    "HTTP has " + http);
            if (asked.https().isPresent()) return see("https", asked.https().get(), "--https");
            String address = http.contains(":") ? http.substring(0, http.lastIndexOf(':') + 1) : "";
            return publishing.stream()
                .flatMap(s -> s.ports().stream())
                .filter(p -> p.inside() == 443)
                .flatMap(p -> p.published().stream())
                .findFirst()
                .map(p -> see("https", p, "as it is published today"))
                .orElseGet(
                    () -> see("https", address + FreePorts.of(443, 8443, Set.of(LocalPort.number(http))), "free here"));
        }

        private List<String> followers(Services services, Service app) {
            if (asked.follow().isPresent()) {
                asked.follow().get().forEach(name -> services.requireFollower(services.named(name), app));
                return asked.follow().get();
            }
            var same = services.followersOf(app);
            if (!same.isEmpty()) see("follow", String.join(", ", same), "the same image, without ports");
            return same;
        }
    }
}
