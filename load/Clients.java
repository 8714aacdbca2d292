package load;

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
 * Strict HTTP clients, a virtual thread each: they keep their connection alive, send POST and GET in turn (or what they are told), never
 * retry, and honour "Connection: close". What any of them does not get answered with 2xx is a failed request.
 */
public final class Clients implements AutoCloseable {
    /** Colour of an answer: the first word of its body. */
    private static final byte FAILED = 0, BLUE = 1, GREEN = 2, OTHER = 3;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String address;
    private final int port;
    private final Duration think;
    private final String path;
    private final List<Client> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Queue<Failed> failed = new ConcurrentLinkedQueue<>();
    private final List<String> methods;
    private final LongAdder connections = new LongAdder();
    private volatile boolean running = true;

    private Clients(String address, int port, String path, Duration think, List<String> methods) {
        this.methods = methods;
        this.address = address;
        this.path = path;
        this.port = port;
        this.think = think;
    }

    /** Starts them spread over a second, so that they do not knock all at once. */
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
        var all = new Clients(address, port, path, think, methods);
        for (int i = 0; i < count; i++) {
            var client = all.new Client(i, Duration.ofMillis(1000L * i / count));
            all.clients.add(client);
            all.threads.add(Thread.ofVirtual().start(client));
        }
        return all;
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

    /** Answered requests that began within a window; percentiles and the worst in milliseconds. */
    public record Window(long requests, long failed, long blue, long green, double p50, double p99, double max) {}

    /** @param from, to in {@link System#currentTimeMillis} */
    public Window window(long from, long to) {
        long failed = 0, blue = 0, green = 0;
        var times = new long[1024];
        int n = 0;
        for (Client c : clients) for (int i = 0; i < c.count; i++) {
            if (c.began[i] < from || c.began[i] >= to) continue;
            switch (c.colour[i]) {
                case FAILED -> failed++;
                case BLUE -> blue++;
                case GREEN -> green++;
                default -> {}
            }
            if (c.colour[i] == FAILED) continue;
            if (n == times.length) times = Arrays.copyOf(times, n * 2);
            times[n++] = c.micros[i];
        }
        Arrays.sort(times, 0, n);
        return new Window(n + failed, failed, blue, green, at(times, n, 0.5), at(times, n, 0.99),
            n == 0 ? 0 : times[n - 1] / 1000.0);
    }
    /** From the first failed request to the end of the last one that began within a window, in ms; 0: none failed. */
    public long outage(long from, long to) {
        long first = Long.MAX_VALUE, last = 0;
        for (Client c : clients) for (int i = 0; i < c.count; i++) {
            if (c.began[i] < from || c.began[i] >= to || c.colour[i] != FAILED) continue;
            first = Math.min(first, c.began[i]);
            last = Math.max(last, c.began[i] + c.micros[i] / 1000);
        }
        return last == 0 ? 0 : last - first;
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
            long wall = System.currentTimeMillis(), start = System.nanoTime();
            byte result = FAILED;
            String method = methods.get(i % methods.size());
            try {
                if (connection == null) {
                    connection = new Connection(address, port, LIMIT);
                    connections.increment();
                }
                var answer = method.equals("GET")
                    ? connection.get(path)
                    : connection.send(method, path, "client " + number + " request " + i);
                if (answer.status() / 100 == 2)
                    result = answer.body().startsWith("blue")
                        ? BLUE
                        : answer.body().startsWith("green") ? GREEN : OTHER;
                else
                    failed(wall, method, "HTTP " + answer.status());
                if (answer.closes()) drop();
            } catch (IOException e) {
                failed(wall, method, String.valueOf(e.getMessage()));
                drop();
            }
            record(wall, (int) ((System.nanoTime() - start) / 1000), result);
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
