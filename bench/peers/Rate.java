package peers;

import java.time.Duration;
import load.Clients;

/** Requests a second, as many as 64 connections without a pause get through a peer. */
public record Rate(Tools tools) {
    private static final int SECONDS = 5;

    public String how() {
        return Wrk.CONNECTIONS + " connections without a pause, GET, for " + SECONDS + " s, by "
            + (tools.missing().isEmpty() ? "wrk" : "our own clients, who take more CPU than wrk would");
    }

    public double of(Peer peer) throws InterruptedException {
        return tools.missing().isEmpty() ? byWrk(peer) : byClients(peer);
    }

    private static double byWrk(Peer peer) {
        Wrk.on(peer.port(), 1);
        return Wrk.on(peer.port(), SECONDS).perSecond();
    }

    private static double byClients(Peer peer) throws InterruptedException {
        try (var clients = Clients.start(Wrk.CONNECTIONS, "127.0.0.1", peer.port(), "/api/echo", Duration.ZERO,
            java.util.List.of("GET"))) {
            Thread.sleep(2000);
            long from = System.currentTimeMillis();
            Thread.sleep(SECONDS * 1000L);
            return 1.0 * clients.window(from, System.currentTimeMillis()).requests() / SECONDS;
        }
    }
}
