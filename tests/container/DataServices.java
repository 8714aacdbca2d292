package container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.checks.Check;
import lib.checks.Facts;
import lib.checks.Preflight;
import lib.config.Config;
import lib.process.Command;
import lib.stack.Stack;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.MountableFile;

/** The services of a compose project, labelled as by compose: a colour, Redis, PostgreSQL with TLS and without. */
final class DataServices implements AutoCloseable {
    /** One that needs percent-encoding in a URL. */
    static final String PASSWORD = "p@ss/w#rd", ENCODED = "p%40ss%2Fw%23rd";
    private static final String COMPOSE = """
        services:
          app-blue: {image: app, environment: {REDIS_URL: "${REDIS_URL:-}", DATABASE_URL: "${DATABASE_URL:-}"}}
          app-green: {image: app}
          nginx: {image: nginx}
          redis: {image: redis, hostname: another-name}
          postgres: {image: postgres}
          postgres-tls: {image: postgres}
          ended: {image: redis}
        """;

    private final Path folder;
    private final String project;
    private final Network network = Network.newNetwork();
    private final List<Unit> started = new ArrayList<>();

    DataServices(Path folder) throws IOException {
        this.folder = folder;
        project = folder.getFileName().toString().toLowerCase();
        Files.writeString(folder.resolve("compose.yml"), COMPOSE);
        Files.writeString(folder.resolve("bluegreen.yaml"), "app: " + project + "\ncompose: {files: [compose.yml]}\n");
        certificate();
        start("app-blue", Edge.app(network, "app-blue", "blue"));
        start("redis", redis());
        start("postgres", postgres());
        onlyByTls(start("postgres-tls", postgres()));
        start("ended", ended());
    }

    private void certificate() {
        var made = Command.of(Duration.ofSeconds(10), "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
            "-days", "2", "-subj", "/CN=test", "-keyout", file("tls.key"), "-out", file("tls.crt")).run();
        assertThat(made.ok()).as(made.err()).isTrue();
    }

    private String file(String name) { return folder.resolve(name).toString(); }

    /** Each image has its own user. */
    private Unit withCertificate(Unit unit) {
        return unit.withCopyFileToContainer(MountableFile.forHostPath(file("tls.key"), 0644), "/tls.key")
            .withCopyFileToContainer(MountableFile.forHostPath(file("tls.crt"), 0644), "/tls.crt");
    }

    /** Plain on 6379, TLS on 6380, and a user beside the default one. */
    private Unit redis() {
        return withCertificate(new Unit("redis:8"))
            .withCommand("redis-server", "--requirepass", PASSWORD, "--user", "worker", "on", ">" + PASSWORD, "+ping",
                "--tls-port", "6380", "--tls-cert-file", "/tls.crt", "--tls-key-file", "/tls.key",
                "--tls-ca-cert-file", "/tls.crt", "--tls-auth-clients", "no")
            .waitingFor(Wait.forLogMessage(".*Ready to accept connections tls.*", 1));
    }

    /** The official image's first server, for its own use, is on no TCP port. */
    private Unit postgres() {
        return withCertificate(new Unit("postgres:18"))
            .withEnv(Map.of("POSTGRES_USER", "app", "POSTGRES_PASSWORD", PASSWORD, "POSTGRES_DB", "shop"))
            .waitingFor(Wait.forSuccessfulCommand("pg_isready -h 127.0.0.1 -U app"));
    }

    private static void onlyByTls(Unit postgres) {
        postgres.sh("install -o postgres -m 600 /tls.key $PGDATA/server.key");
        postgres.sh("install -o postgres /tls.crt $PGDATA/server.crt");
        postgres.sh("echo 'ssl = on' >>$PGDATA/postgresql.conf");
        postgres.sh("sed -i '1i hostnossl all all all reject' $PGDATA/pg_hba.conf");
        postgres.sh("psql -U app -d shop -c 'SELECT pg_reload_conf()'");
        postgres.sh("until pg_isready -q -d 'host=127.0.0.1 sslmode=require'; do sleep 0.1; done");
    }

    private static Unit ended() {
        return new Unit("redis:8").withCommand("true").withStartupCheckStrategy(new OneShotStartupCheckStrategy());
    }

    private Unit start(String service, Unit unit) {
        started.add(unit);
        unit.withNetwork(network)
            .withNetworkAliases(service)
            .withLabel("com.docker.compose.project", project)
            .withLabel("com.docker.compose.service", service)
            .withLabel("com.docker.compose.oneoff", "False")
            .start();
        return unit;
    }

    /** What a check finds when the app has this URL in that variable. */
    Check.Outcome look(String check, String variable, String url, Duration limit) throws InterruptedException {
        var config = Config.load(folder, Map.of("variables." + variable, url));
        var checks = Preflight.checks().stream().filter(c -> c.name().equals(check)).toList();
        try (var facts = new Facts(new Stack(config), folder.resolve("bluegreen.yaml"), Optional.empty(), limit)) {
            return Preflight.run(checks, facts, limit, _ -> {}).results().getFirst().outcome();
        }
    }

    @Override public void close() {
        started.forEach(Unit::stop);
        network.close();
    }
}
