package lib.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is known of the engine's userland proxy, from the processes of this machine and its settings. */
class EngineRestartTest {
    private static final List<String> OTHER = List.of("/usr/bin/java", "-host-port", "9180");
    private static final List<String> PROXY = List.of("/usr/bin/docker-proxy", "-proto", "tcp", "-host-port", "9180");
    private static final List<String> PLAIN = List.of("/usr/bin/dockerd", "-H", "fd://");
    private static final List<String> WITHOUT = List.of("dockerd", "--live-restore", "--userland-proxy=false");

    @Test void a_proxy_of_our_own_port_is_seen() {
        assertThat(EngineRestart.proxy(List.of(OTHER, WITHOUT, PROXY), 9180, true, "{}")).hasValue(true);
        assertThat(EngineRestart.proxy(List.of(PROXY), 9180, false, "{}")).as("whatever engine made it").hasValue(true);
    }

    @Test void a_published_port_without_one_has_none() {
        assertThat(EngineRestart.proxy(List.of(OTHER, PLAIN, PROXY), 9181, true, "{}")).hasValue(false);
    }

    @Test void before_anything_is_published_the_settings_tell() {
        assertThat(EngineRestart.proxy(List.of(PLAIN), 9180, false, "{}")).as("Docker's own default").hasValue(true);
        assertThat(EngineRestart.proxy(List.of(WITHOUT), 9180, false, "{}")).hasValue(false);
        assertThat(EngineRestart.proxy(List.of(PLAIN), 9180, false, "{\"userland-proxy\": false}")).hasValue(false);
        assertThat(EngineRestart.proxy(List.of(PLAIN), 9180, false, "{\"userland-proxy\": true}")).hasValue(true);
    }

    @Test void an_engine_that_is_not_seen_is_not_judged() {
        assertThat(EngineRestart.proxy(List.of(OTHER), 9180, true, "{}")).isEqualTo(Optional.empty());
        assertThat(EngineRestart.proxy(List.of(PLAIN, WITHOUT), 9180, false, "{}")).as("two of them").isEmpty();
    }
}
