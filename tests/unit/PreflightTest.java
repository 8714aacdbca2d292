package lib.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.PercentEncoding;
import lib.core.Size;
import lib.stack.Stack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("quiet")
class PreflightTest {
    @TempDir Path project;

    private List<Check.Outcome> outcomes(Duration limit, Check... checks) throws InterruptedException {
        try (var facts = new Facts(new Stack(Config.load(project, Map.of())),
            project.resolve("bluegreen.yaml"), null, limit)) {
            return Preflight.run(List.of(checks), facts, limit, _ -> {})
                .results()
                .stream()
                .map(Check.Result::outcome)
                .toList();
        }
    }

    @Test void a_check_that_hangs_fails_at_its_limit_and_holds_up_no_other() throws InterruptedException {
        long began = System.nanoTime();
        var found = outcomes(Duration.ofMillis(500), new Check("hangs", _ -> {
            Thread.sleep(60_000);
            return Check.pass("never");
        }), new Check("good", _ -> Check.pass("fine")));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(found.getFirst()).isInstanceOf(Check.Outcome.Fail.class);
        assertThat(found.getFirst().reason()).contains("no answer within");
        assertThat(found.getLast()).isEqualTo(Check.pass("fine"));
    }

    @Test void checks_run_at_the_same_time() throws InterruptedException {
        long began = System.nanoTime();
        outcomes(Duration.ofSeconds(10), Stream.generate(() -> new Check("slow", _ -> {
            Thread.sleep(300);
            return Check.pass("");
        })).limit(20).toArray(Check[]::new));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    }

    @Test void what_several_checks_miss_is_the_fail_of_the_first_one_only() throws InterruptedException {
        Check.Look broken = _ -> { throw Failure.preflight("Docker is not running", "no socket", "start it"); };
        var found = outcomes(Duration.ofSeconds(5), new Check("docker", broken), new Check("disk", broken),
            new Check("other", _ -> {
                throw new IOException("odd");
            }));
        assertThat(found.get(0)).isEqualTo(Check.fail("Docker is not running: no socket", "start it"));
        assertThat(found.get(1)).isInstanceOf(Check.Outcome.Skip.class);
        assertThat(found.get(2)).isInstanceOf(Check.Outcome.Fail.class);
    }

    @Test void each_check_has_its_row_in_the_docs() throws IOException {
        Path docs = Path.of(System.getenv("BLUEGREEN_HOME")).resolve("docs/validate.md");
        assertThat(Files.readString(docs))
            .contains(Preflight.checks().stream().map(check -> "\n| " + check.name() + " |").toList());
    }

    @Test void nginx_s_configuration_is_read_with_its_blocks_quotes_and_variables() {
        var config = NginxConfig.parse("""
            # configuration file /etc/nginx/nginx.conf:
            worker_shutdown_timeout 1m30s;   # a ; and a { in a comment
            http {
                log_format x '{"a":"$b";' "}";
                set $y pre${name}post;
                server { location ~ "^/a{2}$" { proxy_read_timeout 5s; } location / { proxy_read_timeout 75; }
                  location @stream { proxy_buffering off; proxy_read_timeout 1h; } }
                upstream app { server app:80 resolve; keepalive_timeout 4s; }
            }
            """);
        assertThat(config.all("log_format").getFirst().arguments()).containsExactly("x", "{\"a\":\"$b\";", "}");
        assertThat(config.all("set").getFirst().arguments()).containsExactly("$y", "pre${name}post");
        assertThat(config.all("location").getFirst().arguments()).containsExactly("~", "^/a{2}$");
        assertThat(config.longest("proxy_read_timeout", Duration.ZERO)).isEqualTo(Duration.ofSeconds(75));
        assertThat(config.longest("worker_shutdown_timeout", Duration.ZERO)).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.longest("keepalive_min_timeout", Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.all("upstream").getFirst().own("keepalive_timeout").orElseThrow().first()).isEqualTo("4s");
        assertThat(config.all("server")).hasSize(2);
    }

    @Test void the_configuration_of_this_repository_is_read_whole() throws IOException {
        Path nginx = Path.of(System.getenv("BLUEGREEN_HOME")).resolve("nginx");
        String all = "";
        for (String name : List.of("nginx.conf", "upstream.conf", "server.conf", "settings-main.conf"))
            all += Files.readString(nginx.resolve(name)) + "\n";
        var config = NginxConfig.parse(all);
        assertThat(config.all("upstream").stream().map(NginxConfig.Directive::first))
            .containsExactly("app-blue", "app-green", "app-blue-backed", "app-green-backed", "app-any");
        assertThat(config.all("listen")).hasSize(4);
        assertThat(config.directives().stream().map(NginxConfig.Directive::name).collect(Collectors.toSet()))
            .containsOnly("user", "worker_processes", "worker_rlimit_nofile", "pid", "pcre_jit", "working_directory",
                "error_log",
                "worker_shutdown_timeout", "events", "http", "upstream", "server", "include");
    }

