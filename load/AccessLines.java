package load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.process.Command;

/**
 * Requests that nobody makes: lines as Nginx writes them, at the end of its access log, with the time of now, at a rate
 * that clients on the same machine could not keep up. One of them was a real request; what differs is its route, how
 * long it took and who asked.
 */
public final class AccessLines {
    /** A batch each tenth of a second, each by one write, so that none of Nginx's own lines is torn. */
    private static final int BATCHES = 10;
    private static final String WRITER = """
        cd /var/log/bluegreen; began=$(date +%s%N); batches=0
        while [ -e /tmp/lines ]; do
            due=$((($(date +%s%N) - began) / 100000000))
            if [ $batches -ge $due ]; then sleep 0.02; continue; fi
            sed "s/@AT@/$(date +%s.%3N)/" /tmp/lines >/tmp/batch || continue
            dd if=/tmp/batch of=access.jsonl oflag=append conv=notrunc bs=64M 2>/dev/null
            batches=$((batches + 1))
        done
        echo $batches""";

    private final String container;
    private final int batch;
    private Process writing;

    private AccessLines(String container, int batch) {
        this.container = container;
        this.batch = batch;
    }

    /** @param line of the access log, a real one; @param rate a second; @param clients so many addresses */
    public static AccessLines start(Config config, String line, int rate, int clients, int routes) throws IOException {
        var writer = new AccessLines(config.composeProject() + "-" + config.nginxService(), rate / BATCHES);
        var lines = new ArrayList<String>();
        var random = new Random(1);
        for (int i = 0; i < rate / BATCHES; i++) lines.add(line(line, random, clients, routes));
        writer.in("cat >/tmp/lines").input(String.join("\n", lines) + "\n").run();
        writer.writing = writer.in(WRITER).start();
        return writer;
    }

    private static String line(String real, Random random, int clients, int routes) {
        int client = random.nextInt(clients);
        double seconds = Math.round(1000 * Math.exp(Math.log(0.02) + 0.6 * random.nextGaussian())) / 1000.0;
        return real.replaceFirst("\"at\":[0-9.]+", "\"at\":@AT@")
            .replaceFirst("\"uri\":\"[^\"]*\"", "\"uri\":\"/api/route" + random.nextInt(routes) + "/" + client + "\"")
            .replaceFirst("\"upstream_seconds\":\"[^\"]*\"", "\"upstream_seconds\":\"%.3f\"".formatted(seconds))
            .replaceFirst("\"client\":\"[^\"]*\"",
                "\"client\":\"10.%d.%d.%d\"".formatted(client >> 16, client >> 8 & 255, client & 255));
    }

    private Command in(String script) {
        return Docker.command(Duration.ofMinutes(1), "exec", "-i", container, "sh", "-c", script);
    }

    /** Ends it. Returns how many lines were written; fewer than asked for when the machine did not get to it. */
    public long end() throws IOException, InterruptedException {
        in("rm -f /tmp/lines").run();
        try (var said = writing.inputReader()) {
            String batches = said.readLine();
            if (writing.waitFor() != 0 || batches == null)
                throw new Failure(ExitCode.FAILED, "no lines could be written into the access log of " + container);
            return Long.parseLong(batches) * batch;
        }
    }
}
