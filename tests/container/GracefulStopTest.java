package container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import lib.http.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.MountableFile;

/**
 * What runtime/ does of itself: one container gets SIGTERM, with a request in flight whose answer takes 3 s. And before
 * that, all clients at once.
 */
class GracefulStopTest {
    private static final int PORT = 3008, TERMINATED = 143;
    private static final String SLOW = "/blue/slow", DRAIN_FILE = "/tmp/leaving";
    /** Of virtual threads: as in a container with one CPU. */
    private static final String ONE_AT_A_TIME = "-Djdk.virtualThreadScheduler.parallelism=1";
    /** The long one is enough for a busy engine to pause a container in it. */
    private static final Duration SETTLE = Duration.ofSeconds(1), LONG_SETTLE = Duration.ofSeconds(6);
    private static final Duration GRACE = Duration.ofSeconds(15);

    enum Runtime {
        JAVA("shutdown: SIGTERM") {
            @Override Unit app(boolean graceful) {
                return new Unit("eclipse-temurin:25-jre", PORT)
                    .withCopyFileToContainer(MountableFile.forHostPath(jar()), "/tests.jar")
                    .withCommand("java", ONE_AT_A_TIME, "-cp", "/tests.jar", "SlowApp", graceful ? "graceful" : "bare");
            }
        },
        NODE("shutdown: SIGTERM") {
            @Override Unit app(boolean graceful) {
                return new Unit("node:24", PORT)
                    .copy("tests/fixtures/stub/app.mjs", "/app.mjs")
                    .copy("tests/fixtures/stub/crowd.mjs", "/crowd.mjs")
                    .copy("runtime/node/graceful-shutdown.mjs", "/graceful-shutdown.mjs")
                    .withCommand("node", graceful ? "--import=/graceful-shutdown.mjs" : "--", "/app.mjs");
            }
        },
        /** Two workers of Node. */
        CLUSTER("worker 2: the primary goes") {
            @Override Unit app(boolean graceful) {
                return NODE.app(graceful)
                    .copy("tests/fixtures/stub/cluster.mjs", "/cluster.mjs")
                    .withCommand("node", "--import=/graceful-shutdown.mjs", "/cluster.mjs");
            }
        };

        /** Of its log. */
        final String settles;
        Runtime(String settles) { this.settles = settles; }
        abstract Unit app(boolean graceful);
    }

