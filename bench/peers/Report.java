package peers;

import board.Bars;
import board.Board.Part;
import board.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import peers.Outcome.Measured;
import peers.Trial.Figures;
import peers.Trial.Load;

/** The tables, a row for each peer; "×": how many times bluegreen's figure, of the first row. */
public final class Report {
    public static final String METHOD = """
        One run, one peer after the other, each in its own recommended way, over the same path: strict clients on the \
        host (POST and GET in turn, never retrying), a port published on 127.0.0.1, the proxy in a container, two versions \
        of the same tiny app (Nginx that answers with a line of text) on the same Docker network. However many clients \
        there are, they send %,d requests a second in all (%,d where each needs a new connection), by their think time, \
        so that no proxy is near its limit. Clients, proxy, apps, engine and the command that switches share the \
        machine and its cores: a figure is for comparing with its neighbours, not for promising.

        - **Failed**, **reconnects**: per switch, counted at the clients. **On the wire**: of the failed ones without \
        those on a connection that the server had closed before the request was sent; a client that looks at its \
        connection first, as most libraries do, would have opened another one for these, but could not help the others.
        - **Window**: median, from the first request that the new version (or nobody) answered to the last that the \
        old one (or nobody) did; without the requests on a connection closed before. **Switch**, **deploy**, \
        **rollback**: median, from the command to the moment when the new version answers all, as the clients see it. \
        The command is as a person types it, with the start of its process.
        - A **switch** is between two versions that run, a **deploy** starts a version that is built already and waits \
        until it is healthy. `docker compose up` and docker-rollout replace containers: all three are the same to them. \
        The app is there at once; one that takes seconds to start is away as long with `docker compose up`.
        - **p99**: of a time without any switch, and of the whole time of the switches with %,d ms after each.
        - **CPU**: of the proxy's container in the time without switches, by request; **memory**: of the same \
        container under %s, without what the kernel would give back.
        - bluegreen is the whole of it: access log, headers, checks. The others are as their documentation begins: \
        Nginx with its log in a file; HAProxy with its log over UDP to a syslog daemon, as its management guide \
        recommends (the daemon is in its container and counted; what it does not take in time is lost), and once more \
        without one; Caddy and Traefik without; kamal-proxy with. Nginx and HAProxy are allowed as many connections as \
        the clients need; nothing else is tuned."""
        .formatted(Trial.RATE, Trial.RATE_ANEW, Trial.REST, "the last load that is kept alive");

    private Report() {}

    public static List<Part> parts(List<Outcome> outcomes, List<Load> loads, String rate) {
        var parts = new ArrayList<Part>();
        for (int i = 0; i < loads.size(); i++) parts.add(load(outcomes, loads.get(i), i));
        parts.add(cost(outcomes, rate));
        return parts;
    }

    private static Part load(List<Outcome> outcomes, Load load, int at) {
        var ours = ours(outcomes).map(m -> m.loads().get(at));
        var table = Table.of("", "failed", "on the wire", "reconnects", "window ms", "switch ms", "p99 calm ms",
            "p99 during ms", "×",
            "CPU µs/request", "×");
        var bars = Bars.of("Failed requests per switch, " + load);
        for (Outcome o : outcomes) {
            var f = o.measured().map(m -> m.loads().get(at));
            row(table, o, f, x -> count(x.failed()), x -> count(x.lost()),
                x -> load.anew() ? "–" : "%,.0f".formatted(x.reconnects()),
                x -> "%,d".formatted(x.window()), x -> "%,d".formatted(x.switched()), x -> "%.1f".formatted(x.calm()),
                x -> "%.1f".formatted(x.during()), x -> times(x, ours, Figures::during),
                x -> "%.0f".formatted(x.cpu()), x -> times(x, ours, Figures::cpu));
            f.ifPresent(x -> bars.add(o.candidate().label(), x.failed(), count(x.failed()), o.candidate().ours()));
        }
        return new Part("**" + load + "**" + leftOut(outcomes), table, bars);
    }

    private static String count(double each) { return each == 0 ? "0" : "%,.1f".formatted(each); }

    private static Part cost(List<Outcome> outcomes, String rate) {
        var ours = ours(outcomes);
        var table = Table.of("", "requests/s", "×", "memory MB", "×", "deploy ms", "×", "rollback ms", "×");
        var bars = Bars.of("Requests per second through one proxy");
        for (Outcome o : outcomes) {
            row(table, o, o.measured(), m -> "%,.0f".formatted(m.rate()), m -> times(m, ours, Measured::rate),
                m -> "%.0f".formatted(m.megabytes()), m -> times(m, ours, Measured::megabytes),
                m -> "%,d".formatted(m.deploys().deploy()), m -> times(m, ours, x -> x.deploys().deploy()),
                m -> "%,d".formatted(m.deploys().rollback()), m -> times(m, ours, x -> x.deploys().rollback()));
            o.measured()
                .ifPresent(m -> bars.add(o.candidate().label(), m.rate(), "%,.0f".formatted(m.rate()),
                    o.candidate().ours()));
        }
        return new Part("**What it costs, and how long a deploy takes**; requests/s: " + rate + ".", table, bars);
    }

    private static Optional<Measured> ours(List<Outcome> outcomes) {
        return outcomes.stream().filter(o -> o.candidate().ours()).findFirst().flatMap(Outcome::measured);
    }

    private static String leftOut(List<Outcome> outcomes) {
        String all = outcomes.stream()
            .filter(o -> o.measured().isEmpty())
            .map(o -> o.candidate().label() + " (" + o.why() + ")")
            .collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : "; left out: " + all;
    }

    @SafeVarargs private static <T> void row(Table table, Outcome of, Optional<T> measured,
        Function<T, String>... cells) {
        var row = new ArrayList<>(List.of(of.candidate().label() + (measured.isEmpty() ? ": left out" : "")));
        Arrays.stream(cells).map(cell -> measured.map(cell).orElse("–")).forEach(row::add);
        table.add(row.toArray(String[]::new));
    }

    private static <T> String times(T of, Optional<T> ours, ToDoubleFunction<T> figure) {
        return ours.map(figure::applyAsDouble)
            .filter(one -> one > 0)
            .map(one -> "%.2f".formatted(figure.applyAsDouble(of) / one))
            .orElse("–");
    }
}
