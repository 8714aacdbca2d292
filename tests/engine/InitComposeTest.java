import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.init.Advice;
import lib.core.Failure;
import lib.core.Json;
import lib.init.Asked;
import lib.init.ColoursFile;
import lib.init.Existing;
import lib.init.Found;
import lib.init.ProjectFile;
import lib.process.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compose project that somebody has: compose itself reads what init lays over it. Nothing is started. */
class InitComposeTest {
    @TempDir Path folder;

    private Found found(String compose) throws IOException {
        Files.writeString(folder.resolve("compose.yaml"), compose);
        Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\n");
        var nothing = new Asked(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), List.of(), Optional.empty());
        return Found.in(folder, Existing.in(folder), nothing, (what, _, _) -> {
            throw new AssertionError("asked: " + what);
        });
    }

    /** Both files as compose reads them. */
    private JsonNode laidOver(Found found) throws IOException {
        Files.writeString(folder.resolve(ColoursFile.NAME), ColoursFile.text(found));
        var said = Command.of(Duration.ofSeconds(30), "docker", "compose", "-f", "compose.yaml", "-f", ColoursFile.NAME,
            "config", "--format", "json").with(Map.of("NGINX_DIR", "/nginx")).in(folder).run();
        assertThat(said.ok()).as(said.err() + ColoursFile.text(found)).isTrue();
        return Json.read(said.out()).orElseThrow().path("services");
    }

    private static List<String> names(JsonNode object) {
        return object.propertyStream().map(e -> e.getKey()).sorted().toList();
    }

    @Test void the_colours_take_all_from_the_service_and_nothing_that_is_there_only_once() throws IOException {
        Files.writeString(folder.resolve(".env"), "TITLE=My shop\nDB_USER=joe\n");
        Files.writeString(folder.resolve("web.env"), "A=1\n");
        var found = found("""
            name: shop
            services:
              web:
                build: .
                image: shop
                container_name: shop
                hostname: web1
                restart: always
                env_file: [web.env]
                environment: {TITLE: "${TITLE}", DATABASE_URL: "postgres://${DB_USER}:x@db/shop"}
                ports: ["8080:8000", "9000:9000"]
                volumes: ["./uploads:/srv/uploads", "data:/data"]
                networks: {front: {aliases: [site]}, back: {ipv4_address: 10.211.2.3}}
                depends_on: {db: {condition: service_started}}
                deploy:
                  replicas: 1
                  restart_policy: {condition: any}
                  resources: {limits: {memory: 200m}}
                healthcheck: {test: ["CMD", "curl", "http://localhost:8000/ready"]}
              db: {image: postgres:18, networks: [back]}
            networks: {front: {}, back: {ipam: {config: [{subnet: 10.211.2.0/24}]}}}
            volumes: {data: {}}
            """);
        assertThat(found.name()).isEqualTo("shop");
        assertThat(found.port()).isEqualTo(8000);
        assertThat(found.health()).isEqualTo("/ready");
        assertThat(found.http()).isEqualTo("8080");
        var services = laidOver(found);
        assertThat(names(services)).containsExactly("app-blue", "app-green", "db", "nginx");
        var green = services.path("app-green");
        assertThat(green.path("container_name").asText()).isEqualTo("shop-app-green");
        assertThat(names(green)).doesNotContain("build", "hostname");
        assertThat(green.path("restart").asText()).isEqualTo("unless-stopped");
        assertThat(green.path("environment").toString())
            .contains("\"TITLE\":\"My shop\"", "postgres://joe:x@db/shop",
                "\"A\":\"1\"", "\"DEPLOYMENT\":\"green\"", "\"PORT\":\"8000\"");
        assertThat(green.path("ports")).hasSize(1);
        assertThat(green.at("/ports/0/published").asText()).isEqualTo("3010");
        assertThat(green.path("volumes").valueStream().map(v -> v.path("target").asText()))
            .containsExactlyInAnyOrder("/srv/uploads", "/data", "/run/drain");
        assertThat(names(green.path("networks"))).containsExactly("back", "bluegreen-edge", "front");
        assertThat(green.path("networks").toString()).doesNotContain("ipv4_address", "site");
        assertThat(green.at("/deploy/resources/limits/memory").asText()).isEqualTo("209715200");
        assertThat(green.path("deploy").has("restart_policy"))
            .as("back with the engine, when it was stopped")
            .isFalse();
        assertThat(services.at("/nginx/networks/front/aliases").toString())
            .as("who asks by any name of the app is answered by what serves")
            .isEqualTo("[\"web\",\"shop\",\"site\"]");
        assertThat(services.at("/nginx/networks/back/aliases").toString()).isEqualTo("[\"web\",\"shop\"]");
        assertThat(Advice.of(found)).anyMatch(line -> line.startsWith("10.211.2.3 was web's own"));
    }

    @Test void without_networks_of_its_own_a_colour_stays_where_its_data_services_are() throws IOException {
        var services = laidOver(found("""
            services:
              web: {build: ., ports: ["8080:8000"], depends_on: [redis]}
              redis: {image: redis:8}
            """));
        assertThat(names(services.at("/app-blue/networks"))).contains("default");
        assertThat(names(services.at("/redis/networks"))).containsExactly("default");
    }

    @Test void workers_follow_and_nobody_waits_for_what_is_not_started_any_more() throws IOException {
        Files.writeString(folder.resolve(".env"), "COMPOSE_PROFILES=prod\n");
        var found = found("""
            services:
              web: {build: ., ports: ["8080:8000"]}
              worker: {build: ., command: work, depends_on: [web, redis], deploy: {replicas: 3}, profiles: [prod]}
              parked: {build: ., command: work, scale: 0}
              setup: {build: ., command: setup, restart: "no"}
              mailer: {image: redis:8, depends_on: [web]}
              redis: {image: redis:8}
            """);
        assertThat(found.follow()).containsExactly("worker");
        var services = laidOver(found);
        assertThat(names(services))
            .contains("worker-blue", "worker-green", "mailer", "redis", "setup")
            .doesNotContain("web", "worker");      // though .env shows a profile of it
        assertThat(names(services.at("/worker-blue/depends_on"))).containsExactly("redis");
        assertThat(services.at("/worker-green/command").toString()).isEqualTo("[\"work\"]");
        assertThat(services.at("/worker-blue/image").asText()).isEqualTo(services.at("/app-blue/image").asText());
        assertThat(ProjectFile.text(found)).contains("follow: [worker]");
    }

    @Test void a_proxy_that_had_the_ports_gives_them_to_nginx_which_gets_a_name_of_its_own() throws IOException {
        var found = found("""
            services:
              nginx: {image: "nginx:1.30", ports: ["8080:80", "8443:443"], depends_on: [web]}
              web: {build: ., expose: ["3000"], environment: {PORT: "3000"}}
            """);
        assertThat(found.http()).isEqualTo("8080");
        assertThat(found.https()).isEqualTo("8443");
        assertThat(found.port()).isEqualTo(3000);
        var services = laidOver(found);
        assertThat(names(services)).containsExactly("app-blue", "app-green", "bluegreen-nginx");
        assertThat(ProjectFile.text(found)).contains("nginx: bluegreen-nginx");
        assertThat(services.at("/app-blue/environment/PORT").asText()).isEqualTo("3000");
    }

    @Test void a_build_argument_that_a_variable_gives_is_not_written_down() throws IOException {
        Files.writeString(folder.resolve(".env"), "TOKEN=hush-1\nBARE=hush-2\n");
        for (String arguments : List.of("{TOKEN: \"${TOKEN}\", BARE: , NPM_TOKEN: hush-3, MODE: fast, PRICE: $$5}",
            "[\"TOKEN=${TOKEN}\", BARE, NPM_TOKEN=hush-3, MODE=fast, PRICE=$$5]")) {
            var found = found("""
                services:
                  web:
                    build: {context: ., target: production, args: ARGUMENTS}
                    ports: ["8080:8000"]
                """.replace("ARGUMENTS", arguments));
            assertThat(ProjectFile.text(found))
                .contains("target: production", "MODE: 'fast'", "PRICE: '$5'")
                .doesNotContain("hush");
            assertThat(ColoursFile.text(found)).doesNotContain("hush");
            assertThat(String.join("\n", Advice.of(found)))
                .contains("BARE is not", "NPM_TOKEN is not", "TOKEN is not")
                .doesNotContain("hush");
        }
    }

    @Test void what_a_proxy_outside_finds_the_app_by_is_no_colours() throws IOException {
        Files.writeString(folder.resolve(".env"), "API_KEY=hush-hush\n");
        var found = found("""
            services:
              web:
                build: .
                expose: ["8000"]
                command: ["sh", "-c", "exec server --name $$HOSTNAME"]
                labels:
                  traefik.enable: "true"
                  traefik.http.routers.shop.rule: Host(`shop.example`)
                  team: shop $$1 "a"
                  widget: ${API_KEY}
                environment: {VIRTUAL_HOST: shop.example, MODE: fast, PORT: "8000"}
            """);
        var services = laidOver(found);
        for (String colour : List.of("app-blue", "app-green")) {
            var its = services.path(colour);
            assertThat(names(its.path("labels")))
                .containsExactly("bluegreen.replaces", "deployment", "team", "version",
                    "widget");
            assertThat(its.at("/labels/widget").asText()).isEqualTo("hush-hush");
            assertThat(its.at("/labels/team").asText()).isEqualTo("shop $$1 \"a\"");
            assertThat(its.at("/environment/VIRTUAL_HOST").asText()).isEmpty();
            assertThat(its.at("/environment/MODE").asText()).isEqualTo("fast");
        }
        assertThat(String.join("\n", Advice.of(found)))
            .contains("by traefik.enable, traefik.http.routers.shop.rule, VIRTUAL_HOST of web", "Give it to nginx");
        assertThat(ColoursFile.text(found)).as("a file for git").doesNotContain("hush-hush");
    }

    @Test void a_service_that_others_wait_for_becomes_the_migration() throws IOException {
        var found = found("""
            services:
              web:
                build: .
                ports: ["8080:8000"]
                depends_on: {setup: {condition: service_completed_successfully}, db: {condition: service_started}}
              setup: {build: ., command: [sh, -c, "manage migrate $$DATABASE_URL"], depends_on: [db]}
              db: {image: postgres:18}
            """);
        assertThat(ProjectFile.text(found)).contains("migrate: ['sh', '-c', 'manage migrate $DATABASE_URL']");
        var services = laidOver(found);
        assertThat(names(services)).containsExactly("app-blue", "app-green", "db", "nginx");
        assertThat(names(services.at("/app-blue/depends_on"))).containsExactly("db");
    }

    @Test void what_two_colours_cannot_have_is_told_and_what_would_not_work_is_refused() throws IOException {
        Files.writeString(folder.resolve("compose.override.yaml"), "services: {web: {environment: {DEBUG: on}}}\n");
        var found = found("""
            services:
              web:
                build: .
                scale: 2
                ports: ["8080-8081:8000", "[::1]:9000:8000", "9229:9229"]
                depends_on: {setup: {condition: service_completed_successfully}}
              setup: {build: ., entrypoint: [sh, -c], command: [migrate], environment: {ADMIN: x}}
              db: {image: postgres:18}
            """);
        assertThat(found.http()).isEqualTo("8080");
        assertThat(ProjectFile.text(found)).contains("migrate: ['sh', '-c', 'migrate']");
        assertThat(String.join("\n", Advice.of(found)))
            .contains("nothing of compose.override.yaml", "web has 2 replicas", "[::1]:9000 led to web too",
                "port 9229 of web is not published", "without these of setup: ADMIN");
        assertThat(laidOver(found).at("/app-blue/deploy/replicas").asInt(1)).isEqualTo(1);

        Files.delete(folder.resolve("compose.override.yaml"));
        refused("{services: {web: {build: ., network_mode: host}}}", "web has network_mode: host");
        refused("{services: {web: {build: ., profiles: [app]}}}", "a profile hides every service of compose.yaml");
        refused("{services: {web: {build: {context: ., dockerfile_inline: FROM scratch}}}}", "dockerfile_inline");
        refused("{services: {web: {build: \"https://example.com/shop.git\"}}}",
            "web is built from https://example.com");
    }
    private void refused(String compose, String why) {
        assertThat(catchThrowableOfType(Failure.class, () -> found(compose)).getMessage()).contains(why);
    }

    @Test void the_files_are_those_that_compose_file_names_and_only_the_apps_image_follows_it() throws IOException {
        Files.writeString(folder.resolve(".env"), "COMPOSE_FILE=stack.yaml\n");
        Files.writeString(folder.resolve("stack.yaml"), """
            services:
              shop: {build: ., ports: ["8080:8000"]}
              db: {image: postgres:18}
            """);
        assertThat(found("{services: {web: {build: ., ports: ['1:1']}}}").app().orElseThrow().name()).isEqualTo("shop");
        var follows = new Asked(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), List.of(), Optional.of(List.of("db")));
        var failure = catchThrowableOfType(Failure.class, () -> Found.in(folder, Existing.in(folder), follows, null));
        assertThat(failure.getMessage()).contains("--follow db: it has not the image of shop");
    }

    @Test void an_image_that_is_not_built_here_is_pulled() throws IOException {
        var found = found("""
            services:
              web: {image: "registry.example.com:5000/acme/shop:1.2", ports: ["8080:8000"]}
              db: {image: postgres:18, ports: ["5432:5432"]}
            """);
        assertThat(found.app().orElseThrow().name()).isEqualTo("web");
        assertThat(ProjectFile.text(found)).contains("image: registry.example.com:5000/acme/shop\nbuild: none\n");
        assertThat(names(laidOver(found))).containsExactly("app-blue", "app-green", "db", "nginx");
    }
}
