package lib;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Nginx: what the workers say, and moving them to another generation, verified. */
public final class Nginx {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    /** For the workers to take a generation. A reload took 50 to 150 ms here; a loaded machine is slower. */
    private static final Duration TAKE = Duration.ofSeconds(30);

    private final Config config;
    private final String container;

    public Nginx(Config config, Docker.Container nginx) {
        this.config = config;
        this.container = nginx.id();
    }

    /** What the workers answer on a fresh connection; empty when the control port does not. */
    public static Optional<Generation> serving(Config config) {
        try (var control = new Connection("127.0.0.1", config.reach().control(), ANSWER)) {
            return Generation.read(control.get("/deployment").body());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @throws Failure (unconfirmed) when the control port does not answer within its time */
    public Generation serving() {
        for (long deadline = System.nanoTime() + TAKE.toNanos(); System.nanoTime() < deadline; pause(100)) {
            var answer = serving(config);
            if (answer.isPresent()) return answer.get();
        }
        throw new Failure(ExitCode.UNCONFIRMED, "Nginx does not answer on its control port 127.0.0.1:" + config.ports().control(),
            "so what serves is not known; the container runs", "docker logs " + container.substring(0, 12));
    }

    /** What is on the disk: the number behind active/current (0: missing or dangling) and the highest there is (0: none). */
    public record Disk(long current, long highest) {}

    /** The number of a generation that is to come. */
    public long next() { return disk().highest() + 1; }

    /** A generation as it lies on the disk; empty when it is not there, or torn. */
    public Optional<Generation> onDisk(long number) {
        return Generation.read(Docker.exec(container, "cat", "/etc/nginx/active/gen-" + number + "/deployment.json").out());
    }

    public Disk disk() {
        var listed = Docker.exec(container, "sh", "-c", "cd /etc/nginx/active && ls && cat current/deployment.json").out();
        long highest = listed.lines().filter(l -> l.matches("gen-[0-9]{1,15}")).mapToLong(l -> Long.parseLong(l.substring(4))).max().orElse(0);
        return new Disk(listed.lines().flatMap(l -> Generation.read(l).stream()).map(Generation::number).findFirst().orElse(0L), highest);
    }

    /** {@code took}: from the rename to the last confirmation; {@code whole}: with writing the generation and reaching Nginx. */
    public record Switched(Generation now, Instant renamed, Duration took, Duration whole) {}

    /**
     * Installs a generation and confirms it through the workers, on fresh connections and on one that was open
     * before. Not confirmed in time: {@code before} is put back, confirmed, and this fails.
     */
    public Switched install(Generation next, Generation before) {
        try (var open = openBefore(); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long ordered = System.currentTimeMillis();
            // Asked while the order is on its way: Docker tells of its end a good while after the rename.
            var order = threads.submit(() -> put(next, why -> new Failure(ExitCode.FAILED, "Nginx refused generation " + next.number(),
                why + "\nNothing was changed: generation " + before.number() + " serves.", null)));
            boolean confirmed = confirmed(next, open, () -> order.state() == Future.State.FAILED);
            long now = System.currentTimeMillis();
            long renamed = order.get();
            // The engine's clock is ours, unless it is another machine's: then count from the order.
            long from = renamed >= ordered && renamed <= now ? renamed : ordered;
            if (confirmed) return new Switched(next, Instant.ofEpochMilli(from), Duration.ofMillis(now - from), Duration.ofMillis(now - ordered));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Failure f ? f : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.UNCONFIRMED, "interrupted during the switch", null, "status", e);
        } catch (IOException e) {
            throw new Failure(ExitCode.UNCONFIRMED, "the control port refused a connection", e.toString(), "status", e);
        }
        return putBack(next, before);
    }

    private Switched putBack(Generation next, Generation before) {
        var unconfirmed = new Failure(ExitCode.UNCONFIRMED, "neither the new generation nor the old one could be confirmed",
            "the workers answer " + serving(config).map(Generation::json).orElse("nothing"), "status, and docker logs " + container.substring(0, 12));
        if (before.active() == null) throw unconfirmed;
        var back = before.renumbered(next.number() + 1);
        put(back, _ -> unconfirmed);
        if (!confirmed(back, null, () -> false)) throw unconfirmed;
        throw new Failure(ExitCode.FAILED, "the workers did not take generation " + next.number() + " within " + TAKE.toSeconds() + " s",
            before.active() + " was put back and confirmed as generation " + back.number(), "docker logs " + container.substring(0, 12));
    }

    /** Returns the moment of the rename; refused, what runs is untouched. */
    private long put(Generation g, Function<String, Failure> refused) {
        var result = Docker.exec(TAKE, g.json(), container, "sh", "/etc/nginx/bluegreen/generation.sh", "install",
            String.valueOf(g.number()), String.valueOf(g.green()), g.backed() ? "backed" : "alone", g.via().toString());
        if (!result.ok()) throw refused.apply(result.err().isBlank() ? "exit code " + result.code() : result.err().strip());
        return Long.parseLong(result.out().strip());
    }

    private Connection openBefore() throws IOException {
        var open = new Connection("127.0.0.1", config.reach().control(), ANSWER);
        open.get("/deployment");
        return open;
    }

    /**
     * Instant: one answer of the new generation is all, as each worker reads the link at each request; also on the
     * connection that was open. Reload: old workers go on accepting for 100 ms after the new ones begin, so the
     * answers of fresh connections must be the new ones for 250 ms without a break.
     */
    private boolean confirmed(Generation wanted, Connection open, BooleanSupplier refused) {
        long deadline = System.nanoTime() + TAKE.toNanos();
        Callable<Boolean> control = () -> serving(config).filter(wanted::equals).isPresent(), port = () -> publicPortShows(wanted), kept = () -> takenOn(open, wanted);
        if (wanted.via() == Generation.Way.RELOAD)
            return allOf(until(control, deadline, refused), until(port, deadline, refused)) && lasts(Duration.ofMillis(250), () -> allOf(control, port), deadline);
        return allOf(until(control, deadline, refused), until(port, deadline, refused), until(kept, deadline, refused));
    }

    /** Asks until the answer is yes: each question by itself, as under load each has its queue. */
    private static Callable<Boolean> until(Callable<Boolean> question, long deadline, BooleanSupplier refused) {
        return () -> {
            for (; System.nanoTime() < deadline && !refused.getAsBoolean(); pause(50)) if (question.call()) return true;
            return false;
        };
    }

    private static boolean lasts(Duration needed, BooleanSupplier question, long deadline) {
        for (long now = System.nanoTime(), since = now; now < deadline; now = System.nanoTime()) {
            if (!question.getAsBoolean()) since = System.nanoTime();
            else if (now - since >= needed.toNanos()) return true;
            pause(20);
        }
        return false;
    }

    /** Asked at the same time. */
    @SafeVarargs private static boolean allOf(Callable<Boolean>... questions) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = true;
            for (Future<Boolean> answer : threads.invokeAll(List.of(questions))) all &= answer.get();
            return all;
        } catch (InterruptedException | ExecutionException e) {
            throw new Failure(ExitCode.UNCONFIRMED, "the confirmation broke off: " + e, null, "status", e);
        }
    }

    private boolean publicPortShows(Generation wanted) {
        try (var fresh = new Connection(config.reach().httpAddress(), config.reach().http(), ANSWER)) {
            var seen = Json.read(fresh.get("/health/deployment").body());
            return seen.filter(n -> n.path("generation").asLong() == wanted.number()
                && (wanted.green() % 100 != 0 || n.path("deployment").asText().equals(wanted.active().toString()))).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** A reload on the way from reload to instant closes the old connection: then it proves nothing and is left out. */
    private static boolean takenOn(Connection open, Generation wanted) {
        if (open == null) return true;
        try {
            var answer = open.get("/deployment");
            return answer.closes() || Generation.read(answer.body()).filter(wanted::equals).isPresent();
        } catch (IOException e) {
            return true;
        }
    }

    /** What the workers' configuration would be after the change, as a diff of the active folder. */
    public List<String> diff(Generation before, Generation next) {
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

    /** What still holds the old colour: connections from Nginx to it, and old workers after a reload. */
    public record Holding(int connections, int oldWorkers) {
        public boolean none() { return connections == 0 && oldWorkers == 0; }
        @Override public String toString() {
            return connections + (connections == 1 ? " connection" : " connections") + (oldWorkers == 0 ? "" : ", " + oldWorkers + (oldWorkers == 1 ? " old worker" : " old workers"));
        }
    }

    public Holding holding(Docker.Container old) {
        var seen = Docker.exec(container, "sh", "-c", "cat /proc/net/tcp; grep -l '[w]orker process is shutting down' /proc/[0-9]*/cmdline").out();
        return new Holding(established(seen, old.addresses(), config.ports().app()), (int) seen.lines().filter(l -> l.startsWith("/proc/")).count());
    }

    /** Lines of /proc/net/tcp in state 01 whose far end is one of the addresses and the port. */
    static int established(String table, List<String> addresses, int port) {
        var ends = new ArrayList<String>();
        for (String address : addresses) {
            var hex = new StringBuilder();
            String[] parts = address.split("\\.");
            for (int i = 3; i >= 0; i--) hex.append("%02X".formatted(Integer.parseInt(parts[i])));      // little-endian
            ends.add(hex + ":%04X".formatted(port));
        }
        return (int) table.lines().map(l -> l.strip().split("\\s+"))
            .filter(f -> f.length > 3 && f[3].equals("01") && ends.contains(f[2])).count();
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.UNCONFIRMED, "interrupted while waiting for Nginx", null, "status", e);
        }
    }
}
