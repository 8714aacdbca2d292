package lib.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
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
import javax.net.ssl.SSLException;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Json;
import lib.core.Text;
import lib.core.Threads;
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

    /**
     * One answer. {@code code} 0 and {@code error} set when there was none; {@code body} null when it is not JSON.
     * {@code upstream}: ADDRESS:PORT that Nginx asked, where its control port says so.
     */
    public record Answer(int code, JsonNode body, String text, String error, Duration took, Optional<String> upstream) {
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
                return Optional.of(OTHER_VERSION + version() + ", not " + expected.version.get());
            return Optional.empty();
        }

        /** A 200 that does not say itself that something is wrong, whatever else is asked of it. */
        public boolean good() {
            return code == 200 && (status() == null || GOOD.contains(status().toLowerCase(Locale.ROOT)));
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

    /** How {@link Answer#wrong} begins where only that is wrong. */
    public static final String OTHER_VERSION = "it is version ";
    private static final String NOBODY = "nothing answers at ", CLOSED = Connection.CLOSED;

    private Probe() {}

    /** A health answer has a few hundred bytes. Beyond this no more is read. */
    private static final int BODY = 64 << 10;

    /** Never throws for what the other side does. @param limit for the whole answer */
    public static Answer once(URI url, Duration limit) {
        long began = System.nanoTime();
        Duration atLeast = limit.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : limit;
        try (var asking = new Asking(url, atLeast)) {
            var answer = asking.within(atLeast);
            if (answer.status() / 100 == 3)
                return new Answer(answer.status(), null, "", redirect(answer), since(began), Optional.empty());
            JsonNode body = Json.read(answer.body()).filter(JsonNode::isObject).orElse(null);
            return new Answer(answer.status(), body, answer.body(), null, since(began),
                Optional.ofNullable(answer.headers().get("x-upstream")));
        } catch (IOException | TimeoutException e) {
            return none(explain(e, url, limit), began);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return none("interrupted", began);
        }
    }

    /** A question on a thread of its own: its limit and an interrupt end the wait, and the connection with it. */
    private static final class Asking implements AutoCloseable {
        private final CompletableFuture<Connection> connected = new CompletableFuture<>();
        private final CompletableFuture<Connection.Answer> answered = new CompletableFuture<>();

        Asking(URI url, Duration limit) { Threads.start(() -> ask(url, limit)); }

        private void ask(URI url, Duration limit) {
            try (var connection = Connection.to(url, limit, BODY)) {
                connected.complete(connection);
                answered.complete(connection.get(path(url)));
            } catch (IOException | RuntimeException e) {
                answered.completeExceptionally(e);
            }
        }

        Connection.Answer within(Duration limit) throws IOException, TimeoutException, InterruptedException {
            try {
                return answered.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause().getMessage());
            }
        }

        /** Else it would go on reading. */
        @Override public void close() throws IOException {
            if (!answered.isDone() && connected.isDone()) connected.join().close();
        }
    }

    private static String path(URI url) {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    private static String redirect(Connection.Answer answer) {
        var to = Optional.ofNullable(answer.headers().get("location"));
        return "HTTP " + answer.status() + to.map(l -> " to " + Text.brief(l)).orElse("") + ", not followed";
    }

    private static Answer none(String error, long began) {
        return new Answer(0, null, "", error, since(began), Optional.empty());
    }

    private static Duration since(long began) { return Duration.ofNanos(System.nanoTime() - began); }

    private static String explain(Exception e, URI url, Duration limit) {
        return switch (e) {
            case TimeoutException _ -> "no answer within " + Console.seconds(limit);
            case SocketTimeoutException _ -> "no answer within " + Console.seconds(limit);
            case ConnectException _ -> NOBODY + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
            case UnknownHostException _ -> "no such host: " + url.getHost();
            case SSLException s -> "TLS: " + s.getMessage();
            case EOFException _ -> String.valueOf(e.getMessage());
            case ProtocolException p -> "not an HTTP answer: " + p.getMessage();
            default -> Text.brief(String.valueOf(e.getMessage()));
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
