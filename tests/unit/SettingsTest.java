package lib.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lib.config.Config;
import lib.config.Field;
import lib.config.Key;
import lib.config.Keys;
import lib.core.PercentEncoding;
import lib.journal.Journal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir Path project;

    private Map<String, String> of(String yaml) throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), yaml);
        return Settings.of(Config.load(project, Map.of()));
    }

    private static String yaml(String secret) {
        return "notify: {webhook: 'https://chat.example/" + secret + "', command: [/bin/page, " + secret + "]}\n"
            + "hooks: {pre-build: [curl, --header, 'X: " + secret + "'], pre-deploy: ./migrate}\nvariables: {A: "
            + secret + "}\nbuild: {args: {B: " + secret + "}}\n"
            + "smoke: [{path: /, body: 'password=" + secret + "'}]\n";
    }

    @Test void what_may_be_a_secret_is_a_fingerprint_that_tells_equal_from_different() throws IOException {
        var one = of(yaml("hunter2"));
        assertThat(one.toString()).doesNotContain("hunter2").doesNotContain("chat.example");
        assertThat(of(yaml("hunter2"))).isEqualTo(one);
        var other = of(yaml("hunter3"));
        for (String key : new String[] {"notify.webhook", "notify.command", "hooks.pre-build", "variables.A",
            "build.args.B"})
            assertThat(other.get(key)).as(key).isNotEqualTo(one.get(key)).matches("(\\S+ )?#[0-9a-f]{8}");
        assertThat(one)
            .containsEntry("hooks.pre-deploy", "./migrate")
            .containsEntry("notify.on", "start, switch, success, failure, rollback, failover");
        assertThat(one.get("notify.command")).startsWith("/bin/page #");
        assertThat(of("")).containsEntry("notify.webhook", "").containsEntry("notify.command", "");
    }

    @Test void each_key_is_shown_with_its_own_value() {
        var unset = Settings.of(Config.load(project, Map.of()));
        for (Key key : Keys.all())
            if (key instanceof Key.Single single) {
                String other = OTHERS.stream().filter(t -> fits(single.field(), t)).findFirst().orElseThrow();
                var flags = new HashMap<>(key.name().startsWith("tls.") ? TLS : Map.of());
                flags.put(key.name(), other);
                var set = Settings.of(Config.load(project, flags));
                assertThat(unset).containsKey(key.name());
                assertThat(set.get(key.name())).as(key.name()).isNotEqualTo(unset.get(key.name()));
            }
    }
    /** Neither comes alone. */
    private static final Map<String, String> TLS = Map.of("tls.certificate", "a.crt", "tls.key", "a.key");
    /** Each key may be one of these, and none is a default. */
    private static final List<String> OTHERS = List.of("reload", "switch", "https", "json", "stopped", "keep",
        "rollback",
        "version",
        "failure", "7ms", "4711", "7", "3.5x", "7%", "7GB", "7KB", "on", "off", "7m", "10.0.0.7", "/other/",
        "https://other.example/x", "other");
    private static boolean fits(Field<?> field, String text) {
        return field.type().accepts().test(text) && !field.fallback().equals(text);
    }

    @Test void each_password_is_there_once_more_as_a_url_needs_it() {
        assertThat(PercentEncoding.forUrls(
            Map.of("POSTGRES_PASSWORD", "p@ss/w#rd a+b*~", "A", "b", "X_PASSWORD", "x", "X_PASSWORD_URL", "given")))
            .isEqualTo(Map.of("POSTGRES_PASSWORD_URL", "p%40ss%2Fw%23rd%20a%2Bb%2A~"));
    }

    @Test void words_of_others_are_in_the_journal_without_secrets_and_our_own_facts_as_they_are() throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), "variables: {A_TOKEN: instant, B_TOKEN: hunter22}\n");
        var config = Config.load(project, Map.of());
        Journal.of(config, "deploy")
            .write("hook", "done", Map.of("output", "sent hunter22, password=x", "why", "hunter22", "answer",
                "healthy hunter22", "via", "instant"));
        assertThat(Files.readString(config.folder().resolve("journal.jsonl")))
            .doesNotContain("hunter22", "password=x")
            .contains("\"via\":\"instant\"");
    }
}
