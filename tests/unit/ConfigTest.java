package lib.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import lib.core.ExitCode;
import lib.core.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    @TempDir Path project;

    private Config load(String yaml, Optional<String> environment, Map<String, String> flags) throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), yaml);
        return Config.load(project, Optional.empty(), environment, flags);
    }

    private Failure refused(String yaml) {
        var failure = catchThrowableOfType(Failure.class, () -> load(yaml, Optional.empty(), Map.of()));
        assertThat(failure.code).isEqualTo(ExitCode.USAGE);
        return failure;
    }

    @Test void an_empty_folder_has_the_plan_s_defaults() {
        var c = Config.load(project, Map.of());
        assertThat(c.ports().blue()).isEqualTo(3009);
        assertThat(c.ports().green()).isEqualTo(3010);
        assertThat(c.health().path()).isEqualTo("/api/health");
        assertThat(c.health().timeout()).isEqualTo(Duration.ofMinutes(3));
        assertThat(c.drain()).isEqualTo(Duration.ofSeconds(30));
        assertThat(c.monitor()).isEqualTo(Duration.ofMinutes(2));
        assertThat(c.thresholds().latency()).isEqualTo(Duration.ofMillis(200));
    }

    @Test void the_commented_file_in_the_repository_shows_each_default_as_it_is() throws IOException {
        var home = Path.of(System.getenv("BLUEGREEN_HOME"));
        var lines = Files.readString(home.resolve("bluegreen.yaml"))
            .lines()
            .dropWhile(l -> !l.startsWith("# Every key"))
            .skip(2)
            .map(l -> l.replaceFirst("^# ?", ""))
            .toList();
        assertThat(load(String.join("\n", lines), Optional.empty(), Map.of()))
            .isEqualTo(load("", Optional.empty(), Map.of()));
    }

    @Test void flags_win_over_the_environment_s_section_and_that_over_the_file() throws IOException {
        String yaml = "monitor: 10s\ndrain: 11s\nports: {http: 81}\nenvironments:\n  production:\n    monitor: 20s\n    drain: 21s\n";
        var c = load(yaml, Optional.of("production"), Map.of("drain", "31s"));
        assertThat(c.ports().http()).isEqualTo("81");
        assertThat(c.monitor()).isEqualTo(Duration.ofSeconds(20));
        assertThat(c.drain()).isEqualTo(Duration.ofSeconds(31));
    }

    @Test void an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
        var f = refused("app: shop\nhealth:\n  pth: /x\n");
        assertThat(f).hasMessage("bluegreen.yaml line 3: unknown key 'health.pth'");
        assertThat(f.why().orElseThrow()).contains("health.path");
    }

    @Test void an_unknown_section_is_refused_too() {
        assertThat(refused("app: shop\nport:\n  http: 80\n").why().orElseThrow()).contains("ports");
    }

    @Test void a_key_in_an_environment_is_checked_as_well() {
        assertThat(refused("environments:\n  production:\n    moniter: 5s\n"))
            .hasMessageContaining("line 3")
            .hasMessageContaining("moniter");
    }

    @Test void a_key_given_twice_is_refused() {
        assertThat(refused("monitor: 1s\nmonitor: 2s\n")).hasMessageContaining("line 2").hasMessageContaining("twice");
    }

    @ParameterizedTest
    @CsvSource({"'ports: {http: 70000}',port", "'ports: {control: abc}',port", "monitor: fast,duration",
        "monitor: '',duration",
        "switching: maybe,instant or reload", "'thresholds: {errors: 120%}',percentage",
        "'health: {path: nope}',begins with /", "'health: {require: [colour]}',status"})
    void a_bad_value_is_refused_with_what_it_must_be(String yaml, String hint) {
        var f = refused(yaml.endsWith(": ") ? yaml + "''" : yaml);
        assertThat(f).hasMessageContaining("line 1");
        assertThat(f.why().orElseThrow()).contains(hint);
    }

    @ParameterizedTest
    @CsvSource({"'http: 443',ports.http,ports.https", "'http: 127.0.0.1:9180',ports.http,ports.control",
        "'http: 9180',ports.http,ports.control", "'https: 0.0.0.0:3010',ports.https,ports.green",
        "'https: \"[::]:80\"',ports.http,ports.https", "'control: 3009',ports.control,ports.blue",
        "'blue: 3010',ports.blue,ports.green"})
    void equal_ports_are_refused_with_both_keys(String ports, String one, String other) {
        var f = refused("ports: {" + ports + "}\n");
        assertThat(f.getMessage()).startsWith(one + " and " + other + " are the same port, ");
        assertThat(f.next().orElseThrow()).isEqualTo("--set " + other + "=PORT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http: 10.0.0.1:8080, https: 10.0.0.2:8080", "http: 10.0.0.1:9180", "app: 80",
        "https: '[::1]:3009'"})
    void a_port_on_another_address_or_inside_the_container_is_another_one(String ports) throws IOException {
        assertThat(load("ports: {" + ports + "}\n", Optional.empty(), Map.of()).app()).isEqualTo("app");
    }

    @Test void smoke_requests_have_defaults_and_an_environment_s_list_replaces_the_file_s() throws IOException {
        String yaml = "smoke:\n  - {path: /a, body: x}\n  - {method: POST, path: /b, status: 201, time: 500ms}\nenvironments:\n  production:\n    smoke:\n      - path: /c\n";
        assertThat(load(yaml, Optional.empty(), Map.of()).smoke())
            .containsExactly(new SmokeRequest("GET", "/a", 200, "x", Duration.ofSeconds(2)),
                new SmokeRequest("POST", "/b", 201, "", Duration.ofMillis(500)));
        assertThat(load(yaml, Optional.of("production"), Map.of()).smoke()).containsExactly(SmokeRequest.get("/c"));
        assertThat(load("smoke: []\n", Optional.empty(), Map.of()).smoke()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"pth: /x,did you mean 'path',3", "status: 99,an HTTP status,3", "path: x,begins with /,3",
        "method: FETCH,GET,3", "body: [a],plain value,3"})
    void a_bad_smoke_request_is_refused_with_its_line(String line, String hint, int at) {
        var f = refused("smoke:\n  - path: /\n  - " + line + "\n");
        assertThat(f).hasMessageContaining("line " + at);
        assertThat(f.whatAndWhy()).contains(hint);
    }

    @ParameterizedTest
    @CsvSource({"'smoke: yes',must be a list", "'smoke: {path: /}',must be a list", "'smoke: [/]',key: value",
        "'smok: []',did you mean 'smoke'"})
    void what_is_no_list_of_smoke_requests_is_refused(String yaml, String hint) {
        var f = refused(yaml + "\n");
        assertThat(f.whatAndWhy()).contains("line 1").contains(hint);
    }

    @Test void broken_yaml_is_refused_with_its_line() {
        assertThat(refused("app: shop\nports: {http: 80\nmonitor: 5s\n")).hasMessageContaining("bluegreen.yaml line");
    }

    @Test void an_unknown_environment_names_the_known_ones() {
        var f = catchThrowableOfType(Failure.class,
            () -> load("environments:\n  production: {monitor: 5s}\n", Optional.of("prod"), Map.of()));
        assertThat(f.why().orElseThrow()).contains("production");
    }

    @ParameterizedTest @CsvSource({"500ms,500", "30s,30000", "3m,180000", "2m30s,150000", "24h,86400000"})
    void durations(String text, long millis) {
        assertThat(Config.duration(text).toMillis()).isEqualTo(millis);
    }

    @ParameterizedTest @CsvSource({"''", "5", "1d", "s", "-3s", "3 s x"})
    void what_is_no_duration_is_refused(String text) {
        assertThat(catchThrowableOfType(Failure.class, () -> Config.duration(text)).code).isEqualTo(ExitCode.USAGE);
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
