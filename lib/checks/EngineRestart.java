package lib.checks;

import static lib.checks.Check.pass;
import static lib.checks.Check.warn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lib.checks.Check.Outcome;
import lib.core.Json;

/** What a restart of the Docker daemon would cost. */
final class EngineRestart {
    private static final String FILE = "/etc/docker/daemon.json";

    private EngineRestart() {}

    static Outcome look(Facts facts) throws IOException {
        if (facts.engine().at("/Swarm/LocalNodeState").asText().equals("active"))
            return warn("a restart of the Docker daemon stops every container: a swarm's engine refuses live-restore",
                "restart it only when an interruption is all right");
        boolean restores = facts.engine().path("LiveRestoreEnabled").asBoolean();
        var proxy = facts.stack.engine().isRemote() ? Optional.<Boolean>empty() : proxy(processes(), facts);
        boolean through = proxy.orElse(false);
        if (!restores)
            return warn("a restart of the Docker daemon stops every container: live-restore is off",
                "\"live-restore\": true" + (through ? ", \"userland-proxy\": false" : "") + " in " + FILE
                    + ", then: systemctl reload docker" + (through ? "   (the proxy goes at the next restart)" : ""));
        // Measured: 1,831 of 67,000 requests of clients that keep their connections, with the daemon 1.5 s away.
        if (through)
            return warn("a restart of the Docker daemon resets every connection: its userland proxy ends with it",
                "\"userland-proxy\": false in " + FILE
                    + ", then restart it when 3 % of those seconds' requests may fail");
        return pass(proxy.isPresent()
            ? "costs no request: live-restore is on, and no userland proxy is in the way"
            : "containers go on: live-restore is on");
    }

    private static Optional<Boolean> proxy(List<List<String>> processes, Facts facts) throws IOException {
        var nginx = facts.containers().get(facts.config.nginxService());
        Path file = configuration(processes);
        String settings = Files.isReadable(file) ? Files.readString(file) : "{}";
        return proxy(processes, facts.config.ports().control(), nginx != null && nginx.running(), settings);
    }

    /**
     * Whether the engine has its userland proxy; empty: it can't be known from here.
     * @param processes of this machine, as argument lists
     * @param port that is published when {@code published}
     * @param settings the engine's daemon.json
     */
    static Optional<Boolean> proxy(List<List<String>> processes, int port, boolean published, String settings) {
        for (var p : processes)
            if (p.getFirst().endsWith("docker-proxy") && value(p, "-host-port").equals(String.valueOf(port)))
                return Optional.of(true);
        var engines = engines(processes);
        if (engines.size() != 1) return Optional.empty();
        if (published) return Optional.of(false);
        return Optional.of(!value(engines.getFirst(), "--userland-proxy").equals("false")
            && Json.read(settings).map(n -> n.path("userland-proxy").asBoolean(true)).orElse(true));
    }

    private static Path configuration(List<List<String>> processes) {
        String named = engines(processes).stream().findFirst().map(e -> value(e, "--config-file")).orElse("");
        return Path.of(named.isEmpty() ? FILE : named);
    }

    private static List<List<String>> engines(List<List<String>> processes) {
        return processes.stream().filter(p -> Path.of(p.getFirst()).endsWith("dockerd")).toList();
    }

    /** "--option=value" or "--option value"; empty: not there. */
    private static String value(List<String> arguments, String option) {
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).startsWith(option + "=")) return arguments.get(i).substring(option.length() + 1);
            if (arguments.get(i).equals(option) && i + 1 < arguments.size()) return arguments.get(i + 1);
        }
        return "";
    }

    /** Of Linux; none elsewhere, where the engine is in a virtual machine. */
    private static List<List<String>> processes() throws IOException {
        var all = new ArrayList<List<String>>();
        Path proc = Path.of("/proc");
        if (!Files.isDirectory(proc)) return all;
        try (Stream<Path> numbers = Files.list(proc).filter(p -> p.getFileName().toString().matches("\\d+"))) {
            for (Path p : numbers.toList()) arguments(p.resolve("cmdline")).ifPresent(all::add);
        }
        return all;
    }

    private static Optional<List<String>> arguments(Path cmdline) {
        try {
            String text = Files.readString(cmdline, StandardCharsets.ISO_8859_1);
            return text.isEmpty() || text.charAt(0) == '\0' ? Optional.empty() : Optional.of(List.of(text.split("\0")));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }
}
