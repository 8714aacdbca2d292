package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lib.core.Threads;
import lib.http.Connection;
import lib.http.Probe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an app, or whoever has its port, answers in the worst way it can. */
@Tag("quiet")
class HostileAnswerTest {
    private static HostileServer server;

    @BeforeAll static void up() throws IOException { server = new HostileServer(); }
    @AfterAll static void down() throws IOException { server.close(); }

    private static final Duration SECOND = Duration.ofSeconds(1);
    /** What the socket's buffers on both sides take after nobody reads. */
    private static final long BUFFERS = 20 << 20;

    @ParameterizedTest @CsvSource(delimiter = '|', value = {
        "/big|longer than 64 KB", "/chunks|longer than 64 KB", "/to-no-end|longer than 64 KB",
        "/drip|no answer within 1.0 s",
        "/drip-head|no answer within 1.0 s",
        "/headers|not an HTTP answer", "/line|not an HTTP answer", "/continue|not an HTTP answer", "/invalid|not JSON",
        "/deep|not JSON", "/number|not JSON", "/gzip|not JSON",
        "/object|status is null", "/negative|content-length: -5", "/huge|not an HTTP answer",
        "/text|not an HTTP answer", "/chunk-text|not an HTTP answer: chunk size: zz", "/chunk-huge|longer than 64 KB",
        "/status|not an HTTP answer", "/noise|not an HTTP answer"})
    void a_health_answer_that_no_server_should_give_is_told_and_read_no_further(String path, String why) {
        long sent = server.sent.get(), began = System.nanoTime();
        var answer = Probe.once(server.url(path), SECOND);
        assertThat(answer.wrong(Probe.Expected.ofAny(true)).orElse("healthy")).contains(why);
        assertThat(answer.text().length()).isLessThanOrEqualTo(64 << 10);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        assertThat(server.sent.get() - sent).isLessThan(BUFFERS);
    }

    @ParameterizedTest @ValueSource(strings = {"/hints", "/to-the-end", "/query?a=%20b"})
    void an_answer_that_is_only_odd_is_healthy(String path) {
        assertThat(Probe.once(server.url(path), SECOND).wrong(Probe.Expected.ofAny(true))).isEmpty();
    }

    @Test void an_answer_without_a_body_is_one_at_once() {
        var answer = Probe.once(server.url("/no-content"), Duration.ofSeconds(10));
        assertThat(answer.code()).isEqualTo(204);
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(5));
    }

    /** As far as to this server, which speaks no TLS. */
    @Test void https_is_spoken() throws IOException {
        try (var plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Threads.start(() -> {
                try (var client = plain.accept()) {
                    client.getOutputStream()
                        .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    client.getInputStream().read();
                } catch (IOException e) {
                    return;       // the probe has seen enough
                }
            });
            var url = URI.create("https://127.0.0.1:" + plain.getLocalPort() + "/healthy");
            assertThat(Probe.once(url, Duration.ofSeconds(5)).error()).startsWith("TLS: ");
        }
    }

    @Test void an_interrupt_ends_a_probe() throws InterruptedException {
        var seen = new CompletableFuture<Probe.Answer>();
        var prober = Thread.ofPlatform()
            .start(() -> seen.complete(Probe.once(server.url("/drip"), Duration.ofSeconds(20))));
        Thread.sleep(200);
        prober.interrupt();
        assertThat(seen.orTimeout(2, TimeUnit.SECONDS).join().error()).isEqualTo("interrupted");
    }

    @Test void after_its_time_limit_a_probe_reads_no_more() throws InterruptedException {
        Probe.once(server.url("/drip"), Duration.ofMillis(300));
        // The server notices at its next bytes; on a loaded machine a while later.
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        for (long seen = -1; server.sent.get() != seen; Thread.sleep(500)) {
            seen = server.sent.get();
            assertThat(System.nanoTime()).as("it still reads").isLessThan(deadline);
        }
    }

    @Test void a_redirect_is_told_and_not_followed() {
        var answer = Probe.once(server.url("/redirect"), SECOND);
        assertThat(answer.wrong(Probe.Expected.ofAny(false)))
            .contains("HTTP 302 to " + server.url("/healthy") + ", not followed");
        assertThat(server.followed.get()).isZero();
    }

    @Test void what_an_answer_says_is_one_short_line_of_plain_text() {
        var why = Probe.once(server.url("/escapes"), SECOND).wrong(Probe.Expected.ofAny(true)).orElseThrow();
        assertThat(why).startsWith("HTTP 200, but status is [2J]0;owned31mgood   ✓ switch").hasSizeLessThan(300);
        assertThat(why.chars().allMatch(c -> c >= ' ')).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://user:secret@127.0.0.1:1/"})
    void an_odd_url_is_an_answer_and_no_crash(String url) {
        assertThat(Probe.once(URI.create(url), Duration.ZERO).error()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/big", "/chunks", "/headers", "/line", "/negative", "/huge", "/text", "/chunk-text",
        "/chunk-negative", "/chunk-huge", "/status", "/noise", "/drip", "/drip-head"})
    void a_connection_ends_a_hostile_answer_with_an_io_exception(String path) throws IOException {
        long sent = server.sent.get(), began = System.nanoTime();
        try (var connection = new Connection("127.0.0.1", server.port(), SECOND)) {
            assertThat(catchThrowable(() -> connection.get(path))).isInstanceOf(IOException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        assertThat(server.sent.get() - sent).isLessThan(BUFFERS);
    }
}
