package lib.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.process.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy keys as Nginx's configuration. What Nginx makes of it, ProxyTest sees. */
class NginxSettingsTest {
    private static final Path HOME = Path.of(System.getenv("BLUEGREEN_HOME"));
    @TempDir Path project;

    private NginxSettings of(String... lines) throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), String.join("\n", lines));
        return NginxSettings.of(Config.load(project, Map.of()));
    }

    private static String text(NginxSettings settings, String name) {
        return new String(settings.files().get(name), StandardCharsets.UTF_8);
    }

    /** {@code ./bluegreen test --unit NginxSettings --write-docs} writes them. */
    @Test void the_files_in_nginx_are_those_of_the_defaults() throws IOException {
        for (var file : of().files().entrySet()) {
            Path there = HOME.resolve("nginx").resolve(file.getKey());
            if (Boolean.getBoolean("bluegreen.write-docs")) Files.write(there, file.getValue());
            assertThat(Files.readString(there)).isEqualTo(new String(file.getValue(), StandardCharsets.UTF_8));
        }
    }

    @Test void old_workers_live_longer_than_the_longest_answer() throws IOException {
        assertThat(text(of("proxy: {read-timeout: 5m}"), "settings-main.conf"))
            .contains("worker_shutdown_timeout 330s;");
        assertThat(text(of("proxy: {read-timeout: 2s}"), "settings-main.conf"))
            .contains("worker_shutdown_timeout 90s;");
    }

    @Test void a_streamed_body_is_never_sent_twice() throws IOException {
        assertThat(text(of("proxy: {stream-uploads: on, body-size: 200MB}"), "settings-http.conf"))
            .contains("client_max_body_size 200000000;", "proxy_request_buffering off;")
            .contains("$sent { ~[1-9] 1; default $bodied; }");
    }

    @Test void behind_a_balancer_the_redirect_goes_to_the_usual_port_and_directly_to_ours() throws IOException {
        var settings = of("redirect: https", "ports: {https: 8443}", "proxy: {trusted: [10.0.0.0/8, 2001:db8::/32]}");
        assertThat(text(settings, "settings-http.conf"))
            .as("not on the control port")
            .doesNotContain("set_real_ip_from")
            .contains("default 0; 10.0.0.0/8 1; 2001:db8::/32 1;")
            .contains("map $in_front-$server_port$visitor_scheme $https_host"
                + " { 1-80http $host; 1-443http $host; 0-80http $host:8443; default \"\"; }")
            .contains("max-age=15768000");
        assertThat(text(settings, "settings-server.conf"))
            .contains("set_real_ip_from 10.0.0.0/8;", "set_real_ip_from 2001:db8::/32;");
        assertThat(text(of("redirect: https", "proxy: {hsts: 0s}"), "settings-http.conf"))
            .contains("map $server_port$visitor_scheme $https_host { 80http $host; default \"\"; }")
            .contains("$hsts { https \"\"; default \"\"; }");
    }

    @Test void a_name_that_is_nobodys_is_asked_for_before_any_location() throws IOException {
        var settings = of("proxy: {hosts: [Shop.example, '*.shop.example']}");
        assertThat(text(settings, "settings-http.conf"))
            .contains("map $host $misdirected", "    shop.example 0;\n    *.shop.example 0;\n");
        assertThat(text(settings, "settings-server.conf")).contains("if ($misdirected) { return 421; }");
        for (String wrong : List.of("shop", "a..b", "x.example;", "http://x.example", "x.example:80", "10.0.0.1/8"))
            assertThatThrownBy(() -> of("proxy: {hosts: ['" + wrong + "']}")).as(wrong).isInstanceOf(Failure.class);
    }

    @Test void each_colour_has_an_upstream_of_its_own_for_grpc() throws IOException {
        String http = text(of("proxy: {grpc: on}", "ports: {app: 50051}"), "settings-http.conf");
        assertThat(http.lines().filter(l -> l.startsWith("upstream grpc-app-"))).hasSize(5);
        assertThat(http)
            .contains(
                "server app-green:50051 resolve max_fails=0;\n    server app-blue:50051 resolve max_fails=0 backup;");
        assertThat(text(of(), "settings-http.conf")).doesNotContain("grpc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"body-size: 0B", "body-size: 5TiB", "body-size: '1m; }'", "read-timeout: 500ms",
        "idle-timeout: 25h", "header-size: 100B", "stream-uploads: maybe", "gzip: 'on; }'", "hsts: ever",
        "unbuffered: ['/a b']", "unbuffered: ['/a\";}']", "unbuffered: [a]", "unbuffered: ['/$uri']",
        "trusted: [10.0.0.0/33]", "trusted: [300.1.1.1]", "trusted: [example.com]", "trusted: ['10.1; }']",
        "trusted: ['unix:']", "trusted: [10.1]", "trusted: ['::/129']"})
    void what_could_be_more_than_a_value_is_refused(String key) {
        assertThatThrownBy(() -> of("proxy: {" + key + "}"))
            .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.code).isEqualTo(ExitCode.USAGE))
            .hasMessageContaining("proxy." + key.substring(0, key.indexOf(':')));
    }

    @Test void what_was_told_is_told_again_and_what_differs_by_key() throws IOException {
        var one = of("proxy: {body-size: 1MB}");
        assertThat(one.told()).isEqualTo(of("proxy: {body-size: 1MB}").told());
        var differs = new TreeMap<>(of("proxy: {body-size: 2MB}").told());
        differs.entrySet().removeAll(one.told().entrySet());
        assertThat(differs.keySet()).containsExactly("proxy.body-size", "rendered");
        assertThat(text(one, "settings-control.conf")).contains("\"proxy.body-size\":\"1000000\"");
    }

    @Test void a_file_of_the_project_s_is_told_by_its_content() throws IOException {
        Files.writeString(project.resolve("own.conf"), "location = /a { return 204; }");
        var first = of("proxy: {include: own.conf}");
        assertThat(text(first, "own.conf")).contains("return 204");
        Files.writeString(project.resolve("own.conf"), "location = /a { return 205; }");
        assertThat(of("proxy: {include: own.conf}").told().get("proxy.include"))
            .isNotEqualTo(first.told().get("proxy.include"));
    }

    @Test void a_file_that_cannot_be_read_or_is_no_configuration_is_named_with_its_key() throws IOException {
        assertThatThrownBy(() -> of("proxy: {include: gone.conf}"))
            .hasMessageStartingWith("proxy.include: cannot read")
            .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.code).isEqualTo(ExitCode.PREFLIGHT));
        Files.write(project.resolve("large.html"), new byte[100_000]);
        assertThatThrownBy(() -> of("proxy: {page-502: large.html}")).hasMessageContaining("more than 65536 bytes");
    }

    @Test void a_certificate_comes_with_its_key_and_is_valid_today() throws IOException {
        assertThatThrownBy(() -> of("tls: {certificate: a.crt}"))
            .hasMessage("tls.certificate and tls.key come together");
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=localhost", "-days", "30", "-keyout", "a.key", "-out", "a.crt");
        var settings = of("tls: {certificate: a.crt, key: a.key}");
        String secret = Files.readString(project.resolve("a.key")).lines().skip(1).findFirst().orElseThrow();
        assertThat(text(settings, "tls.key")).contains(secret);
        assertThat(settings.toString() + settings.told() + text(settings, "settings-control.conf"))
            .doesNotContain(secret);
        assertThat(text(settings, "settings-server.conf")).contains("ssl_certificate tls.crt;");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        run(keytool, "-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-startdate", "2020/01/01 00:00:00",
            "-validity", "365", "-keystore", "b.p12", "-storepass", "changeit");
        run(keytool, "-exportcert", "-rfc", "-keystore", "b.p12", "-storepass", "changeit", "-file", "b.crt");
        assertThatThrownBy(() -> of("tls: {certificate: b.crt, key: a.key}")).hasMessageContaining("expired 2020-12-3");
        Files.writeString(project.resolve("a.crt"), "no certificate");
        assertThatThrownBy(() -> of("tls: {certificate: a.crt, key: a.key}"))
            .hasMessageContaining("no certificate in PEM");
    }

    private void run(String... command) {
        var said = Command.of(Duration.ofSeconds(20), command).in(project).run();
        assertThat(said.ok()).as(said.out() + said.err()).isTrue();
    }
}