    @ParameterizedTest
    @CsvSource({"app-blue:3008,true", "10.0.0.7:80,false", "unix:/run/app.sock,false", "'[::1]:80',false", "app,true"})
    void names_and_addresses(String server, boolean name) { assertThat(NginxChecks.isName(server)).isEqualTo(name); }

    /** What is found of an app that answers, then holds the idle connection for a while. */
    private static Check.Outcome held(String header, Duration appHolds, Duration nginxKeeps, Duration left)
        throws IOException {
        try (var server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> {
                try (var socket = server.accept()) {
                    var in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
                    while (!in.readLine().isEmpty()) continue;
                    socket.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\n" + header + "Content-Length: 2\r\n\r\nok").getBytes());
                    Thread.sleep(appHolds);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            return NginxChecks.holds("blue", server.getLocalPort(), "/", nginxKeeps, left);
        }
    }

    @Test void an_app_that_closes_an_idle_connection_before_nginx_does_is_found() throws IOException {
        var ms = Duration.ofMillis(1);
        assertThat(held("", ms.multipliedBy(300), ms.multipliedBy(200), ms.multipliedBy(9000)))
            .isInstanceOf(Check.Outcome.Fail.class);
        assertThat(held("", ms.multipliedBy(3000), ms.multipliedBy(200), ms.multipliedBy(9000)))
            .isInstanceOf(Check.Outcome.Pass.class);
        assertThat(held("", ms.multipliedBy(3000), ms.multipliedBy(60_000), ms.multipliedBy(200)))
            .isInstanceOf(Check.Outcome.Warn.class);
        assertThat(
            held("Keep-Alive: timeout=5\r\n", ms.multipliedBy(3000), ms.multipliedBy(60_000), ms.multipliedBy(200)))
            .isInstanceOf(Check.Outcome.Fail.class);
        assertThat(held("Connection: close\r\n", ms, ms.multipliedBy(200), ms.multipliedBy(9000)))
            .isInstanceOf(Check.Outcome.Warn.class);
    }

    @Test void df() {
        assertThat(HostChecks.available(
            "Filesystem     1024-blocks     Used Available Capacity Mounted on\noverlay          264212084 28182768  78208144      27% /\n"))
            .hasValue(78208144L * 1024);
        assertThat(HostChecks.available("df: not found")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"5GB,5000000000", "1.5 TB,1500000000000", "102.1MiB,107059609", "512kb,512000", "0B,0"})
    void sizes(String text, long bytes) { assertThat(Size.parse(text)).isEqualTo(bytes); }

    @ParameterizedTest @CsvSource({"''", "5", "GB", "-1GB", "5 GBB"})
    void what_is_no_size_is_refused(String text) {
        assertThat(catchThrowableOfType(Failure.class, () -> Size.parse(text)).code).isEqualTo(ExitCode.USAGE);
    }

    @Test void a_size_for_a_person() {
        assertThat(Size.text(80_100_000_000L)).isEqualTo("80 GB");
        assertThat(Size.text(4_210_000_000L)).isEqualTo("4.2 GB");
        assertThat(Size.text(999)).isEqualTo("999 B");
    }

    @Test void a_service_s_url() {
        var full = Service.parse("postgres://us%40er:p@ss/#w%25rd@db:5433/shop?schema=public&sslmode=require", "5432")
            .orElseThrow();
        assertThat(full)
            .isEqualTo(new Service("postgres", "us@er", "p@ss/#w%rd", "db", "5433", "shop",
                Map.of("schema", "public", "sslmode", "require")));
        assertThat(Service.parse("redis://:secret@redis", "6379").orElseThrow())
            .isEqualTo(new Service("redis", "", "secret", "redis", "6379", "", Map.of()));
        assertThat(Service.parse("redis:6379", "6379")).isEmpty();
    }

    @ParameterizedTest @CsvSource({"pa@ss/wo#rd", "p?a:s&s=%41", "a@b/c@d", "x"})
    void the_password_of_a_service_s_url_may_hold_what_ends_a_url(String password) {
        for (String written : List.of(password.replace("%", "%25"), PercentEncoding.encoded(password)))
            assertThat(Service.parse("postgres://app:" + written + "@db/shop?application_name=a@b", "5432")
                .map(Service::password)).as(written).contains(password);
        assertThat(Service.parse(
            "postgres://app:" + PercentEncoding.encoded(password) + "@db/shop?application_name=a@b", "5432"))
            .contains(
                new Service("postgres", "app", password, "db", "5432", "shop", Map.of("application_name", "a@b")));
    }

}
