//DEPS org.hdrhistogram:HdrHistogram:2.2.2
package lib.watch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import lib.core.Json;
import org.HdrHistogram.Histogram;

/** Requests in a span of time, of one colour or of one route: how many, how they ended, how long they took. */
public final class Window {
    /** Two digits: 1 % of any latency. Grows with the slowest request, a few kilobytes. */
    private final Histogram millis = new Histogram(2);
    private long requests, errors4xx, errors5xx, failedOver, gaveUp;

    /** @param ms what the app took; 101 is a websocket, whose time is its life, and tells nothing */
    public void add(int status, double ms) {
        requests++;
        if (status / 100 == 4) errors4xx++;
        if (status / 100 == 5) errors5xx++;
        if (status != 101) millis.recordValue(Math.max(0, Math.round(ms)));
    }

    /**
     * The client went away before an answer.
     * @param late after so long a wait that the colour is to blame; else nobody is
     */
    public void addAbandoned(boolean late, double ms) {
        requests++;
        if (!late) return;
        gaveUp++;
        millis.recordValue(Math.round(ms));       // at least so long
    }

    /** The colour was asked and did not answer; the other one did. */
    public void addFailedOver() { failedOver++; }

    public void add(Window other) {
        requests += other.requests;
        errors4xx += other.errors4xx;
        errors5xx += other.errors5xx;
        failedOver += other.failedOver;
        gaveUp += other.gaveUp;
        millis.add(other.millis);
    }

    /** Left to the colour itself. */
    public long requests() { return requests; }
    public long errors4xx() { return errors4xx; }
    public long errors5xx() { return errors5xx; }
    public long failedOver() { return failedOver; }
    public long gaveUp() { return gaveUp; }

    /** Sent to the colour, whoever answered in the end; and those of them that it could not serve. */
    public long asked() { return requests + failedOver; }
    public long failed() { return errors5xx + failedOver + gaveUp; }
    public double failedShare() { return asked() == 0 ? 0 : (double) failed() / asked(); }

    /** In ms; 0 without requests. @param percent 50, 95, 99 */
    public double percentile(double percent) {
        return millis.getTotalCount() == 0 ? 0 : millis.getValueAtPercentile(percent);
    }
    public double p95() { return percentile(95); }

    /** As in a line of the metrics. */
    ObjectNode json() {
        var n = Json.object()
            .put("requests", requests)
            .put("errors4xx", errors4xx)
            .put("errors5xx", errors5xx)
            .put("p50", percentile(50))
            .put("p95", p95())
            .put("p99", percentile(99))
            .put("max", percentile(100));
        if (failedOver > 0) n.put("failedOver", failedOver);
        return gaveUp == 0 ? n : n.put("gaveUp", gaveUp);
    }
}
