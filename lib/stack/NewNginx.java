package lib.stack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.Container;
import lib.docker.Engine;
import lib.nginx.Generation;
import lib.nginx.NginxSettings;

/**
 * Nginx where something else has its ports: tried and made before that is stopped, and started then by the engine
 * alone.
 */
public final class NewNginx {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String ACTIVE = "/etc/nginx/active";
    /** Its volumes get all that its first start needs; nothing listens. Says the generation. */
    private static final String SEED = "cd /etc/nginx/bluegreen && sh start.sh check >/dev/null && sh settings.sh seed \"$@\""
        + " && cat " + ACTIVE + "/current/deployment.json";

    private final Stack stack;
    private final Config config;
    private final Engine engine;

    public NewNginx(Stack stack) {
        this.stack = stack;
        this.config = stack.config();
        this.engine = stack.engine();
    }

    /**
     * @param holders of ports that it gets from them
     * @throws Failure it could not start with these settings or ports, or would not serve blue
     */
    public void create(NginxSettings settings, List<Container> holders, Consumer<String> progress) {
        requirePorts(holders);
        seed(settings);
        var up = stack.up(LIMIT, Pins.NONE, progress, "--no-start", "--no-deps", "--no-build", config.nginxService());
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not create Nginx", Stack.reason(up), "docker ps --all");
    }

    private void requirePorts(List<Container> holders) {
        config.ports().ofNginx()
            .forEach((key, bind) -> {
                if (!Replaced.has(holders, bind)) stack.requireFree(key, bind);
            });
    }

    public void start() { engine.start(container().id()); }

    private Container container() {
        return Optional.ofNullable(stack.containers().get(config.nginxService()))
            .orElseThrow(() -> new Failure(ExitCode.FAILED, "Nginx's container is gone").next("docker ps --all"));
    }

    /** By its own health check. @throws Failure when that does not say so in time */
    public void awaitHealthy(Duration limit, Consumer<String> progress) {
        String id = container().id();
        for (long end = System.nanoTime() + limit.toNanos(); engine.health(id).equals("starting");
            Interruption.pause(250)) {
            if (System.nanoTime() > end) throw new Failure(ExitCode.FAILED, "Nginx did not get healthy in time");
            progress.accept("waiting for Nginx's health check");
        }
    }

    /** What it had taken is free again. Its volumes stay. */
    public void remove() {
        if (stack.containers().get(config.nginxService()) instanceof Container c) engine.remove(c.id());
    }

    private void seed(NginxSettings settings) {
        String name = config.composeProject() + "-" + config.nginxService() + "-seed";
        drop(name);      // of one that was killed
        var ran = stack.compose(LIMIT, "run", "--detach", "--rm", "--no-deps", "--name", name, config.nginxService(),
            "sleep", String.valueOf(LIMIT.toSeconds()));
        if (!ran.ok()) throw new Failure(ExitCode.FAILED, "could not start " + name, Stack.reason(ran), "validate");
        try {
            var container = engine.container(name)
                .orElseThrow(() -> new Failure(ExitCode.FAILED, name + " is gone").next("docker ps --all"));
            var command = new ArrayList<>(List.of("sh", "-c", SEED, "sh"));
            command.addAll(settings.names());
            var said = engine.exec(container.id(), LIMIT, settings.variables(), command.toArray(String[]::new));
            if (!said.ok()) throw new Failure(ExitCode.FAILED, "Nginx would not start", reason(said.err()), "validate");
            var active = Generation.read(said.out()).map(Generation::active);
            if (active.filter(Colour.BLUE::equals).isEmpty()) throw ofAnotherTime(container);
        } finally {
            drop(name);
        }
    }

    /** Without what its first start says of itself. */
    private static String reason(String said) {
        return said.lines().filter(line -> !line.startsWith("start.sh: no ")).collect(Collectors.joining("\n")).strip();
    }

    private void drop(String name) { engine.container(name).ifPresent(c -> engine.remove(c.id())); }

    private static Failure ofAnotherTime(Container nginx) {
        Path volume = Path.of(nginx.mounts().getOrDefault(ACTIVE, "/VOLUME/_data")).getParent();
        return Failure.preflight("by Nginx's volume of before, the traffic is not blue's",
            "an adoption begins with blue", "docker volume rm " + volume.getFileName() + "   then deploy --adopt");
    }
}
