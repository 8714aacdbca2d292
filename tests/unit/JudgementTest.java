package lib.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import lib.config.SmokeRequest;
import lib.config.Way;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.docker.Image;
import lib.http.Probe;
import lib.nginx.Generation;
import lib.nginx.Nginx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JudgementTest {
    private static Probe.Answer answer(int code, String body) {
        return new Probe.Answer(code, Json.read(body).filter(n -> n.isObject()).orElse(null), body, null,
            Duration.ofMillis(5));
    }
    private static final Probe.Expected GREEN_2 = new Probe.Expected(true, "2", "green");

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
        assertThat(answer(200, "ok").wrong(new Probe.Expected(false, null, null))).isEmpty();
        assertThat(answer(500, "ok").wrong(new Probe.Expected(false, null, null))).isPresent();
    }

    @Test void a_generation_is_read_as_it_was_written() {
        var g = new Generation(17, Colour.BLUE, 5, true, "1.0.1", Way.INSTANT);
        assertThat(Generation.read(g.json())).contains(g);
        assertThat(Generation.read("{\"active\":\"unknown\",\"generation\":0}").orElseThrow().active()).isNull();
        assertThat(Generation.read("<html>")).isEmpty();
    }

    @Test void only_nginx_s_open_connections_to_the_colour_count_as_held() {
        String table = """
              sl  local_address rem_address   st
               0: 020012AC:9C40 040012AC:0BC0 01 00000000:00000000
               1: 020012AC:9C41 040012AC:0BC0 06 00000000:00000000
               2: 020012AC:9C42 050012AC:0BC0 01 00000000:00000000
               3: 020012AC:9C43 040012AC:0BC1 01 00000000:00000000
            """;
        assertThat(Nginx.established(table, List.of("172.18.0.4"), 3008)).isEqualTo(1);
        assertThat(Nginx.established(table, List.of("172.18.0.4", "172.18.0.5"), 3008)).isEqualTo(2);
    }

    @ParameterizedTest @ValueSource(strings = {"; rm -rf /", "../x", "", "-rf", "a b", "1.0\n", "$(id)", "ä"})
    void a_hostile_version_is_refused(String version) {
        assertThat(catchThrowableOfType(Failure.class, () -> Image.requireVersion(version)).code)
            .isEqualTo(ExitCode.USAGE);
    }

    @Test void a_version_of_128_characters_is_the_longest() {
        Image.requireVersion("1".repeat(128));
        assertThat(catchThrowableOfType(Failure.class, () -> Image.requireVersion("1".repeat(300)))).isNotNull();
    }

    @Test void a_smoke_request_s_answer() {
        var request = new SmokeRequest("GET", "/", 200, "visits: \\d+", Duration.ofMillis(100));
        assertThat(request.wrong(200, "a page\nvisits: 17\n", Duration.ofMillis(5))).isEmpty();
        assertThat(request.wrong(500, "visits: 17", Duration.ofMillis(5))).contains("HTTP 500, not 200");
        assertThat(request.wrong(200, "no visit", Duration.ofMillis(5)).orElseThrow()).contains("visits: \\d+");
        assertThat(request.wrong(200, "visits: 17", Duration.ofMillis(101)).orElseThrow()).contains("more than");
        assertThat(new SmokeRequest("GET", "/", 200, "{\"a\":1}", Duration.ofSeconds(1))
            .wrong(200, "{\"a\":1}", Duration.ZERO)).isEmpty();      // no regular expression
    }
}
