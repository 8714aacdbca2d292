package lib;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessLogTest {
    private static String line(String upstream) {
        return "{\"time\":\"2026-11-24T02:00:02+00:00\",\"at\":1795485602.125,\"deployment\":\"green\",\"generation\":17,\"method\":\"POST\",\"uri\":\"/api/orders\",\"status\":201,"
            + "\"bytes\":5,\"seconds\":0.042,\"upstream\":\"" + upstream + "\",\"upstream_status\":\"201\",\"upstream_seconds\":\"0.041\",\"client\":\"1.2.3.4\",\"request_id\":\"x\"}";
    }

    @Test void a_line_of_nginx_is_read() {
        assertThat(AccessLog.read(line("172.18.0.4:3008"))).contains(
            new AccessLog(Instant.ofEpochMilli(1795485602125L), "green", 17, "POST", "/api/orders", 201, 42, List.of("172.18.0.4:3008")));
    }

    @Test void the_last_address_answered_and_more_than_one_is_failover() {
        var one = AccessLog.read(line("172.18.0.4:3008")).orElseThrow();
        var two = AccessLog.read(line("172.18.0.4:3008, 172.18.0.5:3008")).orElseThrow();
        var again = AccessLog.read(line("172.18.0.4:3008 : 172.18.0.5:3008")).orElseThrow();
        assertThat(one.failedOver()).isFalse();
        assertThat(two.failedOver()).isTrue();
        assertThat(List.of(two.answeredBy(), again.answeredBy())).containsOnly("172.18.0.5:3008");
    }

    @ParameterizedTest @ValueSource(strings = {"", "{", "[]", "2026/11/24 02:00:02 [warn] 7#7: x", "{\"at\":1}", "{\"at\":\"now\",\"deployment\":\"green\"}", "null"})
    void anything_else_is_not(String line) { assertThat(AccessLog.read(line)).isEmpty(); }
}
