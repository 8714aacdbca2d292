package lib.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Json;
import lib.core.Text;
import lib.core.Version;

/** Probing one URL. Healthy means: 200, and status, version and deployment are the expected ones. */
public final class Probe {
    private static final List<String> GOOD = List.of("healthy", "ok", "up", "pass");

    /** What must match; {@code version} and {@code deployment} empty: any. {@code status} false: a 200 is enough. */
    public record Expected(boolean status, Optional<String> version, Optional<String> deployment) {
        /** Whatever version and colour answers. */
        public static Expected ofAny(boolean status) {
            return new Expected(status, Optional.empty(), Optional.empty());
        }

        public static Expected of(Config config, Colour colour, Version version) {
            var require = config.health().require();
            return new Expected(require.contains("status"), version.name().filter(_ -> require.contains("version")),
                Optional.of(colour.toString()).filter(_ -> require.contains("deployment")));
        }
    }

    /** One answer. {@code code} 0 and {@code error} set when there was none; {@code body} null when it is not JSON. */
    public record Answer(int code, JsonNode body, String text, String error, Duration took) {
        public String status() { return field("status"); }
        public String version() { return field("version"); }
        public String deployment() { return field("deployment"); }
        private String field(String name) {
            return body == null || !body.path(name).isValueNode() ? null : Text.brief(body.path(name).asText());
        }

        /** Why this is not healthy; empty when it is. */
        public Optional<String> wrong(Expected expected) {
            if (error != null) return Optional.of(error);
            if (code != 200) return Optional.of("HTTP " + code + (status() == null ? "" : ", status " + status()));
            if (expected.status && body == null)
                return Optional.of("HTTP 200, but the body is not JSON (health.require: [] accepts a plain 200)");
            if (expected.status && (status() == null || !GOOD.contains(status().toLowerCase(Locale.ROOT))))
                return Optional.of("HTTP 200, but status is " + status());
            if (expected.deployment.filter(d -> !d.equals(deployment())).isPresent())
                return Optional.of("it is " + deployment() + ", not " + expected.deployment.get());
            if (expected.version.filter(v -> !v.equals(version())).isPresent())
                return Optional.of("it is version " + version() + ", not " + expected.version.get());
            return Optional.empty();
        }

        /** Nobody took the connection: said by the kernel, or by the engine, which takes it and finds nobody. */
        public boolean refused() {
            return error != null && (error.startsWith(NOBODY) || error.equals(CLOSED) || error.contains("reset"));
        }

        /** "200 healthy green 2.0.0 (12 ms)" or the error. */
        public String summary() {
            if (error != null) return error;
            var s = new StringBuilder().append(code);
            for (String f : new String[] {status(), deployment(), version()}) if (f != null) s.append(' ').append(f);
            return s.append(" (").append(took.toMillis()).append(" ms)").toString();
        }
    }

    private static final String NOBODY = "nothing answers at ", CLOSED = "closed without an answer";

    private Probe() {}

    /** A health answer has a few hundred bytes. Beyond this no more is read. */
    private static final int BODY = 64 << 10;

    /** Never throws for what the other side does. @param limit for the whole answer */
    public static Answer once(URI url, Duration limit) {
        var client = Http.client();         // to make it is no part of the answer's time
        long began = System.nanoTime();
        Duration atLeast = limit.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : limit;
        CompletableFuture<HttpResponse<String>> asked = null;
        try {
            var request = HttpRequest.newBuilder(url).timeout(atLeast).header("User-Agent", "bluegreen-health").build();
            asked = client.sendAsync(request,
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), BODY));
            var response = asked.get(atLeast.toMillis(), TimeUnit.MILLISECONDS);   // timeout() ends at the headers
            if (response.statusCode() / 100 == 3)
                return new Answer(response.statusCode(), null, "", redirect(response), since(began));
            JsonNode body = Json.read(response.body()).filter(JsonNode::isObject).orElse(null);
            return new Answer(response.statusCode(), body, response.body(), null, since(began));
        } catch (TimeoutException e) {
            asked.cancel(true);      // else it goes on reading
            return new Answer(0, null, "", explain(e, url, limit), since(began));
        } catch (ExecutionException e) {
            return new Answer(0, null, "", explain(e.getCause(), url, limit), since(began));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(0, null, "", "interrupted", since(began));
        }
    }

    private static String redirect(HttpResponse<?> response) {
        return "HTTP " + response.statusCode()
            + response.headers().firstValue("location").map(l -> " to " + Text.brief(l)).orElse("") + ", not followed";
    }

    private static Duration since(long began) { return Duration.ofNanos(System.nanoTime() - began); }

    private static String explain(Throwable e, URI url, Duration limit) {
        return switch (e) {
            case java.net.http.HttpTimeoutException t -> "no answer within " + Console.seconds(limit);
            case TimeoutException t -> "no answer within " + Console.seconds(limit);
            case java.net.ConnectException c -> NOBODY + url.getHost() + ":" + url.getPort();
            case javax.net.ssl.SSLException s -> "TLS: " + s.getMessage();
            case IOException io when String.valueOf(io.getMessage()).contains("header parser received no bytes") ->
                CLOSED;
            case java.net.ProtocolException p -> "not an HTTP answer: " + Text.brief(String.valueOf(p.getMessage()));
            case NumberFormatException n -> "not an HTTP answer: " + Text.brief(String.valueOf(n.getMessage()));      // of a length
            case IOException io when String.valueOf(io.getMessage()).contains("body exceeds capacity") ->
                "the answer is longer than " + (BODY >> 10) + " KB";
            default -> e.getClass().getSimpleName() + ": " + Text.brief(String.valueOf(e.getMessage()));
        };
    }

    /** How often and how long: {@code tries} 0 means until {@code total} is over. */
    public record Patience(Duration each, Duration total, int tries) {}

    /**
     * Probes until healthy: 250 ms after the first failure, doubling up to 10 s or a tenth of the whole, each
     * ± 20 % so that many deployers do not probe in step. {@code seen} gets each answer. Returns the last one.
     */
    public static Answer await(URI url, Expected expected, Patience patience, Consumer<Answer> seen)
        throws InterruptedException {
        long deadline = System.nanoTime() + patience.total.toNanos();
        Duration pause = Duration.ofMillis(250);
        Duration longest = Duration.ofMillis(Math.clamp(patience.total.toMillis() / 10, 250, 10_000));
        for (int attempt = 1;; attempt++) {
            Duration left = Duration.ofNanos(Math.max(deadline - System.nanoTime(), 1_000_000));
            Answer answer = once(url, left.compareTo(patience.each) < 0 ? left : patience.each);
            seen.accept(answer);
            long wait = (long) (pause.toMillis() * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
            boolean over = patience.tries > 0 && attempt >= patience.tries
                || System.nanoTime() + wait * 1_000_000 >= deadline;
            if (answer.wrong(expected).isEmpty() || over) return answer;
            Thread.sleep(wait);
            pause = pause.multipliedBy(2).compareTo(longest) > 0 ? longest : pause.multipliedBy(2);
        }
    }
}