    /** This one has runtime/java in it. */
    private static Path jar() {
        try {
            return Path.of(Unit.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The kernel keeps SIGTERM from a first process without a handler: with an init it ends as anywhere else. */
    private static Unit started(Runtime runtime, boolean graceful) { return started(runtime, graceful, SETTLE); }

    private static Unit started(Runtime runtime, boolean graceful, Duration settle) {
        var app = runtime.app(graceful)
            .withEnv("DEPLOYMENT", "blue")
            .withEnv("SHUTDOWN_SETTLE", String.valueOf(settle.toSeconds()))
            .withEnv("DRAIN_FILE", DRAIN_FILE)
            .withCreateContainerCmdModifier(command -> command.getHostConfig().withInit(true))
            .waitingFor(Wait.forLogMessage(".* listens.*", 1));
        app.start();
        return app;
    }

    private static FutureTask<Connection.Answer> inFlight(Unit app, Connection client) throws InterruptedException {
        var answer = new FutureTask<>(() -> client.get(SLOW));
        Thread.ofVirtual().start(answer);
        await(app, "slow begins");
        return answer;
    }

    private static void await(Unit app, String said) throws InterruptedException {
        for (int i = 0; i < 250 && !app.log().contains(said); i++) Thread.sleep(20);
        assertThat(app.log()).contains(said);
    }

    /** On a connection each. */
    private static List<FutureTask<Integer>> send(Unit app, int requests) throws IOException {
        var sent = new ArrayList<FutureTask<Integer>>();
        for (int i = 0; i < requests; i++) {
            var connection = app.connect(PORT);
            var status = new FutureTask<>(() -> {
                try (connection) {
                    return connection.send("POST", "/blue/busy", "x").status();
                }
            });
            Thread.ofVirtual().start(status);
            sent.add(status);
        }
        return sent;
    }

    private static void areAnswered(List<FutureTask<Integer>> requests) throws InterruptedException {
        var lost = new ArrayList<String>();
        for (var request : requests) {
            try {
                if (request.get() != 200) lost.add("HTTP " + request.get());
            } catch (ExecutionException e) {
                lost.add(e.getCause().toString());
            }
        }
        assertThat(lost).as(lost.size() + " of " + requests.size() + " lost").isEmpty();
    }

    private static FutureTask<Duration> stop(Unit app) {
        long began = System.nanoTime();
        var took = new FutureTask<>(() -> {
            app.stop(GRACE);
            return Duration.ofNanos(System.nanoTime() - began);
        });
        Thread.ofVirtual().start(took);
        return took;
    }

    private static void awaitSignal(Unit app) throws InterruptedException {
        await(app, "shutdown: SIGTERM, 1 in flight");
    }

    private static void isRefused(Unit app) {
        assertThatThrownBy(() -> app.ask(PORT, "GET", "/"))
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(SocketTimeoutException.class);
    }

    /** On a busy machine not at once. */
    private static void isRefusedWithin(Duration limit, Unit app) {
        for (long end = System.nanoTime() + limit.toNanos(); System.nanoTime() < end;)
            try {
                app.ask(PORT, "GET", "/");
            } catch (IOException e) {
                break;
            }
        isRefused(app);
    }

    @ParameterizedTest @EnumSource(names = {"JAVA", "NODE"})
    void the_request_is_answered_new_ones_are_refused_and_it_ends_with_0_in_time(Runtime runtime) throws Exception {
        try (var app = started(runtime, true); var client = app.connect(PORT)) {
            var answer = inFlight(app, client);
            var stopped = stop(app);
            awaitSignal(app);
            Thread.sleep(SETTLE.plusMillis(500));
            isRefusedWithin(Duration.ofSeconds(1), app);
            assertThat(answer.isDone()).as("refused while one is in flight").isFalse();
            assertThat(answer.get().status()).isEqualTo(200);
            assertThat(stopped.get()).isLessThan(GRACE.minusSeconds(5));
            assertThat(app.exitCode()).as(app.log()).isZero();
            assertThat(app.log()).contains("shutdown: done").doesNotContain("cut:");
        }
    }

    @ParameterizedTest @EnumSource(names = {"JAVA", "NODE"})
    void while_it_settles_a_request_is_answered_and_told_to_be_the_last_one(Runtime runtime) throws Exception {
        try (var app = started(runtime, true); var client = app.connect(PORT); var next = app.connect(PORT)) {
            var answer = inFlight(app, client);
            var stopped = stop(app);
            awaitSignal(app);
            var last = next.get(SLOW);
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.closes()).isTrue();
            assertThat(answer.get().status()).isEqualTo(200);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    @ParameterizedTest @EnumSource(names = {"JAVA", "NODE"})
    void who_gets_no_requests_does_not_settle_and_what_is_in_flight_is_answered(Runtime runtime) throws Exception {
        try (var app = started(runtime, true); var client = app.connect(PORT)) {
            var answer = inFlight(app, client);
            app.sh("echo idle >" + DRAIN_FILE);
            var stopped = stop(app);
            awaitSignal(app);
            isRefusedWithin(SETTLE, app);
            assertThat(answer.get().status()).isEqualTo(200);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    @ParameterizedTest @EnumSource
    void what_waits_when_the_settling_ends_is_answered(Runtime runtime) throws Exception {
        try (var app = started(runtime, true)) {
            var waiting = send(app, 50);
            var stopped = stop(app);
            areAnswered(waiting);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    @ParameterizedTest @EnumSource
    void what_comes_while_it_stands_still_is_answered(Runtime runtime) throws Exception {
        try (var app = started(runtime, true, LONG_SETTLE)) {
            var stopped = stop(app);
            await(app, runtime.settles);
            app.pause();
            var meanwhile = send(app, 40);
            Thread.sleep(LONG_SETTLE);
            app.unpause();
            areAnswered(meanwhile);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    @ParameterizedTest @EnumSource
    void an_answer_on_its_way_out_is_not_cut(Runtime runtime) throws Exception {
        try (var app = started(runtime, true); var socket = new Socket("127.0.0.1", app.getMappedPort(PORT))) {
            socket.getOutputStream().write("GET /blue/large HTTP/1.1\r\nHost: app\r\n\r\n".getBytes());
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            var stopped = stop(app);
            await(app, runtime.settles);
            Thread.sleep(SETTLE.plusMillis(1000));
            assertThat(socket.getInputStream().readAllBytes()).hasSizeGreaterThan(20_000_000);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    /** What each client had been answered when the last one got its first answer. */
    private static List<Integer> answeredMeanwhile(Unit app, int clients) throws Exception {
        var answers = new AtomicIntegerArray(clients);
        var strangers = new CountDownLatch(clients);
        var asking = new ArrayList<FutureTask<Void>>();
        for (int i = 0; i < clients; i++) {
            int client = i;
            var connection = app.connect(PORT);
            var asks = new FutureTask<Void>(() -> {
                try (connection) {
                    while (strangers.getCount() > 0) {
                        connection.send("POST", "/blue/busy", "x");
                        if (answers.getAndIncrement(client) == 0) strangers.countDown();
                    }
                    return null;
                } finally {
                    if (answers.get(client) == 0) strangers.countDown();
                }
            });
            Thread.ofVirtual().start(asks);
            asking.add(asks);
        }
        for (var one : asking) one.get();
        return IntStream.range(0, clients).mapToObj(answers::get).toList();
    }

    @Test void of_many_who_come_at_once_the_last_does_not_wait_for_what_the_first_ask_again() throws Exception {
        try (var app = started(Runtime.NODE, true)) {
            assertThat(answeredMeanwhile(app, 30)).allMatch(answers -> answers <= 10);
        }
    }

    @Test void of_many_who_come_at_once_the_requests_of_those_who_leave_are_begun_and_told_so() throws Exception {
        try (var app = started(Runtime.NODE, true)) {
            app.sh("node /crowd.mjs");
            assertThat(app.log().lines().filter("slow begins"::equals)).hasSize(15);
            assertThat(app.log().lines().filter("slow is left"::equals)).hasSize(15);
        }
    }

    @ParameterizedTest @EnumSource(names = {"JAVA", "NODE"})
    void without_it_the_request_is_lost_at_once(Runtime runtime) throws Exception {
        try (var app = started(runtime, false); var client = app.connect(PORT)) {
            var answer = inFlight(app, client);
            stop(app);
            assertThatThrownBy(() -> answer.get(2, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
            for (int i = 0; i < 50 && app.isRunning(); i++) Thread.sleep(100);
            assertThat(app.exitCode()).isEqualTo(TERMINATED);
        }
    }
}
