package lib.nginx;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import lib.config.Config;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.Container;
import lib.docker.Engine;
import lib.http.Connection;
import lib.process.Command;

/** Nginx: what the workers say, and moving them to another generation, verified. */
public final class Nginx {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    /**
     * For an order to come to its end: generation.sh renames nothing after 25 s, and waits 20 s for another one before.
     */
    private static final Duration ORDER = Duration.ofSeconds(60);
    private static final String SCRIPT = "/etc/nginx/bluegreen/generation.sh";
    private static final String SETTINGS = "/etc/nginx/bluegreen/settings.sh";
    private static final int UNKNOWN = -1, REFUSED = 1, LATE = 4;
    /** Tries, each with the next number. */
    public static final int PUT_BACKS = 2;

    private final Config config;
    private final Engine engine;
    private final String container;
    private final String token;
    private volatile long highest;      // of the generations on the disk, as far as it is known; orders have threads

    /** For who only looks. */
    public Nginx(Config config, Engine engine, Container nginx) { this(config, engine, nginx, "none", UNKNOWN); }

    /** For who holds the lock. */
    public Nginx(Config config, Engine engine, Container nginx, Lock lock) {
        this(config, engine, nginx, lock.token(), lock.picture().disk().highest());
    }

    private Nginx(Config config, Engine engine, Container nginx, String token, long highest) {
        this.config = config;
        this.engine = engine;
        this.container = nginx.id();
        this.token = token;
        this.highest = highest;
    }

