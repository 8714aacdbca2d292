package lib.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.core.Failure;
import lib.core.Text;
import lib.docker.Container;
import lib.nginx.Generation;
import lib.nginx.Nginx;

/**
 * Where what runs is not what the configuration says. A deploy never recreates Nginx, so such a change does not come by
 * itself: a switch could not be confirmed, or a candidate would wait for its health on a port that nobody listens on.
 */
public final class NginxDrift {
    /** What a difference stands in the way of; a switch goes on where it can be confirmed all the same. */
    public enum Stops { NOTHING, DEPLOY, SWITCH }

    /** {@code back}: what brings the two together without touching what runs. */
    public record Difference(String text, String back, Stops stops, boolean ofNginx) {}

    private static final String LOGS = "/var/log/bluegreen";

    private NginxDrift() {}

    /** Of the ports by which Nginx is asked; no question to the engine. */
    static List<Difference> ofPorts(Stack stack, Container nginx) {
        var found = new ArrayList<Difference>();
        var ports = stack.config().ports();
        port(stack, found, "ports.http", "Nginx", nginx.ports().get("80/tcp"), ports.http(),
            stops(nginx.ports().get("80/tcp"), ports.http()));
        port(stack, found, "ports.https", "Nginx", nginx.ports().get("443/tcp"), ports.https(), Stops.DEPLOY);
        port(stack, found, "ports.control", "Nginx", nginx.ports().get("9180/tcp"), "127.0.0.1:" + ports.control(),
            Stops.SWITCH);
        return found;
    }

    /** An Nginx with ports of its own making publishes none of those: nothing can be said of them. */
    private static void port(Stack stack, List<Difference> found, String key, String who, String runs,
        String configured,
        Stops stops) {
        if (runs == null || runs.equals(Container.binding(configured))) return;
        String value = key.matches("ports.(http|https)") ? runs : number(runs);
        String wanted = key.matches("ports.(http|https)") ? configured : number(configured);
        found.add(new Difference(key + ": " + who + " publishes " + value + ", the configuration says " + wanted,
            "--set " + key + "=" + value, stack.engine().isRemote() && stops == Stops.SWITCH ? Stops.DEPLOY : stops,
            who.equals("Nginx")));
    }

    /**
     * Another address of the same port may be reached all the same: through all addresses, or the one that is asked.
     */
    private static Stops stops(String runs, String configured) {
        if (runs == null || !number(runs).equals(number(configured))) return Stops.SWITCH;
        return runs.contains(":") && !runs.startsWith("127.0.0.1:") ? Stops.SWITCH : Stops.DEPLOY;
    }

    private static String number(String bind) { return bind.substring(bind.lastIndexOf(':') + 1); }

    /**
     * Everything that can be seen: ports, the mounted folder, the variables, and the port of the colour that serves.
     */
    public static List<Difference> of(Stack stack, Map<String, Container> containers) {
        var config = stack.config();
        var nginx = containers.get(config.nginxService());
        if (nginx == null || !nginx.running()) return List.of();
        var found = ofPorts(stack, nginx);
        var mounts = nginx.mounts();
        if (mounts.get("/etc/nginx/bluegreen") instanceof String source) folder(stack, source).ifPresent(found::add);
        if (!mounts.containsKey(LOGS) && stack.engine().exec(nginx.id(), "test", "-d", LOGS).code() == 1)
            found.add(new Difference("Nginx was started by an older bluegreen: it keeps no log in " + LOGS
                + " that a watch could read (the volume is in today's compose/docker-compose.blue-green.yml)",
                "stay with that version", Stops.DEPLOY, true));
        nginx.environment().forEach((name, value) -> {
            switch (name) {
                case "APP_PORT" -> variable(found, "ports.app", value, String.valueOf(config.ports().app()));
                case "HEALTH_PATH" -> variable(found, "health.path", value, config.health().path());
                case "ASSETS_PATH" -> {
                    if (!config.assets().from().isEmpty())
                        variable(found, "assets.path", value, config.assets().path());
                }
                default -> {}
            }
        });
        found.addAll(ofActive(stack, containers));
        return found;
    }

    private static void variable(List<Difference> found, String key, String runs, String configured) {
        if (!runs.equals(configured))
            found.add(
                new Difference(key + ": Nginx was started with " + runs + ", the configuration says " + configured,
                    "--set " + key + "=" + runs, Stops.DEPLOY, true));
    }

