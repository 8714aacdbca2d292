package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Json;
import lib.docker.Compose;
import lib.docker.FakeEngine;
import lib.docker.Schema;
import lib.http.Connection;
import lib.http.Probe;
import lib.journal.Journal;
import lib.nginx.AccessLog;
import lib.nginx.Drain;
import lib.nginx.Generation;
import lib.nginx.Holding;
import lib.nginx.Reach;
import lib.secrets.Redaction;
import lib.stack.Stack;
import lib.state.State;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each reader on valid samples that were damaged at random: it gives a value, an empty result or a Failure, soon, and
 * nothing else. The seed is fixed; FUZZ_SECONDS=600 ./bluegreen test FuzzTest runs longer, FUZZ_SEED elsewhere.
 */
class FuzzTest {
    @TempDir Path project;
    private static final double SECONDS = Double.parseDouble(System.getenv().getOrDefault("FUZZ_SECONDS", "4"));
    private static final long SEED = Long.parseLong(System.getenv().getOrDefault("FUZZ_SEED", "20251203"));
    private static final Duration LIMIT = Duration.ofSeconds(2);      // of one run, on a loaded machine

    private interface Reader { void read(byte[] input) throws Exception; }

    private static final String GENERATION = "{\"active\":\"blue\",\"generation\":17,\"version\":\"1.0.1\",\"weights\":{\"blue\":95,\"green\":5},\"backed\":true,\"via\":\"instant\"}";
    private static final String LINE = "{\"time\":\"2025-12-03T10:15:00+00:00\",\"at\":1764756900.123,\"deployment\":\"green\",\"generation\":17,\"method\":\"POST\",\"uri\":\"/api/orders\",\"status\":200,"
        + "\"bytes\":16,\"seconds\":0.012,\"upstream\":\"172.18.0.4:3008, 172.18.0.5:3008\",\"upstream_status\":\"502, 200\",\"upstream_seconds\":\"0.001, 0.010\",\"client\":\"10.0.0.1\",\"request_id\":\"abc\"}";
    private static final String JOURNAL = "{\"at\":\"2025-12-03T10:15:00Z\",\"run\":\"deploy-20251203T101500Z-4711\",\"step\":\"run\",\"phase\":\"begin\",\"version\":\"1.0.1\"}\n"
        + "{\"at\":\"2025-12-03T10:15:01Z\",\"run\":\"deploy-20251203T101500Z-4711\",\"step\":\"switch\",\"phase\":\"done\",\"to\":\"green\",\"ms\":40}\n";
    private static final String ENVIRONMENT = "# Written by bluegreen.\nAPP_BLUE_IMAGE='sha256:" + "0a".repeat(32)
        + "'\nAPP_BLUE_VERSION='1.0.1'\nHEALTH_PATH='/api/health'\nSECRET=\"a\\\"b\\\\n\"\n";

    private static final String LOG = "{\"name\":\"DB_PASSWORD\",\"value\":\"a\"} GET /?next=%2Fa%3Ftoken%3Db%26c [\"--password\",\"d\"] tokens: [e, {f: 'g'}] postgres://h:i@j/k\n"
        + "password: |\n  l\n  m\n\"keys\": {\n  \"n\": [\"o\"]\n}\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nthe known one: hunter22 hunter%2F22\n";