    /** What the workers answer on a fresh connection; empty when the control port does not. */
    public static Optional<Generation> serving(Config config) {
        try (var control = new Connection("127.0.0.1", Reach.of(config).control(), ANSWER)) {
            return Generation.read(control.get("/deployment").body());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @throws Failure (unconfirmed) when the control port does not answer within its time */
    public Generation serving() {
        for (long deadline = System.nanoTime() + Confirmation.TAKE.toNanos(); System.nanoTime() < deadline;
            Interruption.pause(100)) {
            var answer = serving(config);
            if (answer.isPresent()) return answer.get();
        }
        throw new Failure(ExitCode.UNCONFIRMED,
            "Nginx does not answer on its control port 127.0.0.1:" + config.ports().control(),
            "so what serves is not known; the container runs", "docker logs " + shortId());
    }

    /** The number of a generation that is to come, for who holds the lock. */
    public long next() {
        if (highest == UNKNOWN) throw new IllegalStateException("no generation without the lock");
        return highest + 1;
    }

    public Picture picture() { return Picture.of(engine, container); }

    /** A generation as it lies on the disk; empty when it is not there, or torn. */
    public Optional<Generation> onDisk(long number) {
        return Generation.read(
            engine.exec(container, "cat", "/etc/nginx/active/gen-" + number + "/deployment.json").out());
    }

    /**
     * {@code took}: from the rename to the last confirmation; {@code whole}: with writing the generation and reaching
     * Nginx.
     */
    public record Switched(Generation now, Instant renamed, Duration took, Duration whole) {}

    /** How an order ended. Refused: what runs is untouched; late: the same, as somebody else was faster. */
    private sealed interface Order {
        record Renamed(long at) implements Order {}
        record Refused(String why) implements Order {}
        record Late(String why) implements Order {}
        /** An engine that failed or was too slow: it may still happen. */
        record Unknown(String why) implements Order {}
    }

    /**
     * Installs a generation, if {@code before} is live, and confirms it through the workers, on fresh connections and
     * on one that was open before. Whatever goes wrong, the workers are asked; where they do not serve the new one,
     * {@code before} is put back and confirmed.
     * @throws Failure failed: {@code before} serves; locked: somebody else was faster; unconfirmed: not known
     */
    public Switched install(Generation next, Generation before) {
        try (var confirmation = new Confirmation(config)) {
            long ordered = System.currentTimeMillis();
            // Asked while the order is on its way: Docker tells of its end a good while after the rename.
            var order = CompletableFuture.supplyAsync(() -> put(next, before.number()), ORDERS);
            boolean confirmed = confirmation.of(next, () -> order.isDone() && !(order.join() instanceof Order.Renamed));
            long now = System.currentTimeMillis();
            if (!confirmed) throw notTaken(next, before, order.join());
            return new Switched(next, Instant.ofEpochMilli(renamed(order, ordered, now)),
                Duration.ofMillis(now - renamed(order, ordered, now)), Duration.ofMillis(now - ordered));
        } catch (IOException e) {
            throw new Failure(ExitCode.UNCONFIRMED, "the control port refused a connection", e.toString(), "status")
                .causedBy(e);
        }
    }

    /** A thread of its own, as the order may outlast the confirmation. */
    private static final Executor ORDERS = task -> Thread.ofVirtual().start(task);

    /**
     * The engine's clock is ours, unless it is another machine's: then count from the order. A slow order is not waited
     * for.
     */
    private static long renamed(CompletableFuture<Order> order, long ordered, long now) {
        var ended = order.completeOnTimeout(new Order.Unknown("not at its end"), 2, TimeUnit.SECONDS).join();
        return ended instanceof Order.Renamed(long at) && at >= ordered && at <= now ? at : ordered;
    }

    /** What is true now, after an order that the workers have not taken. */
    private Failure notTaken(Generation next, Generation before, Order order) {
        String refused = "Nginx refused generation " + next.number();
        return switch (order) {
            case Order.Late(String why) ->
                new Failure(ExitCode.LOCKED, "somebody else was faster: generation " + next.number()
                    + " was not installed", why + "\n" + serves(), "status");
            case Order.Refused(String why) when serving(config).filter(before::equals).isPresent() ->
                new Failure(ExitCode.FAILED, refused,
                    why + "\n" + serves(), "docker logs " + shortId());
            case Order.Refused(String why) -> putBack(next, before, why);
            case Order.Unknown(String why) -> putBack(next, before, why);
            case Order.Renamed _ ->
                putBack(next, before, "the workers did not take it within " + Confirmation.TAKE.toSeconds() + " s");
        };
    }

    /**
     * With a number of its own, so that what of the order may still come is refused; once more if it came just then.
     */
    private Failure putBack(Generation next, Generation before, String why) {
        if (before.active() == null) return unconfirmed(why);
        try (var confirmation = new Confirmation(config)) {
            for (long number = next.number() + 1; number <= next.number() + PUT_BACKS; number++) {
                var live = serving(config);
                if (live.isEmpty()) return unconfirmed(why);
                var back = before.renumbered(number);
                var order = put(back, live.get().number());
                if (confirmation.of(back, () -> !(order instanceof Order.Renamed)))
                    return notTaken(next, back, why, "was put back and confirmed");
            }
            // A master that refuses every reload goes on with what it had.
            if (picture().disk().current() == before.number() && confirmation.of(before, () -> true))
                return notTaken(next, before, why, "still serves, confirmed");
        } catch (IOException | Failure e) {
            return unconfirmed(why + "\n" + e.getMessage());
        }
        return unconfirmed(why);
    }

    private Failure notTaken(Generation next, Generation serves, String why, String how) {
        return new Failure(ExitCode.FAILED, "generation " + next.number() + " was not taken",
            why + "\n" + serves.active() + " " + how + " as generation " + serves.number(), "docker logs " + shortId());
    }

    private Failure unconfirmed(String why) {
        return new Failure(ExitCode.UNCONFIRMED, "neither the new generation nor the old one could be confirmed",
            why + "\n" + serves(),
            "status, and docker logs " + shortId());
    }

    private String serves() { return serving(config).map(Generation::text).orElse("The workers do not answer") + "."; }

    Engine engine() { return engine; }

    private String shortId() { return container.substring(0, 12); }

    /** @param from the generation that must be live */
    private Order put(Generation g, long from) {
        highest = Math.max(highest, g.number());
        try {
            // By a variable: the engine cannot say through its API that an input has ended.
            var result = engine.exec(container, ORDER, Map.of("DEPLOYMENT", g.json()), "sh", "-c",
                "printf %s \"$DEPLOYMENT\" | sh \"$@\"", "sh",
                SCRIPT, "install", String.valueOf(g.number()), "--from",
                String.valueOf(from), "--by", token,
                String.valueOf(g.green()), g.backed() ? "backed" : "alone", g.via().toString());
            String said = result.err().strip();
            // The engine's own errors end with 1 as well, and what it says of may still happen.
            boolean ours = result.ok()
                || said.contains("generation.sh")
                || said.contains("reload.sh: ")
                || said.contains("nginx: ");
            return switch (ours ? result.code() : UNKNOWN) {
                case 0 -> new Order.Renamed(Long.parseLong(result.out().strip()));
                case 1 -> new Order.Refused(said);
                case 2 -> new Order.Refused("Nginx runs with the files of another version of bluegreen; validate says"
                    + " which, and how it gets " + config.nginxFolder() + "\n" + said);
                case LATE -> new Order.Late(said);
                default -> new Order.Unknown(said.isEmpty() ? "exit code " + result.code() : said);
            };
        } catch (Failure f) {
            return new Order.Unknown(f.getMessage());       // the engine did not answer, so it may still do it
        }
    }

    /**
     * The fence before every act.
     * @throws Failure (locked) when another generation is live than the one this run confirmed last
     */
    public void requireLive(Generation confirmed) {
        var live = serving();
        if (live.equals(confirmed)) return;
        throw overtaken("generation " + live.number() + " is live, this run confirmed " + confirmed.number()
            + " last; it stops here");
    }

    /** After a watch: an answer that says another colour. @throws Failure (locked) */
    public void requireActive(Colour colour) {
        if (serving(config).filter(g -> g.active() != colour).isPresent()) throw overtaken("this run stops here");
    }

    private Failure overtaken(String what) {
        return new Failure(ExitCode.LOCKED, "somebody else moved the traffic meanwhile",
            what + "\n" + lastRun() + serves(),
            "status");
    }

    /** Empty when there is none, or it cannot be seen: that is not what this is about. */
    private String lastRun() {
        try {
            var runs = picture().runs();
            return runs.isEmpty()
                ? ""
                : "The last run is " + runs.getLast().command() + " by "
                    + Optional.ofNullable(runs.getLast().asked("by")).orElse("?") + ".\n";
        } catch (Failure f) {
            return "";
        }
    }

    /**
     * Tells the app of a colour that gets no requests, by its drain file, that it need not settle when it is stopped.
     * @return why it could not be told; empty: it was
     * @throws Failure (locked) when another generation is live than the one this run confirmed last
     */
    public Optional<String> leave(Colour colour, Generation confirmed) {
        Command.Result said;
        try {
            said = engine.exec(container, ANSWER, Map.of(), "sh", SCRIPT, "leave", colour.toString(), "--from",
                String.valueOf(confirmed.number()), "--by", token);
        } catch (Failure f) {
            return Optional.of(f.getMessage());     // the stop itself needs no process in Nginx's container
        }
        if (said.code() == LATE) throw overtaken(said.err().strip());
        return said.ok() ? Optional.empty() : Optional.of(said.err().strip());
    }

    /** Whether Nginx would accept these settings. @throws Failure (pre-flight) in Nginx's own words, when not */
    public void require(NginxSettings settings) { said(settings, "check"); }

    /**
     * New workers come with these settings, and no request notices.
     * @throws Failure (pre-flight) refused; failed: the old ones run again; unconfirmed: it is not known which
     */
    public void take(NginxSettings settings) { said(settings, "take", "--by", token); }

    private void said(NginxSettings settings, String... order) {
        var command = new ArrayList<>(List.of("sh", SETTINGS));
        command.addAll(List.of(order));
        command.addAll(settings.names());
        Command.Result said;
        try {
            said = engine.exec(container, ORDER, settings.variables(), command.toArray(String[]::new));
        } catch (Failure f) {
            throw new Failure(ExitCode.UNCONFIRMED, "whether Nginx has taken the settings is not known", f.whatAndWhy(),
                "status").causedBy(f);
        }
        if (said.ok()) return;
        String why = said.err().strip();
        if (engine.container(container).filter(Container::running).isEmpty())
            throw Failure.preflight("Nginx's container went down meanwhile", said.last(), "status");
        if (said.code() == Picture.MISUSED || !why.contains("settings.sh: ") && !why.contains("nginx: "))
            throw Picture.otherScripts(container, said.last());
        throw switch (said.code()) {
            case REFUSED -> Failure.preflight("Nginx refused the settings of bluegreen.yaml",
                why + "\nwhat it runs is untouched", "correct proxy: or tls: in bluegreen.yaml");
            case LATE -> new Failure(ExitCode.LOCKED, "somebody else was faster: the settings were not taken", why,
                "status");
            default -> new Failure(ExitCode.FAILED, "the settings were not taken", why + "\n" + serves(),
                "docker logs " + shortId());
        };
    }

    /** What the workers' configuration would be after the change, as a diff of the active folder. */
    public static List<String> diff(Generation before, Generation next) {
        var lines = new ArrayList<String>();
        lines.add("--- active/current -> gen-" + before.number());
        lines.add("+++ active/current -> gen-" + next.number());
        if (before.active() != null) lines.add("-" + before.json());
        lines.add("+" + next.json());
        lines.add("-set $active_upstream " + upstream(before) + ";");
        lines.add("+set $active_upstream " + upstream(next) + ";");
        return lines;
    }

    private static String upstream(Generation g) {
        return g.active() == null ? "app-any" : "app-" + g.active() + (g.backed() ? "-backed" : "");
    }

    /** What it has of a colour now. @throws Failure when that cannot be seen */
    public Holding holding(Container colour) {
        var seen = engine.exec(container, "sh", "-c", Holding.SEE);
        if (seen.out().isBlank()) throw Holding.unseen(seen.last());
        return Holding.of(seen.out(), colour.addresses(), config.ports().app());
    }

    /** The same, for who asks again and again. */
    Draining draining(Container old) { return new Draining(engine, container, old.addresses(), config.ports().app()); }
}