    /**
     * A folder that was moved stays mounted until Nginx is started again, and then is an empty one. Another folder that
     * is there is a colleague's checkout: what is edited here does not reach Nginx, which is no reason to stop.
     */
    private static Optional<Difference> folder(Stack stack, String source) {
        var config = stack.config();
        Path folder = config.nginxFolder();
        if (!stack.engine().isRemote() && NginxFolder.isOlder(Path.of(source)))
            return Optional.of(new Difference(
                "nginx: Nginx reads " + source
                    + ", of an older bluegreen, which knows nothing of proxy: and /health/ready",
                config.ownNginx().isEmpty() ? "stay with that version" : NginxFolder.fix(config), Stops.DEPLOY,
                !source.equals(folder.toString())));
        boolean gone = !stack.engine().isRemote() && NginxFolder.wrong(Path.of(source)).isPresent();
        if (source.equals(folder.toString()))
            return NginxFolder.wrong(folder)
                .filter(_ -> gone)
                .map(wrong -> new Difference("nginx: " + wrong + ": Nginx's next start would fail",
                    NginxFolder.fix(config), Stops.DEPLOY, false));
        if (source.endsWith(folder.toString()) || sameFile(Path.of(source), folder)) return Optional.empty();
        // A colleague's are in another home, and the same.
        if (!gone && config.ownNginx().isEmpty() && Path.of(source).endsWith(folder.getFileName()))
            return Optional.empty();
        if (!gone && config.ownNginx().isEmpty())
            return Optional.of(new Difference("nginx: Nginx reads " + source + "; this bluegreen brings "
                + folder.getFileName(), "--set nginx=" + Text.shell(source), Stops.NOTHING, true));
        return Optional.of(new Difference(
            "nginx: Nginx reads " + source + (gone ? ", which is gone: its next start would fail" : "")
                + "; the configuration says " + folder,
            "move the folder back", gone ? Stops.DEPLOY : Stops.NOTHING, true));
    }

    private static boolean sameFile(Path a, Path b) {
        try {
            return Files.isSameFile(a, b);
        } catch (java.io.IOException e) {
            return false;       // one of them is not there
        }
    }

    /** The standby gets its port with its next start; the health of the one that serves is asked where it is now. */
    private static List<Difference> ofActive(Stack stack, Map<String, Container> containers) {
        var config = stack.config();
        var found = new ArrayList<Difference>();
        for (Colour colour : Colour.values()) {
            var container = containers.get(config.service(colour));
            if (container == null || !container.running()) continue;
            port(stack, found, "ports." + colour, colour.toString(),
                container.ports().get(config.ports().app() + "/tcp"),
                "127.0.0.1:" + config.ports().of(colour), Stops.DEPLOY);
        }
        if (found.isEmpty()) return found;
        var active = Nginx.serving(config).map(Generation::active);
        return found.stream()
            .filter(d -> active.isEmpty() || d.text().startsWith("ports." + active.get() + ":"))
            .map(d -> new Difference(d.text() + " (a colour gets another port when it is deployed to)", d.back(),
                d.stops(), false))
            .toList();
    }

    /**
     * @throws Failure (pre-flight) when a difference stands in the way; {@code stack}: whose command recreates Nginx
     */
    static void require(List<Difference> differences, Stops stops, Stack stack) {
        var found = differences.stream().filter(d -> d.stops().compareTo(stops) >= 0).toList();
        if (!found.isEmpty()) throw failure(found, stack);
    }

    private static Failure failure(List<Difference> found, Stack stack) {
        String back = String.join(" ", found.stream().map(Difference::back).distinct().toList());
        String texts = String.join("\n", found.stream().map(Difference::text).toList()) + "\n";
        if (found.stream().noneMatch(Difference::ofNginx))
            return Failure.preflight("what runs is not as configured", texts.strip(), back);
        return Failure.preflight("Nginx does not run as configured", texts + "Two ways out: set it back (" + back
            + "),\nor start Nginx anew, which ends every connection and answers nobody for about two seconds:",
            recreating(stack));
    }

    /** The command, as it can be pasted. */
    public static String recreating(Stack stack) { return stack.recreating(); }

    /** For one line of a table: what differs. */
    public static String text(List<Difference> differences) {
        return String.join("; ", differences.stream().map(Difference::text).toList());
    }

    /** The worst of them. */
    public static Stops worst(List<Difference> differences) {
        return Stream.concat(Stream.of(Stops.NOTHING), differences.stream().map(Difference::stops))
            .max(Enum::compareTo)
            .orElseThrow();
    }
}