    static Stream<Arguments> readers() throws IOException {
        String yaml = Files.readString(Path.of(System.getenv("BLUEGREEN_HOME"), "bluegreen.yaml"))
            .replaceAll("(?m)^# ?", "")
            .lines()
            .dropWhile(l -> !l.startsWith("Every key"))
            .skip(2)
            .reduce("", (a, b) -> a + b + "\n");
        return Stream.of(
            Arguments.of("configuration", yaml),
            Arguments.of("configuration",
                "app: shop\nports: &p {http: 80}\nvariables: {A: b}\nenvironments:\n  production: {monitor: 5s, hooks: {pre-build: [a, b]}}\n"),
            Arguments.of("state",
                "{\"active\":\"blue\",\"previous\":\"green\",\"lastSwitch\":\"2025-12-03T10:15:00Z\",\"version\":\"1.0.0\",\"healthy\":true,\"generation\":17,\"format\":1}"),
            Arguments.of("generation", GENERATION), Arguments.of("access log", LINE), Arguments.of("journal", JOURNAL),
            Arguments.of("compose.env", ENVIRONMENT),
            Arguments.of("health answer",
                "{\"status\":\"healthy\",\"deployment\":\"blue\",\"version\":\"1.0.1\",\"checks\":{\"redis\":{\"ok\":true,\"ms\":1}}}"),
            Arguments.of("http answer",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n\r\n"),
            Arguments.of("socket table",
                "   0: 020012AC:9C40 040012AC:0BC0 01 00000000:00000000\n   1: 020012AC:9C41 040012AC:0BC0 06 0:0\n"),
            Arguments.of("log", LOG),
            Arguments.of("labels",
                "bluegreen.schema=7\nbluegreen.schema.lowest=6\nbluegreen.hangup=HUP\nversion=1.0.1"));
    }

    private Reader reader(String what) throws IOException {
        return switch (what) {
            case "configuration" -> in -> {
                Files.write(project.resolve("bluegreen.yaml"), in);
                var config = Config.load(project, Map.of());
                java.net.URI.create(Reach.healthUrl(config, Colour.BLUE));
            };
            case "state" -> in -> {
                Files.write(State.file(project), in);
                if (State.read(project) instanceof State.Read.Known(State s))
                    s.lastSwitch().ifPresent(at -> Console.seconds(Duration.between(at, java.time.Instant.EPOCH)));
            };
            case "generation" -> in -> Generation.read(text(in)).filter(g -> g.active() != null).ifPresent(g -> {
                assertThat(Generation.read(g.json())).contains(g);
                g.routesTo(Colour.BLUE);
            });
            case "access log" ->
                in -> AccessLog.read(text(in)).ifPresent(l -> l.answeredBy().concat(l.uri() + l.failedOver() + l.at()));
            case "journal" -> in -> {
                var config = Config.load(project, Map.of());
                Files.createDirectories(config.folder());
                Files.write(config.folder().resolve("journal.jsonl"), in);
                for (var run : Journal.runs(config))
                    run.command().concat(run.asked("version") + run.inHand() + run.did("switch") + run.endedWith(0));
            };
            case "compose.env" -> in -> {
                var config = Config.load(project, Map.of("compose.files", ""));
                Files.createDirectories(config.folder());
                Files.write(config.folder().resolve("compose.env"), in);
                new Stack(config, new FakeEngine(), Compose.of(config)).composing("ps");
                for (String line : Files.readAllLines(config.folder().resolve("compose.env")))
                    assertThat(line).matches("#.*|[A-Z_]+=('[^']*'|\".*\")");
            };
            case "health answer" -> in -> {
                var answer = new Probe.Answer(200, Json.read(text(in)).filter(n -> n.isObject()).orElse(null), text(in),
                    null, Duration.ZERO, Optional.empty());
                assertThat(answer.wrong(new Probe.Expected(true, Optional.of("1.0.1"), Optional.of("blue"))).orElse("")
                    + answer.summary())
                    .hasSizeLessThan(1500)
                    .matches("\\P{Cntrl}*");
            };
            case "http answer" -> in -> {
                try (var server = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
                    Thread.ofVirtual().start(() -> {
                        try (var client = server.accept()) {
                            client.getOutputStream().write(in);
                            client.shutdownOutput();
                            while (client.getInputStream().read() >= 0) continue;
                        } catch (IOException e) {
                            // The reader has had enough.
                        }
                    });
                    try (var connection = new Connection("127.0.0.1", server.getLocalPort(), Duration.ofSeconds(1))) {
                        connection.get("/");
                    } catch (IOException e) {
                        assertThat(e.getMessage()).isNotNull();
                    }
                }
            };
            case "socket table" -> in -> Holding.established(text(in), List.of("172.18.0.4"), 3008);
            case "log" -> in -> {
                var redaction = Redaction.of(
                    Map.of("A_PASSWORD", "hunter22", "A_URL", "redis://:hunter%2F22@b").entrySet());
                assertThat(redaction.apply(text(in))).doesNotContain("hunter22", "hunter%2F22", "hunter/22");
            };
            case "labels" -> in -> {
                var labels = new HashMap<String, String>();
                text(in).lines().map(l -> l.split("=", 2)).forEach(l -> labels.put(l[0], l.length == 1 ? "" : l[1]));
                Schema.conflict("a", labels, "b", Map.of("bluegreen.schema", "5"));
                Drain.hangup(labels);
            };
            default -> throw new IllegalArgumentException(what);
        };
    }

    private static String text(byte[] in) { return new String(in, StandardCharsets.UTF_8); }

    @ParameterizedTest(name = "{0}")
    @MethodSource("readers")
    void a_damaged_input_is_a_value_or_a_failure_and_soon(String what, String sample) throws Exception {
        var random = new Random(SEED + sample.hashCode());
        var reader = reader(what);
        byte[] good = sample.getBytes(StandardCharsets.UTF_8);
        long end = System.nanoTime() + (long) (SECONDS / 12 * 1e9);
        int runs = 0;
        for (; runs < 50 || System.nanoTime() < end; runs++) {
            byte[] input = runs == 0 ? good : damaged(good, random);
            long began = System.nanoTime();
            try {
                reader.read(input);
            } catch (Failure f) {
                assertThat(f.getMessage()).isNotBlank();
            } catch (Throwable e) {
                fail("run " + runs + " of " + what + " threw " + e + " on:\n" + text(input), e);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("%s, run %d:%n%s", what, runs, text(input))
                .isLessThan(LIMIT);
        }
    }

    private static final List<String> NASTY = List.of("\0", "\u001b[2J", "\"", "\\", "\n", "\r\n", "{", "}", "[", "]",
        ":", ",", ": ", "- ", "&a ", "*a", "<<: ", "!!javax.x ", "? ", "|", ">", "%", "@", "`", "'", "$(id)", "${HOME}",
        "; rm", "../..", "null", "true", "-1", "1e999", "0x7f", "99999999999999999999", "-9223372036854775808",
        "4294967296", ".5", "NaN", "\u202e", "\ud83d\ude00", "ÿ", "\ufeff", "\t", " ".repeat(300), "[".repeat(1200),
        "{\"a\":".repeat(1200),
        "a".repeat(9000), "9".repeat(1500), "+1000000000-12-31T23:59:59Z", ", ", " : ", "Content-Length: -1\r\n",
        "7fffffffffffffff\r\n");

    private static byte[] damaged(byte[] good, Random random) {
        byte[] now = good;
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(now.length + 1), to = at + random.nextInt(now.length + 1 - at);
            int short_ = Math.min(to, at + 12);
            now = switch (random.nextInt(7)) {
                case 0 -> {
                    byte[] flipped = now.clone();
                    if (at < flipped.length) flipped[at] ^= (byte) (1 << random.nextInt(8));
                    yield flipped;
                }
                // truncated
                case 1 -> joined(now, 0, at, new byte[0], now.length);
                // a part is gone
                case 2 -> joined(now, 0, at, new byte[0], to);
                // a part is twice
                case 3 -> joined(now, 0, to, java.util.Arrays.copyOfRange(now, at, to), to);
                case 4 -> joined(now, 0, at, java.util.Arrays.copyOfRange(good, good.length / 2, good.length), to);
                // put between
                case 5 -> joined(now, 0, at, nasty(random), at);
                // put over
                default -> joined(now, 0, at, nasty(random), short_);
            };
        }
        return now;
    }
    private static byte[] nasty(Random random) {
        return NASTY.get(random.nextInt(NASTY.size())).getBytes(StandardCharsets.UTF_8);
    }
    private static byte[] joined(byte[] from, int start, int end, byte[] middle, int rest) {
        var all = new java.io.ByteArrayOutputStream();
        all.write(from, start, end - start);
        all.writeBytes(middle);
        all.write(from, rest, from.length - rest);
        return all.toByteArray();
    }
}
