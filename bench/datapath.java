///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/all.java ../load/*.java board/*.java peers/*.java

import board.Bars;
import board.Board;
import board.Table;
import board.Timed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import lib.cli.Cli;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.http.Connection;
import lib.process.Command.Result;
import load.Clients;
import load.Docker;
import load.Project;
import peers.Tools;
import peers.Wrk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "datapath",
    description = "What a request costs Nginx's workers, beside the least of a reverse proxy that a person writes.",
    footer = "  bench datapath --rounds 3")
class Datapath implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "10", paramLabel = "N", description = "of each (${DEFAULT-VALUE})")
    int rounds;
    @Mixin Board board;
    @Mixin Cli cli;

    private static final String NAME = "bluegreen-bench-datapath";
    private static final int SECONDS = 2, CLIENTS = 64;
    /** Of each client: some 3,000 requests a second in all, which two cores do with ease. */
    private static final Duration THINK = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private enum Proxy {
        SILENT("minimal proxy, no log"), FILED("minimal proxy, log in a file"), PLAIN("minimal proxy, log on stdout"),
        BLUEGREEN("bluegreen");

        final String says;
        Proxy(String says) { this.says = says; }
        String container() { return NAME + "-" + name().toLowerCase() + "-1"; }
    }

    /** Of a request, in µs of the workers' CPU: at a steady rate, and as fast as it goes. @param p99 in ms */
    private record Round(double steady, double flatOut, double perSecond, double p99) {}

    private final Path home = Path.of(System.getenv("BLUEGREEN_HOME"));
    private final Map<Proxy, Integer> ports = new EnumMap<>(Proxy.class);

    public Integer call() throws IOException, InterruptedException {
        Project.remove(NAME);        // of a run that was killed
        var free = Project.freePorts(Proxy.values().length);
        for (Proxy p : Proxy.values()) ports.put(p, free.get(p.ordinal()));
        try (var tools = Tools.build(home)) {
            tools.missing().ifPresent(why -> { throw Failure.preflight("there is no wrk to measure with", why); });
            up();
            var measured = new EnumMap<Proxy, List<Round>>(Proxy.class);
            for (Proxy p : Proxy.values()) {
                measured.put(p, new ArrayList<>());
                round(p);               // does not count
            }
            for (int i = 0; i < rounds; i++) for (Proxy p : Proxy.values()) measured.get(p).add(round(p));
            show(measured);
        } finally {
            Project.remove(NAME);
        }
        return ExitCode.DONE.code();
    }

    private void up() throws IOException {
        var variables = new HashMap<String, String>();
        ports.forEach((p, port) -> variables.put(p + "_PORT", String.valueOf(port)));
        done(Docker.command(LIMIT, "compose", "--project-name", NAME, "--file",
            home.resolve("bench/datapath/compose.yml").toString(), "up", "--detach").with(variables).run());
        for (Proxy p : Proxy.values()) answering(p);
    }

    private void answering(Proxy p) throws IOException {
        for (long end = System.nanoTime() + LIMIT.toNanos();; Interruption.pause(100)) {
            try (var client = new Connection("127.0.0.1", ports.get(p), Duration.ofSeconds(5))) {
                if (client.get("/api/echo").status() == 200) return;
            } catch (IOException e) {
                if (System.nanoTime() > end) throw e;
            }
        }
    }

    private Round round(Proxy p) throws InterruptedException {
        long before = cpu(p), requests;
        try (var clients = Clients.start(CLIENTS, "127.0.0.1", ports.get(p), "/api/echo", THINK, List.of("GET"))) {
            Thread.sleep(SECONDS * 1000L);
            clients.close();
            requests = clients.requests();
            if (clients.failed() > 0)
                throw new Failure(ExitCode.FAILED, "failed at " + p.says + ": " + clients.failures());
        }
        long between = cpu(p);
        var wrk = Wrk.on(ports.get(p), SECONDS);
        return new Round((between - before) / 1000.0 / requests, (cpu(p) - between) / 1000.0 / wrk.requests(),
            wrk.perSecond(), wrk.p99());
    }

    /** Nanoseconds of all workers, as the kernel's scheduler counts them. */
    private static long cpu(Proxy p) {
        var said = done(Docker.call("exec", p.container(), "sh", "-c",
            "for p in $(grep -ls '[n]ginx: worker' /proc/[0-9]*/cmdline); do cat ${p%cmdline}schedstat; done"));
        return said.out().lines().mapToLong(l -> Long.parseLong(l.substring(0, l.indexOf(' ')))).sum();
    }

    private static Result done(Result result) {
        if (!result.ok()) throw new Failure(ExitCode.FAILED, "docker " + result.end(), result.last());
        return result;
    }

    private void show(Map<Proxy, List<Round>> measured) throws IOException, InterruptedException {
        var table = Table.of("", "µs/request, 3,000/s", "×", "µs/request, flat out", "×", "requests/s", "p99 ms");
        var bars = Bars.of("CPU of Nginx's workers, µs a request at 3,000 a second");
        var plain = median(measured.get(Proxy.PLAIN));
        measured.forEach((p, all) -> {
            var m = median(all);
            table.add(p.says, "%.1f".formatted(m.steady), "%.2f".formatted(m.steady / plain.steady),
                "%.1f".formatted(m.flatOut), "%.2f".formatted(m.flatOut / plain.flatOut),
                "%,.0f".formatted(m.perSecond), "%.1f".formatted(m.p99));
            bars.add(p.says, m.steady, "%.1f µs".formatted(m.steady), p == Proxy.BLUEGREEN);
        });
        board.show(cli.console(), "datapath",
            "Nginx proxies in containers of the same image with as many workers, "
                + "in turn before the same app; the medians of " + rounds + " rounds. First " + CLIENTS
                + " clients with 20 ms think time, then wrk, 64 connections without a pause; p99 is of the latter.",
            List.of(new Board.Part("× is beside the minimal proxy that logs as Nginx does in a container, to stdout.",
                table, bars)));
    }

    /** Each figure's own. */
    private static Round median(List<Round> all) {
        return new Round(middle(all, Round::steady), middle(all, Round::flatOut), middle(all, Round::perSecond),
            middle(all, Round::p99));
    }

    private static double middle(List<Round> all, Function<Round, Double> figure) {
        return Timed.middle(all.stream().map(figure).toList());
    }

    public static void main(String... args) { Cli.run(new Datapath(), args); }
}
