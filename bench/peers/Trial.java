package peers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Text;
import lib.http.Connection;
import load.Clients;
import load.Habit;
import load.Move;

/** One peer under one load: a calm time, then switches to and fro, then perhaps deploys and rollbacks. */
public final class Trial implements AutoCloseable {
    /** All clients' requests a second: so few that the slowest proxy has the machine hardly half busy. */
    public static final int RATE = 2000, RATE_ANEW = 1000;
    public static final int DEPLOYS = 3;
    static final int VERSIONS = 2 + DEPLOYS;
    /**
     * Till the clients have begun and the JVM has compiled what they run; and till a switch is over for each of them.
     */
    static final long WARM = 4000, REST = 1500;

    /** @param anew a connection for each request */
    public record Load(int clients, boolean anew) {
        Duration think() { return Duration.ofMillis(Math.max(1, 1000L * clients / (anew ? RATE_ANEW : RATE))); }

        @Override public String toString() {
            return "%,d clients, %s".formatted(clients, anew ? "a new connection for each request" : "kept alive");
        }
    }

    /**
     * Failed, lost (of them, not on a connection closed before) and reconnects: per switch; times in ms; cpu: of the
     * proxy in the calm time, µs a request; bytes: in the end.
     */
    public record Figures(double failed, double lost, double reconnects, long window, long switched, double calm,
        double during,
        double cpu, long bytes) {}

    /** Medians of the times from the command to the first moment when the new version answered all. */
    public record Deploys(long deploy, long rollback) {}

    private final Peer peer;
    private final Clients clients;

    public Trial(Peer peer, Load load) {
        this.peer = peer;
        clients = Clients.start(load.clients, "127.0.0.1", peer.port(), load.think(),
            load.anew ? Habit.ANEW : Habit.LOOKED_AT);
    }

    /** Till it answers, as version 1 in blue. */
    public static void answering(Peer peer) throws InterruptedException {
        String last = "nothing listens";
        for (long end = System.nanoTime() + WARM * 1_000_000; System.nanoTime() < end; Thread.sleep(100)) {
            try (var connection = new Connection("127.0.0.1", peer.port(), Duration.ofSeconds(1))) {
                var answer = connection.get("/api/echo");
                if (answer.status() == 200 && answer.body().startsWith(Colour.BLUE.toString())) return;
                last = answer.status() + " " + Text.brief(answer.body());
            } catch (IOException e) {
                last = e.toString();
            }
        }
        throw failed(peer, "it does not answer: " + last);
    }

    public Figures switches(int times, Duration calm) throws InterruptedException {
        Thread.sleep(WARM);
        var before = Usage.of(peer.proxy());
        Thread.sleep(calm);
        var after = Usage.of(peer.proxy());
        var quiet = clients.window(before.at(), after.at());
        if (quiet.failed() > 0) throw failed(peer, "requests failed before any switch: " + clients.failures());

        long connections = clients.connections(), from = System.currentTimeMillis();
        var moves = new ArrayList<Move>();
        for (int i = 0; i < times; i++) {
            Colour to = i % 2 == 0 ? Colour.GREEN : Colour.BLUE;
            moves.add(moved(to, () -> peer.switchTo(to)));
        }
        var end = Usage.of(peer.proxy());
        long reconnects = clients.connections() - connections;
        var during = clients.window(from, System.currentTimeMillis());
        if (times % 2 == 1) moved(Colour.BLUE, () -> peer.switchTo(Colour.BLUE));
        return new Figures(1.0 * during.failed() / times, 1.0 * (during.failed() - during.closed()) / times,
            1.0 * reconnects / times, median(moves.stream().map(Move::window).toList()),
            median(moves.stream().map(Move::moved).toList()), quiet.p99(), during.p99(),
            (after.cpuNanos() - before.cpuNanos()) / 1000.0 / quiet.requests(), end.bytes());
    }

    public Deploys deploys() throws InterruptedException {
        List<Long> deploys = new ArrayList<>(), rollbacks = new ArrayList<>();
        for (int i = 0; i < DEPLOYS; i++) {
            String version = String.valueOf(3 + i);
            deploys.add(moved(Colour.GREEN, () -> peer.deploy(Colour.GREEN, version)).moved());
            rollbacks.add(moved(Colour.BLUE, () -> peer.rollback(Colour.BLUE)).moved());
        }
        return new Deploys(median(deploys), median(rollbacks));
    }

    /** As the clients saw it. */
    private Move moved(Colour to, Runnable command) throws InterruptedException {
        long from = System.currentTimeMillis();
        command.run();
        Thread.sleep(REST);
        long until = System.currentTimeMillis();
        var last = clients.window(until - REST / 3, until);
        if (last.requests() - last.failed() != (to == Colour.GREEN ? last.green() : last.blue()))
            throw failed(peer, to + " did not get the traffic: " + last);
        return clients.move(from, until, to == Colour.GREEN);
    }

    private static Failure failed(Peer peer, String why) {
        return new Failure(ExitCode.FAILED, peer.proxy() + " failed", why);
    }

    private static long median(List<Long> of) { return of.stream().sorted().toList().get(of.size() / 2); }

    @Override public void close() { clients.close(); }
}
