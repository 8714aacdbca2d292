package lib.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lib.config.Config;
import lib.core.Json;
import lib.core.PercentEncoding;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each sample holds a secret with "hunter" in it, or one of a known shape; none may be left. */
class RedactionTest {
    private static String redacted(String text) { return Redaction.plain().apply(text); }

    @ParameterizedTest @ValueSource(strings = {
        "POSTGRES_PASSWORD=hunter2",
        "POSTGRES_PASSWORD='hunter two'",
        "DB_PASSWORD=a&hunter,2;x",
        "DB_PASSWORD=ab\"hunter",
        "export API_KEY=hunter2 PORT=3008",
        "password: hunter2",
        "Password : hunter2",
        "spring.datasource.password=hunter2",
        "{\"password\":\"hunter2\",\"status\":500}",
        "{\"password\" : \"hun\\\"ter hunter\",\"status\":500}",
        "{\"apiKey\":\"hunter2\"}",
        "{\"clientSecret\":\"hunter2\"}",
        "{\"pin\":1,\"token\":\"hunter2\"}",
        "{\"msg\":\"{\\\"password\\\":\\\"hunter2\\\",\\\"a\\\":1}\"}",
        "{\"msg\":\"{\\\"password\\\":\\\"x\\\\\\\"hunter2\\\",\\\"a\\\":1}\"}",
        "{\"msg\":\"login with password=hunter2\",\"status\":401}",
        "User{name=bob, password=hunter2}",
        "{'aws_secret_access_key': 'hunter2'}",
        "secret => hunter2",
        "token := \"hunter2\"",
        "java -jar app.jar --db-password hunter2 --port 3008",
        "java -jar app.jar --db-password=hunter2",
        "curl -u bob:hunter2 http://x/",
        "curl --user bob:hunter2 http://x/",
        "GET /login?user=bob&access_token=hunter2&x=1",
        "postgres://app:hunter2@postgres:5432/app",
        "jdbc:postgresql://app:hun/ter@hunter2@postgres:5432/app",
        "redis://:hunter2@redis:6379",
        "amqps://app:hunter%402@mq/vhost",
        "https://hunter2token@github.com/a/b.git",
        "Authorization: Bearer hunter2.a.b",
        "authorization: Basic aHVudGVyMg==hunter",
        "Authorization: Digest username=\"bob\", response=\"hunter2\"",
        "{\"headers\":{\"authorization\":\"Bearer hunter2xyz\",\"host\":\"x\"}}",
        "Proxy-Authorization: hunter2",
        "using bearer hunter2hunter2",
        "Cookie: a=1; session=hunter2; b=\"hunter3\"",
        "Set-Cookie: sid=hunter2; Path=/; HttpOnly",
        "{\"cookie\":\"a=\\\"x\\\"; b=hunter2\",\"url\":\"/\"}",
        "X-Api-Key: hunter2",
        "x-auth-token=hunter2",
        "https://hooks.slack.com/services/T000/B000/hunter2",
        "https://discord.com/api/webhooks/123/hunter2",
        "\u001b[33mpassword\u001b[0m=hunter2",
        "{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"}",
        "{\"value\":\"hunter2\",\"name\":\"DB_PASSWORD\"}",
        "{\"value\": \"hunter{2}, too\", \"type\": \"plain\", \"name\": \"DB_PASSWORD\"}",
        "{\"key\":\"api_token\",\"type\":\"string\",\"value\":\"hunter2\"}",
        "{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"hunter2\"\n}",
        "{\"msg\":\"{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"value\\\":\\\"hunter2\\\"}\"}",
        "- name: DB_PASSWORD\n  value: hunter2\n- name: PORT\n  value: 3008",
        "- value: hunter2\n  name: DB_PASSWORD\n",
        "password: |\n  hunter2\n  hunter3\nport: 3008",
        "password: >-\n    hunter2\n\n    hunter3\nport: 3008",
        "db:\n  - password: |+\n      hunter2\n    port: 3008",
        "2026-11-24T02:24:06.948784440Z   password: |\n2026-11-24T02:24:06.948784441Z     hunter2\n",
        "password:\n  hunter2\nport: 3008",
        "tokens:\n- hunter2\n- hunter 3\nport: 3008",
        "tokens: [hunter1, hunter2]",
        "tokens=[a, hunter2] port=3008",
        "{\"tokens\":[\"hunter1\",\"hun]ter2\",[\"hunter3\"]],\"port\":3008}",
        "{\"tokens\": [\n  \"hunter1\",\n  \"hunter2\"\n]}",
        "{\"credentials\":{\"user\":\"bob\",\"it\":\"hunter2\"},\"port\":3008}",
        "tokens: [hunter1, hunter2",
        "[\"java\",\"--password\",\"hunter2\",\"--port\",\"3008\"]",
        "['--db-password', 'hunter2']",
        "[\"Host\",\"x\",\"Authorization\",\"hunter2\"]",
        "GET /login?next=%2Fa%3Ftoken%3Dhunter2%26page%3D2 500",
        "GET /x?q=%7B%22password%22%3A%22hunter2%22%2C%22port%22%3A3008%7D",
        "GET /x?q=%7b%22password%22%3a+%22hunter2%22%7d",
        "GET /x?u=%252Fa%253Ftoken%253Dhunter2%2526page%253D2",
        "a%3Db%26key%3Dhunter2",
        "database=postgres%3A%2F%2Fapp%3Ahunter2%40postgres%3A5432%2Fapp",
        "user[password]=hunter2&page=1",
        "postgres://app:hun@ter/two#hunter@postgres:5432/app",
        "PASSWORD=[redacted]hunter2"})
    void nothing_of_a_secret_is_left(String text) {
        assertThat(redacted(text)).doesNotContain("hunter").contains("redacted");
    }

    @ParameterizedTest @ValueSource(strings = {
        "key AKIAIOSFODNN7EXAMPLE used",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U end",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "xoxb-123456789012-abcdefghij",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc"})
    void tokens_are_known_by_their_shape(String text) {
        String secret = List.of(text.split(" ")).stream().max((a, b) -> a.length() - b.length()).orElseThrow();
        assertThat(redacted(text))
            .contains("[redacted]")
            .doesNotContain(secret)
            .doesNotContain(secret.substring(8, 16));
    }

    private static final String BASE64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    @Test void a_private_key_goes_whole_also_with_docker_s_times_and_when_the_log_was_cut_inside_it() {
        String time = "2026-11-24T02:24:06.948784440Z ";
        String begin = time + "-----BEGIN RSA PRIVATE KEY-----\n", line = time + BASE64 + "\n",
            end = time + "-----END RSA PRIVATE KEY-----\n", after = time + "listens on 3008\n";
        for (String text : List.of(begin + line + line + end + after, begin + line + line + after,
            line + line + end + after, "a " + begin.replace("RSA", "OPENSSH") + line + after))
            assertThat(redacted(text))
                .doesNotContain(BASE64.substring(0, 20))
                .contains("[private key redacted]")
                .contains("listens on 3008");
        assertThat(redacted(
            "{\"pem\":\"-----BEGIN PRIVATE KEY-----\\n" + BASE64 + "\\n-----END PRIVATE KEY-----\\n\",\"status\":1}"))
            .doesNotContain(BASE64.substring(0, 20))
            .contains("\"status\":1");
    }

    @ParameterizedTest @ValueSource(strings = {
        "2026-11-24T02:16:24.065100739Z blue 1.0.0 listens on 3008",
        "{\"time\":\"2026-11-24T02:16:24+00:00\",\"at\":1795487046.123,\"deployment\":\"green\",\"generation\":17,\"method\":\"POST\",\"uri\":\"/api/orders\",\"status\":500,\"seconds\":0.012,\"upstream\":\"172.18.0.5:3008\"}",
        "connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: , request: \"GET / HTTP/1.1\", upstream: \"http://172.18.0.5:3008/\", host: \"127.0.0.1:8080\"",
        "see https://host:8080/path?mail=a@b.c for more",
        "at App.orders(App.java:57)",
        "KeyError: 'customer_id'",
        "failed to compute cache key: \"/app\" not found",
        "image sha256:5da01fe1af03671bc5fa2a415d0dac5302720dfac67dbee094ae0e306caf6355, commit 0123456789abcdef0123456789abcdef01234567",
        "redis.clients.jedis.exceptions.JedisConnectionException: Failed to connect to redis:6379",
        "the monkey ate a keyboard; author: bob; passenger=3",
        "DEPLOYMENT=green PORT=3008 REDIS_URL=redis://redis:6379",
        "{\"name\":\"PORT\",\"value\":\"3008\"}",
        "- name: DB_PASSWORD\n  valueFrom: {fieldRef: {name: db}}",
        "java.lang.IllegalStateException: bad credentials:\n    at App.orders(App.java:57)",
        "GET /a?next=https%3A%2F%2Fhost%3A8080%2Fpath%3Fmail%3Da%40b.c%26page%3D2",
        "100% of tokens are fine"})
    void what_is_no_secret_stays(String text) {
        assertThat(redacted(text)).isEqualTo(text);
    }

    @Test void what_stands_beside_a_secret_stays() {
        assertThat(redacted("{\"password\":\"x\",\"status\":500}"))
            .isEqualTo("{\"password\":\"[redacted]\",\"status\":500}");
        assertThat(redacted("postgres://app:x@postgres:5432/app refused"))
            .isEqualTo("postgres://[redacted]@postgres:5432/app refused");
        assertThat(redacted("GET /a?token=x&page=2 500")).isEqualTo("GET /a?token=[redacted]&page=2 500");
        assertThat(redacted("Authorization: Bearer x\nlistens")).endsWith("\nlistens");
        assertThat(redacted("{\"name\":\"TOKEN\",\"value\":\"x\"},{\"name\":\"PORT\",\"value\":\"3008\"}"))
            .isEqualTo("{\"name\":\"TOKEN\",\"value\":\"[redacted]\"},{\"name\":\"PORT\",\"value\":\"3008\"}");
        assertThat(redacted("a:\n  password: |\n    x\n    y\n  port: 3008\n"))
            .isEqualTo("a:\n  password: [redacted]\n  port: 3008\n");
        assertThat(redacted("tokens: [a, b] port 3008")).isEqualTo("tokens: [redacted] port 3008");
        assertThat(redacted("[\"--password\",\"x\",\"--port\",\"3008\"]"))
            .isEqualTo("[\"--password\",\"[redacted]\",\"--port\",\"3008\"]");
        assertThat(redacted("?next=%2Fa%3Ftoken%3Dx%26page%3D2 500"))
            .isEqualTo("?next=%2Fa%3Ftoken%3D[redacted]%26page%3D2 500");
    }

    @Test void a_known_value_goes_wherever_it_stands_and_however_it_is_spelt() {
        var redaction = Redaction.of(
            Map.of("DB_PASSWORD", "s3cr&t \"x\"", "PORT", "300800", "SHORT_TOKEN", "app").entrySet());
        for (String text : List.of("tried s3cr&t \"x\" and failed", "?p=s3cr%26t+%22x%22", "czNjciZ0ICJ4Ig==",
            "{\"m\":\"s3cr&t \\\"x\\\"\"}"))
            assertThat(redaction.apply(text))
                .as(text)
                .doesNotContain("s3cr")
                .doesNotContain("czNjciZ0")
                .contains("[redacted]");
        assertThat(redaction.apply("the app on 300800")).isEqualTo("the app on 300800");
    }

    @ParameterizedTest @CsvSource({"postgres://user:pa@ss/wo#rd@host/db,pa@ss/wo#rd",
        "postgres://user:pa%40ss%2Fwo%23rd@host:5432/db?mail=a@b.c,pa@ss/wo#rd",
        "jdbc:postgresql://host/db?user=app&password=hunter22,hunter22",
        "https://0123456789abcdef0123@host/a.git,0123456789abcdef0123"})
    void the_password_of_a_url_is_known_by_itself_as_it_is_meant_and_percent_encoded(String url, String password) {
        var redaction = Redaction.of(Map.of("DATABASE_URL", url).entrySet());
        for (String text : List.of(password, PercentEncoding.encoded(password),
            PercentEncoding.encoded(password).toLowerCase(Locale.ROOT), Json.of(password).toString(),
            "'" + password + "'"))
            assertThat(redaction.apply("no access with " + text + " at host"))
                .as(text)
                .contains("[redacted]")
                .doesNotContain(text.replaceAll("['\"]", ""))
                .endsWith(" at host");
    }

    @Test void the_address_of_a_url_without_a_password_is_no_secret() {
        for (String url : List.of("https://host:8080/path?mail=a@b.c", "redis://default@redis:6379",
            "redis://redis:6379")) {
            var redaction = Redaction.of(Map.of("A_URL", url).entrySet());
            assertThat(redaction.apply("default 8080/path?mail=a redis:6379"))
                .isEqualTo("default 8080/path?mail=a redis:6379");
        }
    }

    @Test void what_the_configuration_knows_is_known(@TempDir Path project) {
        var config = Config.load(project, Map.of("notify.webhook", "https://chat.example/one/two-three",
            "build.args.NPM_TOKEN", "hunter-build", "variables.MAIL_URL", "smtp://bob:hunter-mail@mail"));
        assertThat(
            Redaction.of(config).apply("sent to https://chat.example/one/two-three with hunter-build and hunter-mail"))
            .doesNotContain("hunter", "two-three");
    }

    @ParameterizedTest
    @CsvSource({"POSTGRES_PASSWORD,true", "apiKey,true", "SECRET,true", "AWS_ACCESS_KEY_ID,true", "x-auth-token,true",
        "DB_PASS,true", "STRIPE_KEY,true", "SENTRY_DSN,true",
        "PORT,false", "DEPLOYMENT,false", "MONKEY,false", "AUTHOR,false", "PATH,false", "KEYSPACE,false",
        "passenger,false"})
    void names(String name, boolean secret) { assertThat(Redaction.looksSecret(name)).isEqualTo(secret); }

    @Test void a_hostile_log_does_not_take_for_ever() {
        for (String piece : List.of("://a:", "password", "-----BEGIN PRIVATE KEY-----", "a=\"\\", "eyJaaaaaa.",
            "bearer ", "AAAAaaaa1111", "hooks.", BASE64 + "\n", "\\\\\\\"", "key='", "token:[", "token: [ ", "token%3D",
            "%3A%2F%2Fa%3A", "name:token ", "value:name:token ",
            "{\"value\":\"", "\"--key\",", "token: |\n ", "token:\n- ", "%22token%22%3A%22", "%5C", "token={\\",
            "a=b=c="))
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5),
                () -> redacted(piece.repeat(100_000 / piece.length())), piece);
        assertThatCode(() -> redacted("\u0000\ud800 password=\udfff")).doesNotThrowAnyException();
    }

    @Test void redacting_twice_changes_nothing_more() {
        String once = redacted(
            "PASSWORD=x Cookie: y\n\"token\":\"z\" postgres://a:b@c/d {\"token\":7} {\"tokens\":[7,8]} {\"name\":\"TOKEN\",\"value\":\"x\"}"
                + " %3Ftoken%3Dx%26 tokens: [a, b]\ntoken: |\n  x\n[\"--token\",\"x\"]");
        assertThat(redacted(once)).isEqualTo(once);
    }
}
