package lib.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import lib.journal.Journal;
import org.junit.jupiter.api.Test;

/** An app that did not end on SIGTERM is known from the journals, until it is seen to end by itself. */
class KilledTest {
    private static Journal.Run run(String name, String line) {
        return Journal.runs("{\"at\":\"2026-11-24T02:00:00Z\",\"run\":\"" + name + "\"," + line + "}").getFirst();
    }

    private static final Journal.Run KILLED = run("deploy-1",
        "\"step\":\"stop\",\"phase\":\"done\",\"service\":\"app-blue\",\"killedAfter\":40"),
        KILLED_IN_A_TRIAL = run("smoke-2",
            "\"step\":\"restore\",\"phase\":\"done\",\"service\":\"app-green\",\"killedAfter\":10"),
        STOPPED = run("deploy-3", "\"step\":\"stop\",\"phase\":\"done\",\"colour\":\"blue\"");

    @Test void the_newest_stop_tells() {
        assertThat(Killed.last(List.of(STOPPED, KILLED)))
            .get()
            .extracting(Killed::service, Killed::seconds)
            .containsExactly("app-blue", 40L);
        assertThat(Killed.last(List.of(KILLED, KILLED_IN_A_TRIAL)))
            .get()
            .extracting(Killed::service)
            .isEqualTo("app-green");
        assertThat(Killed.last(List.of(KILLED, STOPPED))).isEmpty();
        assertThat(Killed.last(List.of())).isEmpty();
    }
}
