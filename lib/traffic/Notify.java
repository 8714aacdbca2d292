package lib.traffic;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lib.config.Config;
import lib.core.Console;
import lib.core.Json;
import lib.http.Http;
import lib.process.Command;
import lib.secrets.Redaction;

/**
 * Tells others how a deploy goes: a webhook, a command, or both, each on a thread of its own. Nothing here can fail or
 * hold up a deploy: {@link #send} returns at once, {@link #close} waits a little, and what was not delivered is one
 * warning. The webhook's address is a secret and stands in no message.
 */
public final class Notify implements AutoCloseable {
    public enum Event {
        START, SWITCH, SUCCESS, FAILURE, ROLLBACK, FAILOVER;
        @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
    }

    /** A webhook is tried three times: at once, after 0.3 s and after 1.2 s more. */
    private static final long[] PAUSES = {0, 300, 1200};
    private static final Duration EACH = Duration.ofSeconds(3), COMMAND = Duration.ofSeconds(10),
        LAST_WAIT = Duration.ofSeconds(5);

    private final Config config;
    private final Console console;
    private final Redaction redaction;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> sent = new ArrayList<>();

    public Notify(Config config, Console console) {
        this.config = config;
        this.console = console;
        this.redaction = Redaction.of(config);
    }

    /** Facts by lower-case name: version, target, active, active_version, reason, run, ... */
    public void send(Event event, Map<String, String> facts) {
        var to = config.notification();
        if (!to.on().isEmpty() && !to.on().contains(event.toString())) return;
        var all = new LinkedHashMap<String, String>();
        all.put("event", event.toString());
        all.put("app", config.app());
        all.put("project", config.composeProject());
        all.put("at", Instant.now().toString());
        facts.forEach((name, value) -> all.put(name, redaction.apply(value)));
        to.webhook()
            .ifPresent(address -> sent.add(threads.submit(() -> post(address,
                to.format().equals("json") ? Json.line(all) : Json.line(Map.of("text", slack(text(event, all))))))));
        if (!to.command().isEmpty()) sent.add(threads.submit(() -> run(to.command(), all)));
    }

    private Void post(String address, String body) throws Exception {
        for (int attempt = 0;; attempt++) {
            Thread.sleep(PAUSES[attempt]);
            String wrong = once(address, body);
            if (wrong == null) return null;
            // Another try does not mend a wrong address or a wrong body.
            if (attempt == PAUSES.length - 1 || wrong.matches("HTTP [34]\\d\\d") && !wrong.matches("HTTP 4(08|29)"))
                throw new Undelivered("the webhook: " + wrong);
        }
    }

    /** Null when it was taken; messages of exceptions may hold the address, so they are not used. */
    private String once(String address, String body) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(URI.create(address))
                .timeout(EACH)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
            var answer = Http.client().sendAsync(request, HttpResponse.BodyHandlers.discarding());
            int code = answer.orTimeout(EACH.toMillis(), TimeUnit.MILLISECONDS).get().statusCode();
            return code / 100 == 2 ? null : "HTTP " + code;
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case HttpTimeoutException _,TimeoutException _ -> "no answer within " + EACH.toSeconds() + " s";
                case ConnectException _ -> "nothing answers at its address";
                default -> e.getCause().getClass().getSimpleName();
            };
        } catch (IllegalArgumentException e) {
            return "its address is not a URL";
        }
    }

    private Void run(List<String> command, Map<String, String> facts) throws Undelivered {
        var variables = new LinkedHashMap<String, String>();
        facts.forEach(
            (name, value) -> variables.put("BLUEGREEN_" + name.toUpperCase(Locale.ROOT).replace('-', '_'), value));
        var result = Command.of(COMMAND, command.toArray(String[]::new)).with(variables).in(config.project()).run();
        if (!result.ok())
            throw new Undelivered("the command: exit code " + result.code()
                + (result.last().isEmpty() ? "" : ", " + redaction.apply(result.last())));
        return null;
    }

    private static final class Undelivered extends Exception {
        Undelivered(String why) { super(why); }
    }

    private static String text(Event event, Map<String, String> f) {
        String serves = f.get("active") == null
            ? ""
            : f.get("active") + " serves" + (f.get("active_version") == null ? "" : " " + f.get("active_version"));
        String version = f.getOrDefault("version", "?"), target = f.getOrDefault("target", "?");
        String said = f.get("app") + ": " + switch (event) {
            case START -> "deploying " + version + " to " + target + (serves.isEmpty() ? "" : ", " + serves);
            case SWITCH -> "the traffic goes to " + target + ", version " + version;
            case SUCCESS -> version + " is deployed, " + target + " serves it";
            case FAILURE -> "the deploy of " + version + " failed" + (serves.isEmpty() ? "" : ", " + serves);
            case ROLLBACK -> version + " was rolled back" + (serves.isEmpty() ? "" : ", " + serves);
            case FAILOVER -> target + " does not serve any more" + (serves.isEmpty() ? "" : ", " + serves);
        };
        return f.get("reason") == null ? said : said + ": " + f.get("reason");
    }

    /** As Slack wants it, so that a line of a log is no mention; at most 3000 characters. */
    private static String slack(String text) {
        return text.substring(0, Math.min(3000, text.length()))
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;");
    }

    /** Waits up to 5 s for what is on its way, then gives it up. */
    @Override public void close() {
        long deadline = System.nanoTime() + LAST_WAIT.toNanos();
        var undelivered = new ArrayList<String>();
        for (var one : sent) {
            try {
                one.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                undelivered.add("no answer in time");
            } catch (ExecutionException e) {
                undelivered.add(
                    e.getCause() instanceof Undelivered u ? u.getMessage() : e.getCause().getClass().getSimpleName());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                undelivered.add("interrupted");
            }
        }
        threads.shutdownNow();
        if (!undelivered.isEmpty())
            console.warning(undelivered.size() + " of " + sent.size()
                + (sent.size() == 1 ? " notification was" : " notifications were") + " not delivered, "
                + undelivered.getLast());
        sent.clear();
    }
}
