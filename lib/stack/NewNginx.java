package lib.stack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Engine;
import lib.nginx.Generation;
import lib.nginx.NginxSettings;

/** Nginx where something else has its ports: tried and made before that is stopped, and started then by the engine alone. */
public final class NewNginx {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String ACTIVE = "/etc/nginx/active";
    /** Its volumes get all that its first start needs; nothing listens. Says the generation. */
    private static final String SEED = "cd /etc/nginx/bluegreen && sh start.sh check && sh settings.sh seed \"$@\""
        + " && cat " + ACTIVE + "/current/deployment.json";

    private final Stack stack;
    private final Config config;
    private final Engine engine;

    public NewNginx(Stack stack) {
        this.stack = stack;
        this.config = stack.config();
        this.engine = stack.engine();
    }

    /** @throws Failure it could not start with these settings, or would not serve blue */
    public void create(NginxSettings settings, Consumer<String> progress) {
        seed(settings);
        var up = stack.up(LIMIT, Pins.NONE, progress, "--no-start", "--no-deps", "--no-build", config.nginxService());
        if (!up.ok())
            throw new Failure(ExitCode.FAILED, "could not create Nginx", Stack.reason(up), "docker ps --all");
    }

    public void start() { engine.start(stack.containers().get(config.nginxService()).id()); }

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
            if (!said.ok()) throw new Failure(ExitCode.FAILED, "Nginx would not start", said.err().strip(), "validate");
            var active = Generation.read(said.out()).map(Generation::active);
            if (active.filter(Colour.BLUE::equals).isEmpty()) throw ofAnotherTime(container);
        } finally {
            drop(name);
        }
    }

    private void drop(String name) { engine.container(name).ifPresent(c -> engine.remove(c.id())); }

    private static Failure ofAnotherTime(Container nginx) {
        Path volume = Path.of(nginx.mounts().getOrDefault(ACTIVE, "/VOLUME/_data")).getParent();
        return Failure.preflight("by Nginx's volume of before, the traffic is not blue's",
            "an adoption begins with blue", "docker volume rm " + volume.getFileName() + "   then deploy --adopt");
    }
}
