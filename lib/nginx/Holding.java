package lib.nginx;

import java.util.ArrayList;
import java.util.List;
import lib.core.ExitCode;
import lib.core.Failure;

/** What still holds the old colour: connections from Nginx to it, and old workers after a reload. */
public record Holding(int connections, int oldWorkers) {
    /** Prints what is read here: the kernel's table of connections, and workers that end after a reload. */
    static final String SEE = "cat /proc/net/tcp; grep -l '[w]orker process is shutting down' /proc/[0-9]*/cmdline 2>/dev/null";

    /** @param addresses of the old colour, and the port on which it listens there */
    static Holding of(String seen, List<String> addresses, int port) {
        int workers = (int) seen.lines().filter(l -> l.startsWith("/proc/")).count();
        return new Holding(established(seen, addresses, port), workers);
    }

    static Failure unseen(String why) {
        return new Failure(ExitCode.FAILED, "the connections of Nginx cannot be seen", why, "docker ps");
    }

    public boolean none() { return connections == 0 && oldWorkers == 0; }

    @Override public String toString() {
        return connections + (connections == 1 ? " connection" : " connections")
            + (oldWorkers == 0 ? "" : ", " + oldWorkers + (oldWorkers == 1 ? " old worker" : " old workers"));
    }

    /** Lines of /proc/net/tcp in state 01 whose far end is one of the addresses and the port. */
    public static int established(String table, List<String> addresses, int port) {
        var ends = new ArrayList<String>();
        for (String address : addresses) {
            var hex = new StringBuilder();
            String[] parts = address.split("\\.");
            for (int i = 3; i >= 0; i--) hex.append("%02X".formatted(Integer.parseInt(parts[i])));      // little-endian
            ends.add(hex + ":%04X".formatted(port));
        }
        return (int) table.lines()
            .map(l -> l.strip().split("\\s+"))
            .filter(f -> f.length > 3 && f[3].equals("01") && ends.contains(f[2]))
            .count();
    }
}
