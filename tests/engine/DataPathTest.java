import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import lib.http.Connection;
import lib.nginx.AccessLog;
import lib.nginx.AccessLogReader;
import lib.process.Command;
import load.Clients;
import load.Project;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What may happen to Nginx's data path and its log, under strict clients: no other request may notice. Green serves,
 * blue is warm.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag(All.QUIET)
class DataPathTest {
    private static final int CLIENTS = 20;
    private static Project project;

    @BeforeAll static void up() throws IOException {
        String fixture = Bluegreen.HOME.resolve("tests/fixtures/faulty").toString();
        project = Bluegreen.project("path")
            .configure("drain: 1s\nvariables: {SHUTDOWN_SETTLE: 0}")
            .variable("BLUEGREEN_BUILD_DOCKERFILE", fixture + "/Dockerfile")
            .variable("BLUEGREEN_COMPOSE_FILES",
                Bluegreen.HOME.resolve("compose/docker-compose.blue-green.yml") + "," + fixture + "/small-log.yml");
        Bluegreen.ok(project, "deploy", "--version", "1", "--monitor", "0s");
        Bluegreen.ok(project, "deploy", "--version", "2", "--monitor", "0s");
    }

    @AfterAll static void down() throws IOException { project.close(); }

    private static void edit(String from, String to) throws IOException { edit("nginx.conf", from, to); }

    private static void edit(String name, String from, String to) throws IOException {
        Path conf = project.folder.resolve("nginx").resolve(name);
        assertThat(Files.readString(conf)).contains(from);
        Files.writeString(conf, Files.readString(conf).replace(from, to));
    }

    private static Clients clients(String path) {
        return Clients.start(CLIENTS, "127.0.0.1", project.http, path, Duration.ofMillis(20));
    }

