package lib.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;

/** The engine that other tests are made on keeps the same promises. */
class FakeEngineTest extends EngineContract {
    private final FakeEngine engine = new FakeEngine();
    private final Map<String, Thread> alive = new ConcurrentHashMap<>();

    FakeEngineTest() {
        engine.image(image(), "sha256:1", Map.of());
        script(SPEAK, p -> {
            p.say(p.environment().get("WORD") + "\n");
            p.complain("wrong\n");
            return 7;
        });
        script(PRINT, p -> {
            p.say(p.environment().get("WORD"));
            return 0;
        });
        script(FOREVER, p -> {
            p.say("begun\n");
            Thread.sleep(Duration.ofSeconds(30));
            return 0;
        });
        script(FILL, p -> {
            byte[] part = "x".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
            for (int left = BIG; left > 0; left -= part.length) p.out().write(part);
            return 0;
        });
        script(ONE_OFF, p -> {
            p.say("out\n");
            p.complain("err\n");
            return 3;
        });
        script(ECHO, this::echo);
        script(ALIVE, p -> {
            p.say(alive.containsKey(p.environment().get("PID")) ? "yes\n" : "no\n");
            return 0;
        });
        script(SIGKILL, p -> {
            alive.get(p.environment().get("PID")).interrupt();
            return 0;
        });
        script(MAKE, p -> {
            engine.file(p.container(), "/tmp/a/b/c.txt", "ü\n");
            return 0;
        });
        script(READ, p -> {
            if (!engine.files(p.container()).containsKey("/tmp/z/b/c.txt")) return 1;
            p.say(engine.files(p.container()).get("/tmp/z/b/c.txt"));
            return 0;
        });
    }

    private void script(String script, FakeEngine.Program program) {
        engine.program(command -> command.getLast().equals(script), program);
    }

    private int echo(FakeEngine.Process p) throws IOException {
        String pid = String.valueOf(Thread.currentThread().threadId());
        alive.put(pid, Thread.currentThread());
        try {
            p.say(pid + "\n");
            p.stdin().transferTo(p.out());
            return 0;
        } finally {
            alive.keySet().removeAll(Set.of(pid));
        }
    }

    @Override protected Engine engine() { return engine; }
    @Override protected String image() { return "redis:8"; }
    @Override protected String running(String service) {
        String id = engine.add(PROJECT, service, "sha256:1");
        var now = Instant.now();
        engine.log(id, new LogLine(now, LogLine.Stream.OUT, "erste Zeile"));
        engine.log(id, new LogLine(now.plusMillis(300), LogLine.Stream.OUT, "grün"));
        engine.log(id, new LogLine(now.plusMillis(300), LogLine.Stream.ERR, "fehlt"));
        return id;
    }

    @AfterEach void down() { engine.close(); }
}
