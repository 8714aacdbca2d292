package lib.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import lib.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessLogTest {
    private static String line(String upstream) {
        return "{\"time\":\"2026-11-24T02:00:02+00:00\",\"at\":1795485602.125,\"deployment\":\"green\",\"generation\":17,\"method\":\"POST\",\"uri\":\"/api/orders\",\"status\":201,"
            + "\"bytes\":5,\"seconds\":0.042,\"upstream\":\"" + upstream
            + "\",\"upstream_status\":\"201\",\"upstream_seconds\":\"0.041\",\"client\":\"1.2.3.4\",\"request_id\":\"x\"}";
    }

    @Test void a_line_of_nginx_is_read() {
        assertThat(AccessLog.read(line("172.18.0.4:3008")))
            .contains(
                new AccessLog(Instant.ofEpochMilli(1795485602125L), "green", 17, "POST", "/api/orders", 201, 41, true,
                    List.of("172.18.0.4:3008")));
    }

    @Test void the_last_address_answered_and_more_than_one_is_failover() {
        var one = AccessLog.read(line("172.18.0.4:3008")).orElseThrow();
        var two = AccessLog.read(line("172.18.0.4:3008, 172.18.0.5:3008")).orElseThrow();
        var again = AccessLog.read(line("172.18.0.4:3008 : 172.18.0.5:3008")).orElseThrow();
        assertThat(one.failedOver()).isFalse();
        assertThat(two.failedOver()).isTrue();
        assertThat(List.of(two.answeredBy(), again.answeredBy())).containsOnly("172.18.0.5:3008");
    }

    private static AccessLog read(String seconds, String upstreamSeconds, String status, String upstreamStatus,
        String upstream) {
        String line = line(upstream)
            .replace("\"seconds\":0.042", "\"seconds\":" + seconds)
            .replace("\"0.041\"", '"' + upstreamSeconds + '"')
            .replace("\"status\":201", "\"status\":" + status)
            .replace("\"upstream_status\":\"201\"", "\"upstream_status\":\"" + upstreamStatus + '"');
        return AccessLog.read(line).orElseThrow();
    }

    @Test void the_app_s_time_counts_not_that_of_a_client_that_drips_its_request() {
        assertThat(read("1.004", "0.002", "200", "200", "a:1").millis()).isEqualTo(2);
        assertThat(read("9", "0.500, 0.250 : 0.010", "200", "502, 502 : 200", "a:1, b:1 : b:1").millis())
            .isEqualTo(760);
        assertThat(read("9", "-, 0.250", "200", "502, 200", "a:1, b:1").millis()).isEqualTo(250);
        assertThat(read("0.007", "", "400", "", "").millis()).as("Nginx by itself").isEqualTo(7);
        assertThat(read("0.007", "0.1e9", "200", "200", "a:1").millis()).as("not a time of Nginx's").isEqualTo(7);
    }

    @Test void who_went_away_while_one_colour_was_asked_and_had_not_answered() {
        var waited = read("2.5", "2.480", "499", "-", "a:1");
        assertThat(waited.abandoned() && waited.unanswered()).isTrue();
        assertThat(waited.millis()).isEqualTo(2480);
        assertThat(read("2.5", "0.010", "499", "200", "a:1").unanswered()).as("the answer was there").isFalse();
        assertThat(read("2.5", "", "499", "", "").unanswered()).as("the request never came whole").isFalse();
        assertThat(read("2.5", "2, 0.5", "499", "502, -", "a:1, b:1").unanswered()).as("two were asked").isFalse();
        assertThat(read("2.5", "2.480", "504", "504", "a:1").abandoned()).isFalse();
    }

    @Test void who_asks_for_the_health_is_no_user_whatever_query_the_path_has(@TempDir Path project) {
        for (String path : List.of("/api/health", "/api/health?deep=1")) {
            var config = Config.load(project, Map.of("health.path", path));
            assertThat(asking("/api/health").asksForHealth(config)).as(path).isTrue();
            assertThat(asking("/health").asksForHealth(config)).as(path).isTrue();
            assertThat(asking("/api/healthy").asksForHealth(config)).as(path).isFalse();
        }
    }
    private static AccessLog asking(String uri) {
        return AccessLog.read(line("a:1").replace("/api/orders", uri)).orElseThrow();
    }

    @ParameterizedTest @ValueSource(strings = {"", "{", "[]", "2026/11/24 02:00:02 [warn] 7#7: x", "{\"at\":1}",
        "{\"at\":\"now\",\"deployment\":\"green\"}", "null"})
    void anything_else_is_not(String line) { assertThat(AccessLog.read(line)).isEmpty(); }
}
