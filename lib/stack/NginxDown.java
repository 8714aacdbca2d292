package lib.stack;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.Container;
import lib.docker.Engine;
import lib.nginx.Nginx;

/** Nginx does not run, or restarts in a loop: said in the words of its own log, with what mends it. */
final class NginxDown {
    private static final int LINES = 5;

    private NginxDown() {}

    /** For a start of Nginx to end by an error: it seeds its folder and makes a certificate first. */
    private static final int LOOKS = 10;

    /**
     * Empty when it runs. One in a loop runs for a moment each time: so one that was just started must answer, or stay.
     */
    static Optional<Failure> of(Stack stack, Optional<Container> nginx) {
        var config = stack.config();
        if (nginx.filter(n -> n.running() && (!n.justStarted() || staysUp(stack, n))).isPresent())
            return Optional.empty();
        if (Replaced.isCutOff(config))
            return Optional.of(Failure.preflight("Nginx is not running",
                "an adoption was cut off while the ports changed hands",
                "deploy --adopt --version VERSION   (goes on, or gives them back)"));
        if (nginx.isEmpty())
            return Optional.of(Failure.preflight("Nginx is not running",
                "compose project '" + config.composeProject() + "' has no container for service "
                    + config.nginxService(),
                START));
        var now = nginx.get();
        boolean loops = now.running() || now.status().equals("restarting");
        // Another one may have its ports, and serve.
        if (now.status().equals("created"))
            return Optional.of(Failure.preflight("Nginx is not running", "its container was never started", START));
        boolean stopped = now.status().equals("exited") && List.of(0, 137, 143).contains(now.exitCode());
        if (stopped && !loops)
            return Optional.of(
                Failure.preflight("Nginx is not running", "its container is " + now.status() + "; nobody is served",
                    "docker start " + now.shortId()));
        var log = lastWords(stack.engine(), now);
        return Optional.of(Failure.preflight(
            loops ? "Nginx restarts in a loop" : "Nginx ended with exit code " + now.exitCode(),
            log.isEmpty() ? "its log is empty" : "its log says:\n" + String.join("\n", log), next(stack, now, loops)));
    }
    private static final String START = "deploy --version VERSION   (starts the stack)";

    private static boolean staysUp(Stack stack, Container nginx) {
        for (int look = 0; look < LOOKS; look++, Interruption.pause(300)) {
            if (Nginx.serving(stack.config()).isPresent()) return true;
            var now = stack.engine().container(nginx.id());
            if (now.filter(n -> n.running() && n.started().equals(nginx.started())).isEmpty()) return false;
        }
        return true;
    }

    private static String next(Stack stack, Container nginx, boolean loops) {
        var config = stack.config();
        var mounted = Optional.ofNullable(nginx.mounts().get("/etc/nginx/bluegreen"));
        boolean remote = stack.engine().isRemote();
        if (!remote && NginxFolder.wrong(config).isPresent()) return NginxFolder.fix(config);
        if (!remote && mounted.filter(m -> NginxFolder.wrong(Path.of(m)).isPresent()).isPresent())
            return NginxDrift.recreating(stack) + "   (it reads " + mounted.get() + ", which is not there any more)";
        return loops ? "correct it; then: docker restart " + nginx.shortId() : "correct it; then: " + START;
    }

    /** The last lines that tell something, of its last start: no requests, no notices, none twice. */
    private static List<String> lastWords(Engine engine, Container nginx) {
        var telling = new ArrayList<String>();
        for (String line : log(engine, nginx)) {
            if (line.isEmpty() || line.startsWith("{") || line.contains("[notice]")) continue;
            telling.remove(line);
            telling.add(line);
        }
        return telling.subList(Math.max(0, telling.size() - LINES), telling.size());
    }

    /** One that cannot be read hides nothing else. */
    private static List<String> log(Engine engine, Container nginx) {
        try {
            return engine.logs(nginx.id(), 200, nginx.started(), Instant.MAX)
                .stream()
                .map(l -> l.text().strip())
                .toList();
        } catch (Failure f) {
            return List.of(f.whatAndWhy());
        }
    }
}
