package load;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import lib.http.Connection;

/**
 * Strict HTTP clients, a virtual thread each: they keep their connection alive (or what their {@link Habit} is), send
 * POST and GET in turn (or what they are told), never retry, and honour "Connection: close". What is not answered with
 * 2xx is a failed request.
 */
public final class Clients implements AutoCloseable {
    /**
     * Colour of an answer: the first word of its body. Up to FAILED there was none; CLOSED: {@link Habit#LOOKED_AT}.
     */
    private static final byte CLOSED = -1, FAILED = 0, BLUE = 1, GREEN = 2, OTHER = 3;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String address, path;
    private final int port;
    private final Duration think;
    private final List<Client> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Queue<Failed> failed = new ConcurrentLinkedQueue<>();
    private final List<String> methods;
    private final LongAdder connections = new LongAdder();
    private final Habit habit;
    private volatile boolean running = true;

    private Clients(String address, int port, String path, Duration think, List<String> methods, Habit habit) {
        this.methods = methods;
        this.habit = habit;
        this.address = address;
        this.path = path;
        this.port = port;
        this.think = think;
    }

    public static Clients start(int count, String address, int port, Duration think) {
        return start(count, address, port, "/api/echo", think);
    }

    /** {@code path} answers POST and GET with a text whose first word is the colour. */
    public static Clients start(int count, String address, int port, String path, Duration think) {
        return start(count, address, port, path, think, List.of("POST", "GET"));
    }

    /** @param methods in turn: only List.of("GET"), say */
    public static Clients start(int count, String address, int port, String path, Duration think,
        List<String> methods) {
        return new Clients(address, port, path, think, methods, Habit.KEPT).started(count);
    }

    public static Clients start(int count, String address, int port, Duration think, Habit habit) {
        return new Clients(address, port, "/api/echo", think, List.of("POST", "GET"), habit).started(count);
    }

    /** Spread over a second, so that they do not knock all at once. */
    private Clients started(int count) {
        for (int i = 0; i < count; i++) {
            var client = new Client(i, Duration.ofMillis(1000L * i / count));
            clients.add(client);
            threads.add(Thread.ofVirtual().start(client));
        }
        return this;
    }

