package lib.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lib.config.Config;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.Docker;
import lib.nginx.Nginx;

/** Nginx does not run, or restarts in a loop: said in the words of its own log, with what mends it. */
final class NginxDown {
    private static final int LINES = 5;

    private NginxDown() {}

    /** For a start of Nginx to end by an error: it seeds its folder and makes a certificate first. */
    private static final int LOOKS = 10;

    /** Empty when it runs. One in a loop runs for a moment each time: so one that was just started must answer, or stay. */
    static Optional<Failure> of(Config config, Optional<Docker.Container> nginx) {
        if (nginx.filter(n -> n.running() && (!n.justStarted() || staysUp(config, n))).isPresent()) return Optional.empty();
        if (nginx.isEmpty())
            return Optional.of(Failure.preflight("Nginx is not running",
                "compose project '" + config.composeProject() + "' has no container for service " + config.nginxService(), START));
        var now = nginx.get();
        boolean loops = now.running() || now.status().equals("restarting");
        boolean stopped = now.status().equals("created") || now.status().equals("exited") && List.of(0, 137, 143).contains(now.exitCode());
        if (stopped && !loops) return Optional.of(Failure.preflight("Nginx is not running", "its container is " + now.status() + "; nobody is served",
            "docker start " + now.id().substring(0, 12)));
        var log = lastWords(now);
        return Optional.of(Failure.preflight(loops ? "Nginx restarts in a loop" : "Nginx ended with exit code " + now.exitCode(),
            log.isEmpty() ? "its log is empty" : "its log says:\n" + String.join("\n", log), next(config, now, loops)));
    }
    private static final String START = "deploy --version VERSION   (starts the stack)";

    private static boolean staysUp(Config config, Docker.Container nginx) {
        for (int look = 0; look < LOOKS; look++, Interruption.pause(300)) {
            if (Nginx.serving(config).isPresent()) return true;
            var now = Docker.container(nginx.id());
            if (now.filter(n -> n.running() && n.started().equals(nginx.started())).isEmpty()) return false;
        }
        return true;
    }

    private static String next(Config config, Docker.Container nginx, boolean loops) {
        var mounted = Docker.inspect(nginx.id()).stream().flatMap(n -> n.path("Mounts").valueStream())
            .filter(m -> m.path("Destination").asText().equals("/etc/nginx/bluegreen")).map(m -> m.path("Source").asText()).findFirst();
        boolean remote = Docker.isRemote();
        if (!remote && NginxFolder.wrong(config.nginxFolder()).isPresent()) return NginxFolder.fix(config.nginxFolder());
        if (!remote && mounted.filter(m -> NginxFolder.wrong(java.nio.file.Path.of(m)).isPresent()).isPresent())
            return NginxDrift.recreating(new Stack(config)) + "   (it reads " + mounted.get() + ", which is not there any more)";
        return loops ? "correct it; then: docker restart " + nginx.id().substring(0, 12) : "correct it; then: " + START;
    }

    /** The last lines that tell something, of its last start: no requests, no notices, none twice. */
    private static List<String> lastWords(Docker.Container nginx) {
        var telling = new ArrayList<String>();
        var lines = Docker.call("logs", "--tail", "200", "--since", nginx.started().toString(), nginx.id());
        for (String line : (lines.out() + lines.err()).lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("{") || line.contains("[notice]")) continue;
            telling.remove(line);
            telling.add(line);
        }
        return telling.subList(Math.max(0, telling.size() - LINES), telling.size());
    }
}
