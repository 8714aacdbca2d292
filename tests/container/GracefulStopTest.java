package container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lib.http.Connection;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.MountableFile;

/** One container gets SIGTERM, with a request in flight whose answer takes 3 s: what runtime/ does of itself. */
class GracefulStopTest {
    private static final int PORT = 3008, TERMINATED = 143;
    private static final String SLOW = "/blue/slow", DRAIN_FILE = "/tmp/leaving";
    private static final Duration SETTLE = Duration.ofSeconds(1), GRACE = Duration.ofSeconds(15);

    enum Runtime {
        JAVA {
            @Override Unit app(boolean graceful) {
                return new Unit("eclipse-temurin:25-jre", PORT)
                    .withCopyFileToContainer(MountableFile.forHostPath(jar()), "/tests.jar")
                    .withCommand("java", "-cp", "/tests.jar", "SlowApp", graceful ? "graceful" : "bare");
            }
        },
        NODE {
            @Override Unit app(boolean graceful) {
                return new Unit("node:24", PORT)
                    .copy("tests/fixtures/stub/app.mjs", "/app.mjs")
                    .copy("runtime/node/graceful-shutdown.mjs", "/graceful-shutdown.mjs")
                    .withCommand("node", graceful ? "--import=/graceful-shutdown.mjs" : "--", "/app.mjs");
            }
        },
        /** Two workers of Node. */
        CLUSTER {
            @Override Unit app(boolean graceful) {
                return NODE.app(graceful)
                    .copy("tests/fixtures/stub/cluster.mjs", "/cluster.mjs")
                    .withCommand("node", "--import=/graceful-shutdown.mjs", "/cluster.mjs");
            }
        };
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
    private static Unit started(Runtime runtime, boolean graceful) {
        var app = runtime.app(graceful)
            .withEnv("DEPLOYMENT", "blue")
            .withEnv("SHUTDOWN_SETTLE", String.valueOf(SETTLE.toSeconds()))
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

    /** A connection each, which the app has not accepted yet when this returns. */
    private static List<FutureTask<Integer>> sent(Unit app, int requests, String path) {
        return Stream.generate(() -> {
            var status = new FutureTask<>(() -> app.ask(PORT, "POST", path).status());
            Thread.ofVirtual().start(status);
            return status;
        }).limit(requests).toList();
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

    @ParameterizedTest @EnumSource(names = {"JAVA", "NODE"})
    void the_request_is_answered_new_ones_are_refused_and_it_ends_with_0_in_time(Runtime runtime) throws Exception {
        try (var app = started(runtime, true); var client = app.connect(PORT)) {
            var answer = inFlight(app, client);
            var stopped = stop(app);
            awaitSignal(app);
            Thread.sleep(SETTLE.plusMillis(500));
            isRefused(app);
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
            Thread.sleep(SETTLE.dividedBy(2));
            isRefused(app);
            assertThat(answer.get().status()).isEqualTo(200);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    @ParameterizedTest @EnumSource
    void what_waits_to_be_accepted_when_the_settling_ends_is_answered(Runtime runtime) throws Exception {
        try (var app = started(runtime, true)) {
            var waiting = sent(app, 40, "/blue/busy");
            Thread.sleep(500);
            var stopped = stop(app);
            areAnswered(waiting);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
        }
    }

    @ParameterizedTest @EnumSource
    void what_came_while_it_stood_still_is_answered(Runtime runtime) throws Exception {
        try (var app = started(runtime, true)) {
            var stopped = stop(app);
            await(app, "shutdown: SIGTERM");
            app.pause();
            var meanwhile = sent(app, 40, "/blue/busy");
            Thread.sleep(SETTLE.plusMillis(500));
            app.unpause();
            areAnswered(meanwhile);
            stopped.get();
            assertThat(app.exitCode()).as(app.log()).isZero();
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
