package peers;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lib.core.ExitCode;
import lib.core.Failure;
import load.Docker;

/** 64 connections without a pause, GET, by wrk, which takes little of the machine itself. @param p99 in ms */
public record Wrk(double perSecond, long requests, double p99) {
    static final int CONNECTIONS = 64;
    private static final Pattern RATE = Pattern.compile("Requests/sec: +([0-9.]+)");
    private static final Pattern REQUESTS = Pattern.compile("([0-9]+) requests in ");
    private static final Pattern P99 = Pattern.compile("99% +([0-9.]+)(us|ms|s)");

    /** @param port on 127.0.0.1 */
    public static Wrk on(int port, int seconds) {
        var said = Docker.call("run", "--rm", "--network", "host", Tools.IMAGE, "wrk", "--threads", "1",
            "--connections", String.valueOf(CONNECTIONS), "--duration", seconds + "s", "--latency",
            "http://127.0.0.1:" + port + "/api/echo");
        if (!said.ok() || said.out().contains("Non-2xx"))
            throw new Failure(ExitCode.FAILED, "wrk " + said.end(), said.out() + said.err());
        var p99 = found(P99, said.out());
        double unit = switch (p99.group(2)) {
            case "us" -> 0.001;
            case "ms" -> 1;
            default -> 1000;
        };
        return new Wrk(Double.parseDouble(found(RATE, said.out()).group(1)),
            Long.parseLong(found(REQUESTS, said.out()).group(1)), Double.parseDouble(p99.group(1)) * unit);
    }

    private static MatchResult found(Pattern pattern, String said) {
        var match = pattern.matcher(said);
        if (!match.find()) throw new Failure(ExitCode.FAILED, "wrk did not say its " + pattern, said);
        return match;
    }
}
