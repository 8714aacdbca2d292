package container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Version;
import lib.http.Connection;
import lib.nginx.Generation;
import lib.process.Command;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** Nginx with bluegreen's configuration and scripts between two stub apps, and a deployer that holds its lock. */
final class Edge implements AutoCloseable {
    static final int HTTP = 80, CONTROL = 9180;
    static final String SCRIPTS = "/etc/nginx/bluegreen/", DEPLOYER = "the-deployer";
    static final int REFUSED = 1, LATE = 4;             // exit codes of generation.sh
    private static final int WORKERS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);       // reload.sh
    private static final Duration LIMIT = Duration.ofSeconds(20);

    final Network network = Network.newNetwork();
    final Unit blue, green;
    final Unit nginx = nginx(network, "exec sh " + SCRIPTS + "start.sh");
    private final Process lock;
    private long last = 1;                              // start.sh's own generation

    Edge() throws IOException { this("app-blue"); }

    /** @param blueHost another name than Nginx asks for, where something stands between the two */
    Edge(String blueHost) throws IOException {
        blue = app(network, blueHost, "blue");
        green = app(network, "app-green", "green");
        blue.start();
        green.start();
        nginx.start();
        lock = exec("lock.sh", "take").start();
        lock.outputWriter(StandardCharsets.UTF_8).append("{\"token\":\"" + DEPLOYER + "\"}\n").flush();
        assertThat(lock.inputReader().lines().filter(l -> l.contains(DEPLOYER)).findFirst())
            .as("the lock's echo, behind the picture")
            .isPresent();
    }

    /** @param command of a shell; start.sh must come last */
    static Unit nginx(Network network, String command) {
        return new Unit("nginx:1.30", HTTP, CONTROL)
            .withNetwork(network)
            .copy("nginx", SCRIPTS)
            .withCommand("sh", "-c", command)
            .waitingFor(Wait.forHttp("/deployment").forPort(CONTROL));
    }

    static Unit app(Network network, String host, String colour) {
        return new Unit("node:24")
            .withNetwork(network)
            .withNetworkAliases(host)
            .withEnv("DEPLOYMENT", colour)
            .copy("tests/fixtures/stub/app.mjs", "/app.mjs")
            .withCommand("node", "/app.mjs")
            .waitingFor(Wait.forLogMessage(".* listens\\n", 1));
    }

    /** All traffic on one colour. */
    void serve(Colour colour, boolean backed) { serve(colour, backed, Way.INSTANT); }

    void serve(Colour colour, boolean backed, Way via) {
        serve(Generation.all(next(), colour, backed, Version.of("1"), via));
    }

    void serve(Generation next) {
        var said = install(next);
        assertThat(said.code()).as(said.err()).isZero();
        awaitOldWorkers();
        assertThat(serving()).isEqualTo(next);
    }

    /** After a reload, they answer too for a tenth of a second. */
    void awaitOldWorkers() {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (workers().size() > WORKERS && System.nanoTime() < end) continue;
        assertThat(workers()).as("those that take new connections").hasSize(WORKERS);
    }

    /** Those that take new connections. */
    List<String> workers() {
        return nginx.sh("grep -ls 'nginx: worker process$' /proc/[0-9]*/cmdline; true").lines().sorted().toList();
    }

    long next() { return ++last; }

    /** By who holds the lock, from what is live: as lib/nginx/Nginx.java does it. */
    Command.Result install(Generation next) { return install(next, serving().number(), DEPLOYER); }

    Command.Result install(Generation next, long from, String by) {
        String number = String.valueOf(next.number()), green = String.valueOf(next.green());
        return exec("generation.sh", "install", number, "--from", String.valueOf(from), "--by", by,
            green, next.backed() ? "backed" : "alone", next.via().toString()).input(next.json()).run();
    }

    /** As lib/nginx/Nginx.java says it before a stop. */
    Command.Result leave(Colour colour, long live, String by) {
        return exec("generation.sh", "leave", colour.toString(), "--from", String.valueOf(live), "--by", by).run();
    }

    private Command exec(String script, String... arguments) {
        return Command.of(LIMIT, "docker", "exec", "--interactive", nginx.getContainerId(), "sh", SCRIPTS + script)
            .and(arguments);
    }

    /** What the workers answer. */
    Generation serving() {
        try {
            return Generation.read(nginx.ask(CONTROL, "GET", "/deployment").body()).orElseThrow();
        } catch (IOException e) {
            throw new AssertionError("the control port does not answer", e);
        }
    }

    Connection.Answer get(String path) throws IOException { return nginx.ask(HTTP, "GET", path); }

    /** In the mounted folder of the configuration. */
    void edit(String conf, String from, String to) {
        String file = SCRIPTS + conf;
        nginx.sh("grep -qF '" + from + "' " + file + " && sed -i 's|" + from + "|" + to + "|' " + file);
    }

    Unit.ExecResult reload() { return nginx.run("sh " + SCRIPTS + "reload.sh"); }

    @Override public void close() {
        lock.destroy();
        nginx.stop();
        green.stop();
        blue.stop();
        network.close();
    }
}
