package peers;

import java.time.Duration;
import java.util.regex.Pattern;
import lib.core.ExitCode;
import lib.core.Failure;
import load.Clients;
import load.Docker;

/** Requests a second, as many as 64 connections without a pause get through a peer. */
public record Rate(Tools tools) {
    private static final int CONNECTIONS = 64, SECONDS = 5;
    private static final Pattern RATE = Pattern.compile("Requests/sec: +([0-9.]+)");

    public String how() {
        return CONNECTIONS + " connections without a pause, GET, for " + SECONDS + " s, by "
            + (tools.missing().isEmpty() ? "wrk" : "our own clients, who take more CPU than wrk would");
    }

    public double of(Peer peer) throws InterruptedException {
        return tools.missing().isEmpty() ? byWrk(peer) : byClients(peer);
    }

    private static double byWrk(Peer peer) {
        String url = "http://127.0.0.1:" + peer.port() + "/api/echo";
        String wrk = "wrk -t 1 -c " + CONNECTIONS + " -d ";
        var said = Docker.call("run", "--rm", "--network", "host", Tools.IMAGE, "sh", "-c",
            wrk + "1s " + url + " >/dev/null && " + wrk + SECONDS + "s " + url);
        var rate = RATE.matcher(said.out());
        if (!said.ok() || !rate.find() || said.out().contains("Non-2xx"))
            throw new Failure(ExitCode.FAILED, "wrk " + said.end() + " on " + peer.proxy(), said.out() + said.err());
        return Double.parseDouble(rate.group(1));
    }

    private static double byClients(Peer peer) throws InterruptedException {
        try (var clients = Clients.start(CONNECTIONS, "127.0.0.1", peer.port(), "/api/echo", Duration.ZERO,
            java.util.List.of("GET"))) {
            Thread.sleep(2000);
            long from = System.currentTimeMillis();
            Thread.sleep(SECONDS * 1000L);
            return 1.0 * clients.window(from, System.currentTimeMillis()).requests() / SECONDS;
        }
    }
}
