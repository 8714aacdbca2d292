package lib.docker;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.core.Failure;

/**
 * On which ports a colour's app listens, from the kernel's table of its network namespace. It is read in a small
 * container of Nginx's image that joins this namespace: the app's own image may have no tool at all, and the engine may
 * be remote.
 */
public final class Listening {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Listening() {}

    /** Why nobody answers on the app's port; empty when the app does listen there, or nothing is known. */
    public static Optional<String> wrong(Config config, Engine engine, Container app, Container nginx) {
        try {
            var read = engine.run(nginx.image(), "container:" + app.id(), LIMIT, "cat", "/proc/net/tcp",
                "/proc/net/tcp6");
            return read.out().isBlank() ? Optional.empty() : wrong(config.ports().app(), read.out());
        } catch (Failure f) {
            return Optional.empty();        // an engine that is slow or out of reach says nothing of the app
        }
    }

    /** @param table lines of /proc/net/tcp and tcp6 */
    public static Optional<String> wrong(int port, String table) {
        var outside = new TreeMap<Integer, Boolean>();      // by port: reached from outside the container
        for (String line : table.lines().toList()) {
            String[] f = line.strip().split("\\s+");
            // 0A: LISTEN
            if (f.length < 4 || !f[3].equals("0A") || !f[1].matches("[0-9A-F]+:[0-9A-F]{4}")) continue;
            String address = f[1].substring(0, f[1].indexOf(':'));
            if (address.equals(ENGINE_DNS)) continue;
            outside.merge(Integer.parseInt(f[1].substring(f[1].indexOf(':') + 1), 16), !isLoopback(address),
                Boolean::logicalOr);
        }
        if (outside.isEmpty())
            return Optional.of("nothing listens in the container, on " + port + " or any other port");
        if (!outside.containsKey(port))
            return Optional.of("nothing listens on " + port + " in the container, the app listens on "
                + outside.entrySet().stream()
                    .map(e -> (e.getValue() ? "" : "127.0.0.1:") + e.getKey())
                    .collect(Collectors.joining(", "))
                + ": set ports.app, or the app's PORT");
        if (outside.get(port)) return Optional.empty();
        return Optional.of("the app listens on 127.0.0.1:" + port
            + " only, which nobody outside its container reaches: let it listen on 0.0.0.0");
    }

    /** 127.0.0.11, in the kernel's order of bytes: the engine's own name server, in every container of a network. */
    private static final String ENGINE_DNS = "0B00007F";

    private static boolean isLoopback(String address) {
        return address.length() == 8
            ? address.endsWith("7F")
            : Set.of("00000000000000000000000001000000", "0000000000000000FFFF00000100007F").contains(address);
    }
}
