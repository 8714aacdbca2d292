package lib.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Death;
import lib.docker.Engine;
import lib.docker.FakeEngine;
import org.junit.jupiter.api.Test;

/** What the watch hears of the engine, also when that goes away. */
class HappeningsTest {
    private final FakeEngine real = new FakeEngine();
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final Engine engine = (Engine) Proxy.newProxyInstance(getClass().getClassLoader(),
        new Class<?>[] {Engine.class},
        (_, method, arguments) -> {
            asked.incrementAndGet();
            if (away.get()) throw Failure.preflight("Docker is not running");
            try {
                return method.invoke(real, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });

    @Test void there_is_something_to_look_at_first_and_then_only_when_something_happened() throws InterruptedException {
        try (var happenings = new Happenings(engine)) {
            assertThat(happenings.any()).isTrue();
            assertThat(happenings.any()).isFalse();
            assertThat(happenings.await(Duration.ofMillis(50))).isFalse();
        }
    }

    @Test void an_engine_that_is_away_is_not_asked_without_a_pause() throws InterruptedException {
        away.set(true);
        try (var happenings = new Happenings(engine)) {
            assertThatThrownBy(happenings::any).isInstanceOf(Failure.class);
            happenings.again();
            assertThat(happenings.await(Duration.ofMillis(50))).as("nothing to look at before its time").isFalse();
            away.set(false);
            assertThat(happenings.any()).as("what was missed").isTrue();
        }
    }

    @Test void what_could_not_be_looked_at_is_looked_at_again() {
        try (var happenings = new Happenings(engine)) {
            happenings.any();
            happenings.again();
            assertThat(happenings.any()).isTrue();
            assertThat(happenings.any()).isFalse();
        }
    }

    @Test void an_engine_that_tells_no_events_hides_no_death() {
        away.set(true);
        var ended = new Container("0123456789ab", "x-app-blue-1", "app-blue", "sha256:" + "0".repeat(64), "exited", 7,
            Instant.EPOCH, Instant.EPOCH, 0, List.of(), Map.of(), Map.of(), Map.of(), Map.of(), 10,
            "no");
        assertThat(Death.of(engine, ended, Instant.EPOCH)).isEqualTo("died (exit code 7)");
    }
}
