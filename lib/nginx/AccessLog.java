package lib.nginx;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Json;

/**
 * One request as Nginx saw it: a line of its JSON access log (log_format in nginx.conf). {@code deployment}: blue,
 * green or any, as it was routed; {@code upstreams}: the addresses tried, the last one answered, so that more than one
 * means failover; {@code status} is what the client got. {@code millis}: what the app took, in all tries, without the
 * time that a client needs to send its request or to take the answer; the whole request, where Nginx answered by
 * itself. {@code answered}: the app's status came.
 */
public record AccessLog(Instant at, String deployment, long generation, String method, String uri, int status,
    double millis, boolean answered, List<String> upstreams) {
    /** Tries are parted by a comma, those of an internal redirect by a colon. */
    private static final Pattern TRIES = Pattern.compile(", | : "),
        TIME = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,3})?");
    private static final Pattern STATUS_AT_END = Pattern.compile("(?s).*[0-9]{3}");
    private static final int CLIENT_CLOSED = 499;

    /** Empty when the line is not one of ours: Nginx's own messages, a torn line, hostile bytes. */
    public static Optional<AccessLog> read(String line) {
        if (!line.startsWith("{")) return Optional.empty();
        return Json.read(line)
            .filter(AccessLog::whole)
            .map(n -> new AccessLog(
                Instant.ofEpochMilli(Math.round(n.path("at").asDouble() * 1000)), n.path("deployment").asText(),
                n.path("generation").asLong(),
                n.path("method").asText(), n.path("uri").asText(), n.path("status").asInt(), millis(n),
                STATUS_AT_END.matcher(n.path("upstream_status").asText()).matches(),
                List.of(TRIES.split(n.path("upstream").asText(), -1))));
    }

    /** A try that never got a connection has "-" for its time. */
    private static double millis(JsonNode n) {
        var tries = Stream.of(TRIES.split(n.path("upstream_seconds").asText()))
            .filter(t -> TIME.matcher(t).matches())
            .toList();
        return 1000
            * (tries.isEmpty() ? n.path("seconds").asDouble() : tries.stream().mapToDouble(Double::parseDouble).sum());
    }

    private static boolean whole(JsonNode n) {
        return n.path("at").isNumber()
            && n.path("generation").canConvertToLong()
            && n.path("generation").isIntegralNumber()
            && n.path("deployment").isTextual()
            && n.path("uri").isTextual()
            && n.path("status").isInt()
            && n.path("seconds").isNumber();
    }

    /** The address that answered; empty when Nginx answered by itself. */
    public String answeredBy() { return upstreams.getLast(); }

    /** Another server had to be tried. */
    public boolean failedOver() { return upstreams.size() > 1; }

    /** Whoever asks for the health asks whether it is well: no request of a user. */
    public boolean asksForHealth(Config config) {
        String path = config.health().path();
        int query = path.indexOf('?');
        return uri.equals("/health") || uri.equals(query < 0 ? path : path.substring(0, query));
    }

    /** The client went away before the answer began. */
    public boolean abandoned() { return status == CLIENT_CLOSED; }

    /** At that time one colour was asked, and had not answered. */
    public boolean unanswered() { return !answered && !failedOver() && !answeredBy().isEmpty(); }
}