    private static Connection.Answer ask(String method, String path) throws IOException {
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            return connection.send(method, path, method.equals("GET") ? null : "x");
        }
    }

    // Nobody reads Nginx's output.

    /** The process that reads the container's pipes: stopped, as when the engine hangs. */
    private static long shim() throws IOException {
        String id = Bluegreen.id(project, "nginx");
        return ProcessHandle.allProcesses()
            .filter(
                p -> p.info().commandLine().filter(c -> c.contains("containerd-shim") && c.contains(id)).isPresent())
            .mapToLong(ProcessHandle::pid)
            .findFirst()
            .orElseThrow();
    }

    private static void signal(String name, long pid) {
        assertThat(Command.of(Duration.ofSeconds(5), "kill", "-" + name, String.valueOf(pid)).run().ok())
            .as("needs root")
            .isTrue();
    }

    /** The longest URI that the log takes fills a pipe of 64 KB within a second. */
    private static Clients.Window unread() throws Exception {
        long shim = shim();
        try (var load = clients("/" + "long".repeat(120))) {
            Thread.sleep(1500);
            long from = System.currentTimeMillis();
            signal("STOP", shim);
            try {
                Thread.sleep(6000);
            } finally {
                signal("CONT", shim);
            }
            load.close();
            return load.window(from + 3000, from + 6000);
        }
    }

    @Test @Order(1)
    void nobody_reads_the_container_s_output() throws Exception {
        var window = unread();
        assertThat(window.failed()).isZero();
        assertThat(window.requests()).as("begun in its last 3 s").isGreaterThan(50);
    }

    @Test @Order(2)
    void with_the_log_in_that_pipe_the_workers_stand_still() throws Exception {
        edit("access_log /var/log/bluegreen/access.jsonl", "access_log /dev/stdout");
        assertThat(Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh").code()).isZero();
        assertThat(unread().requests()).as("begun in the last 3 s of it").isZero();
        edit("access_log /dev/stdout", "access_log /var/log/bluegreen/access.jsonl");
        assertThat(Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh").code()).isZero();
    }

    @Test @Order(3)
    void an_error_of_nginx_is_in_the_container_s_log() throws Exception {
        ask("GET", "/odd/headers/30000");
        Thread.sleep(1500);
        assertThat(load.Docker.call("logs", "--tail", "2000", Bluegreen.id(project, "nginx")).err())
            .as("behind what old workers still had to say of requests")
            .contains("too big header");
    }

    // The log itself.

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test @Order(5)
    void a_full_disk_loses_lines_and_no_request() throws Exception {
        var reader = new AccessLogReader(lib.docker.Engine.here(), Instant.now());
        try (var load = clients("/api/echo")) {
            Thread.sleep(1000);
            assertThat(Bluegreen.nginx(project, "dd", "if=/dev/zero", "of=/var/log/bluegreen/filler", "bs=64k").err())
                .contains("No space left");
            Thread.sleep(3000);
            reader.read(Bluegreen.id(project, "nginx"), LIMIT, _ -> true);
            assertThat(reader.isFull()).isTrue();
            load.close();
            assertThat(load.failed()).as(load.failures().toString()).isZero();
            assertThat(load.requests()).isGreaterThan(100);
        } finally {
            Bluegreen.nginx(project, "rm", "/var/log/bluegreen/filler");
        }
        reader.read(Bluegreen.id(project, "nginx"), LIMIT, _ -> true);
        assertThat(reader.isFull()).isFalse();
    }

    @Test @Order(4)
    void each_line_is_read_once_across_a_rotation() throws Exception {
        var seen = new ArrayList<String>();
        var began = Instant.now();
        var reader = new AccessLogReader(lib.docker.Engine.here(), began);
        Callable<Boolean> read = () -> {
            reader.read(Bluegreen.id(project, "nginx"), LIMIT, line -> {
                AccessLog.read(line)
                    .filter(r -> !r.at().isBefore(began))
                    .map(AccessLog::uri)
                    .filter(u -> u.startsWith("/counted/"))
                    .ifPresent(seen::add);
                return true;
            });
            return true;
        };
        String inode = Bluegreen.nginx(project, "stat", "-c", "%i", "/var/log/bluegreen/access.jsonl").out();
        try (var connection = new Connection("127.0.0.1", project.http, Duration.ofSeconds(10))) {
            for (int i = 0; i < 400; i++) {
                assertThat(connection.get("/counted/" + i).status()).isEqualTo(200);
                // Whole lines at a time: Nginx appends beside it.
                if (i == 100)
                    Bluegreen.nginx(project, "sh", "-c",
                        "yes $(printf %0999d 0) | dd bs=100000 count=200 iflag=fullblock oflag=append conv=notrunc of=/var/log/bluegreen/access.jsonl 2>/dev/null");
                if (i % 50 == 0) read.call();
                Thread.sleep(10);
            }
        }
        Thread.sleep(1500);
        read.call();
        assertThat(Bluegreen.nginx(project, "stat", "-c", "%i", "/var/log/bluegreen/access.jsonl.1").out())
            .as("rotated")
            .isEqualTo(inode);
        assertThat(seen).doesNotHaveDuplicates().hasSize(400);
    }

    // A few odd requests.

    @Test @Order(6)
    void odd_requests_move_nobody_else() throws Exception {
        assertThat(ask("GET", "/odd/headers/12000").status()).isEqualTo(200);
        edit("settings-http.conf", "proxy_read_timeout 60s;", "proxy_read_timeout 4s;");
        assertThat(Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh").code()).isZero();
        try (var load = clients("/api/echo"); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Thread.sleep(500);
            var odd = new ArrayList<Callable<Integer>>();
            for (int i = 0; i < 4; i++) {
                odd.add(() -> ask("GET", "/odd/headers/30000").status());
                odd.add(() -> ask("POST", "/odd/hang").status());
                odd.add(() -> ask("GET", "/odd/reset").status());
                odd.add(() -> ask("POST", "/odd/reset").status());
            }
            var statuses = new ArrayList<Integer>();
            for (var each : threads.invokeAll(odd)) statuses.add(each.get());
            Thread.sleep(500);
            load.close();
            assertThat(statuses).containsOnly(502);
            assertThat(load.failed()).as(load.failures().toString()).isZero();
            assertThat(load.all().green()).isGreaterThan(50);
            assertThat(load.all().blue()).as("moved to the other colour").isZero();
        } finally {
            edit("settings-http.conf", "proxy_read_timeout 4s;", "proxy_read_timeout 60s;");
            assertThat(Bluegreen.nginx(project, "sh", "/etc/nginx/bluegreen/reload.sh").code()).isZero();
        }
    }

    @Test @Order(7)
    void a_killed_colour_is_left_by_every_later_request() throws Exception {
        String green = Bluegreen.id(project, lib.core.Colour.GREEN);
        try (var load = clients("/api/echo")) {
            Thread.sleep(1000);
            Faults.docker("kill", green);
            long killed = System.currentTimeMillis();
            Thread.sleep(8000);
            load.close();
            var later = load.window(killed + 200, Long.MAX_VALUE);
            assertThat(later.failed()).as(load.failures().toString()).isZero();
            assertThat(load.failed()).as("in flight").isLessThanOrEqualTo(CLIENTS);
            assertThat(later.max()).as("ms, the slowest").isLessThan(5000);
            assertThat(load.window(killed + 5000, Long.MAX_VALUE).max())
                .as("ms, once its address is gone")
                .isLessThan(1500);
        } finally {
            Faults.docker("start", green);
        }
    }
}
