package lib;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One request as Nginx saw it: a line of its JSON access log (log_format in nginx.conf). {@code deployment}: blue,
 * green or any, as it was routed; {@code upstreams}: the addresses tried, the last one answered, so that more than
 * one means failover; {@code status} is what the client got; {@code millis} the whole request.
 */
public record AccessLog(Instant at, String deployment, long generation, String method, String uri, int status,
                        double millis, List<String> upstreams) {

    /** Empty when the line is not one of ours: Nginx's own messages, a torn line, hostile bytes. */
    public static Optional<AccessLog> read(String line) {
        if (!line.startsWith("{")) return Optional.empty();
        return Json.read(line).filter(AccessLog::whole).map(n -> new AccessLog(
            Instant.ofEpochMilli(Math.round(n.path("at").asDouble() * 1000)), n.path("deployment").asText(), n.path("generation").asLong(),
            n.path("method").asText(), n.path("uri").asText(), n.path("status").asInt(), n.path("seconds").asDouble() * 1000,
            List.of(n.path("upstream").asText().split(", | : ", -1))));   // " : " parts an internal redirect's
    }

    private static boolean whole(JsonNode n) {
        return n.path("at").isNumber() && n.path("generation").canConvertToLong() && n.path("generation").isIntegralNumber() && n.path("deployment").isTextual()
            && n.path("uri").isTextual() && n.path("status").isInt() && n.path("seconds").isNumber();
    }

    /** The address that answered; empty when Nginx answered by itself. */
    public String answeredBy() { return upstreams.getLast(); }

    /** Another server had to be tried. */
    public boolean failedOver() { return upstreams.size() > 1; }
}
