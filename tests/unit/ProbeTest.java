package lib.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import lib.core.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTest {
    private static Probe.Answer answer(int code, String body) {
        return new Probe.Answer(code, Json.read(body).filter(n -> n.isObject()).orElse(null), body, null,
            Duration.ofMillis(5), Optional.empty());
    }
    private static final Probe.Expected GREEN_2 = new Probe.Expected(true, Optional.of("2"), Optional.of("green"));

    @Test void status_colour_and_version_must_all_match() {
        assertThat(answer(200, "{\"status\":\"healthy\",\"deployment\":\"green\",\"version\":\"2\"}").wrong(GREEN_2))
            .isEmpty();
    }

    @ParameterizedTest @CsvSource(delimiter = '|', value = {
        "503|{\"status\":\"unhealthy\",\"deployment\":\"green\",\"version\":\"2\"}|HTTP 503",
        "200|{\"status\":\"starting\",\"deployment\":\"green\",\"version\":\"2\"}|starting",
        "200|{\"status\":\"healthy\",\"deployment\":\"blue\",\"version\":\"2\"}|it is blue, not green",
        "200|{\"status\":\"healthy\",\"deployment\":\"green\",\"version\":\"1\"}|it is version 1, not 2",
        "200|{\"status\":\"healthy\"}|not green",
        "200|<html>ok</html>|not JSON",
        "301|{}|HTTP 301"})
    void anything_else_is_not_healthy(int code, String body, String why) {
        assertThat(answer(code, body).wrong(GREEN_2).orElseThrow()).contains(why);
    }

    @Test void an_app_without_json_can_be_healthy_by_its_200() {
        assertThat(answer(200, "ok").wrong(Probe.Expected.ofAny(false))).isEmpty();
        assertThat(answer(500, "ok").wrong(Probe.Expected.ofAny(false))).isPresent();
    }
}
