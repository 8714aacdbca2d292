package peers;

import board.Timed;
import java.time.Duration;
import java.util.ArrayList;
import load.Clients;

/** Requests a second, as many as 64 connections without a pause get through a peer. */
public record Rate(Tools tools) {
    private static final int SECONDS = 5, ROUNDS = 3;

    public String how() {
        return Wrk.CONNECTIONS + " connections without a pause, GET, the median of " + ROUNDS + " times " + SECONDS
            + " s, by "
            + (tools.missing().isEmpty() ? "wrk" : "our own clients, who take more CPU than wrk would");
    }

    public double of(Peer peer) throws InterruptedException {
        var rounds = new ArrayList<Double>();
        if (tools.missing().isEmpty()) Wrk.on(peer.port(), 1);
        for (int i = 0; i < ROUNDS; i++)
            rounds.add(tools.missing().isEmpty() ? Wrk.on(peer.port(), SECONDS).perSecond() : byClients(peer));
        return Timed.middle(rounds);
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