    /** Lets the requests in flight end. */
    @Override public void close() {
        running = false;
        try {
            for (Thread t : threads) t.join(LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public int size() { return clients.size(); }
    public long requests() { return clients.stream().mapToLong(c -> c.count).sum(); }
    public long failed() { return failures.values().stream().mapToLong(LongAdder::sum).sum(); }
    /** How many connections were opened; with none lost it is the number of clients. */
    public long connections() { return connections.sum(); }
    /** What went wrong, how often. */
    public Map<String, Long> failures() {
        var all = new TreeMap<String, Long>();
        failures.forEach((what, n) -> all.put(what, n.sum()));
        return all;
    }

    /** One request that was not answered with 2xx, and when it began and ended ({@link System#currentTimeMillis}). */
    public record Failed(long began, long ended, String method, String what) {}
    public List<Failed> failedRequests() {
        return failed.stream().sorted(Comparator.comparingLong(Failed::began)).toList();
    }

    /** Requests that began within a window; of the answered ones, percentiles and the worst in milliseconds. */
    public record Window(long requests, long failed, long closed, long blue, long green, double p50, double p99,
        double max) {}

    /** @param from, to in {@link System#currentTimeMillis} */
    public Window window(long from, long to) {
        long failed = 0, closed = 0, blue = 0, green = 0;
        var times = new long[1024];
        int n = 0;
        for (Client c : clients) for (int i = 0; i < c.count; i++) {
            if (c.began[i] < from || c.began[i] >= to) continue;
            switch (c.colour[i]) {
                case FAILED -> failed++;
                case CLOSED -> closed++;
                case BLUE -> blue++;
                case GREEN -> green++;
                default -> {}
            }
            if (c.colour[i] <= FAILED) continue;
            if (n == times.length) times = Arrays.copyOf(times, n * 2);
            times[n++] = c.micros[i];
        }
        Arrays.sort(times, 0, n);
        return new Window(n + failed + closed, failed + closed, closed, blue, green, at(times, n, 0.5),
            at(times, n, 0.99), n == 0 ? 0 : times[n - 1] / 1000.0);
    }
    /** From the first failed request to the end of the last one that began within a window, in ms; 0: none failed. */
    public long outage(long from, long to) {
        long first = Long.MAX_VALUE, last = 0;
        for (Client c : clients) for (int i = 0; i < c.count; i++) {
            if (c.began[i] < from || c.began[i] >= to || c.colour[i] > FAILED) continue;
            first = Math.min(first, c.began[i]);
            last = Math.max(last, c.began[i] + c.micros[i] / 1000);
        }
        return last == 0 ? 0 : last - first;
    }

    /** As the requests that began within a window tell. @param green the new colour; else blue */
    public Move move(long from, long to, boolean green) {
        byte old = green ? BLUE : GREEN;
        long first = to, last = from;
        for (Client c : clients) for (int i = 0; i < c.count; i++) {
            if (c.began[i] < from || c.began[i] >= to || c.colour[i] == CLOSED) continue;
            if (c.colour[i] != old) first = Math.min(first, c.began[i]);
            if (c.colour[i] == old) last = Math.max(last, c.began[i]);
            if (c.colour[i] == FAILED) last = Math.max(last, c.began[i] + c.micros[i] / 1000);
        }
        return new Move(first - from, last - from);
    }

    public Window all() { return window(0, Long.MAX_VALUE); }

    private static double at(long[] sorted, int n, double share) {
        return n == 0 ? 0 : sorted[Math.min(n - 1, (int) (n * share))] / 1000.0;
    }

    private final class Client implements Runnable {
        private final int number;
        private final Duration delay;
        private Connection connection;
        private long[] began = new long[256];
        private int[] micros = new int[256];
        private byte[] colour = new byte[256];
        private volatile int count;

        Client(int number, Duration delay) {
            this.number = number;
            this.delay = delay;
        }

        public void run() {
            try {
                Thread.sleep(delay);
                for (int i = 0; running; i++) {
                    request(i);
                    Thread.sleep((long) (think.toMillis() * ThreadLocalRandom.current().nextDouble(0.5, 1.5)));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                drop();
            }
        }

        private void request(int i) {
            boolean closed = connection != null && habit == Habit.LOOKED_AT && connection.isOver();
            long wall = System.currentTimeMillis(), start = System.nanoTime();
            byte result = closed ? CLOSED : FAILED;
            String method = methods.get(i % methods.size());
            try {
                if (closed) throw new EOFException("closed before the request was sent");
                if (connection == null) {
                    connection = new Connection(address, port, LIMIT);
                    connections.increment();
                }
                String body = method.equals("GET") ? null : "client " + number + " request " + i;
                boolean only = habit == Habit.ANEW;
                var answer = only ? connection.sendOnly(method, path, body) : connection.send(method, path, body);
                if (answer.status() / 100 == 2) result = colour(answer.body());
                else failed(wall, method, "HTTP " + answer.status());
                if (only || answer.closes()) drop();
            } catch (IOException e) {
                failed(wall, method, String.valueOf(e.getMessage()));
                drop();
            }
            record(wall, (int) ((System.nanoTime() - start) / 1000), result);
        }

        private static byte colour(String body) {
            return body.startsWith("blue") ? BLUE : body.startsWith("green") ? GREEN : OTHER;
        }

        private void record(long wall, int took, byte result) {
            if (count == began.length) {
                began = Arrays.copyOf(began, count * 2);
                micros = Arrays.copyOf(micros, count * 2);
                colour = Arrays.copyOf(colour, count * 2);
            }
            began[count] = wall;
            micros[count] = took;
            colour[count] = result;
            count++;
        }

        private void failed(long began, String method, String what) {
            failed.add(new Failed(began, System.currentTimeMillis(), method, what));
            count(what);
        }

        private void count(String what) { failures.computeIfAbsent(what, _ -> new LongAdder()).increment(); }

        private void drop() {
            if (connection == null) return;
            try {
                connection.close();
            } catch (IOException e) {
                count("closing: " + e.getMessage());
            }
            connection = null;
        }
    }
}
