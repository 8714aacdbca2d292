package lib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
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
        assertThat(redacted(text)).contains("[redacted]").doesNotContain(secret).doesNotContain(secret.substring(8, 16));
    }

    private static final String BASE64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    @Test void a_private_key_goes_whole_also_with_docker_s_times_and_when_the_log_was_cut_inside_it() {
        String time = "2026-11-24T02:24:06.948784440Z ";
        String begin = time + "-----BEGIN RSA PRIVATE KEY-----\n", line = time + BASE64 + "\n", end = time + "-----END RSA PRIVATE KEY-----\n", after = time + "listens on 3008\n";
        for (String text : List.of(begin + line + line + end + after, begin + line + line + after, line + line + end + after, "a " + begin.replace("RSA", "OPENSSH") + line + after))
            assertThat(redacted(text)).doesNotContain(BASE64.substring(0, 20)).contains("[private key redacted]").contains("listens on 3008");
        assertThat(redacted("{\"pem\":\"-----BEGIN PRIVATE KEY-----\\n" + BASE64 + "\\n-----END PRIVATE KEY-----\\n\",\"status\":1}"))
            .doesNotContain(BASE64.substring(0, 20)).contains("\"status\":1");
    }

    @ParameterizedTest @ValueSource(strings = {
        "2026-11-24T02:16:24.065100739Z blue 1.0.0 listens on 3008",
        "{\"time\":\"2026-11-24T02:16:24+00:00\",\"at\":1795487046.123,\"deployment\":\"green\",\"generation\":17,\"method\":\"POST\",\"uri\":\"/api/orders\",\"status\":500,\"seconds\":0.012,\"upstream\":\"172.18.0.5:3008\"}",
        "connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: , request: \"GET / HTTP/1.1\", upstream: \"http://172.18.0.5:3008/\", host: \"127.0.0.1:8080\"",
        "see https://host:8080/path?mail=a@b.c for more",
        "at App.orders(App.java:57)",
        "image sha256:5da01fe1af03671bc5fa2a415d0dac5302720dfac67dbee094ae0e306caf6355, commit 0123456789abcdef0123456789abcdef01234567",
        "redis.clients.jedis.exceptions.JedisConnectionException: Failed to connect to redis:6379",
        "the monkey ate a keyboard; author: bob; passenger=3",
        "DEPLOYMENT=green PORT=3008 REDIS_URL=redis://redis:6379"})
    void what_is_no_secret_stays(String text) {
        assertThat(redacted(text)).isEqualTo(text);
    }

    @Test void what_stands_beside_a_secret_stays() {
        assertThat(redacted("{\"password\":\"x\",\"status\":500}")).isEqualTo("{\"password\":\"[redacted]\",\"status\":500}");
        assertThat(redacted("postgres://app:x@postgres:5432/app refused")).isEqualTo("postgres://[redacted]@postgres:5432/app refused");
        assertThat(redacted("GET /a?token=x&page=2 500")).isEqualTo("GET /a?token=[redacted]&page=2 500");
        assertThat(redacted("Authorization: Bearer x\nlistens")).endsWith("\nlistens");
    }

    @Test void a_known_value_goes_wherever_it_stands_and_however_it_is_spelt() {
        var redaction = Redaction.of(Map.of("DB_PASSWORD", "s3cr&t \"x\"", "PORT", "300800", "SHORT_TOKEN", "app").entrySet());
        for (String text : List.of("tried s3cr&t \"x\" and failed", "?p=s3cr%26t+%22x%22", "czNjciZ0ICJ4Ig==", "{\"m\":\"s3cr&t \\\"x\\\"\"}"))
            assertThat(redaction.apply(text)).as(text).doesNotContain("s3cr").doesNotContain("czNjciZ0").contains("[redacted]");
        assertThat(redaction.apply("the app on 300800")).isEqualTo("the app on 300800");
    }

    @ParameterizedTest @CsvSource({"POSTGRES_PASSWORD,true", "apiKey,true", "SECRET,true", "AWS_ACCESS_KEY_ID,true", "x-auth-token,true", "DB_PASS,true", "STRIPE_KEY,true", "SENTRY_DSN,true",
        "PORT,false", "DEPLOYMENT,false", "MONKEY,false", "AUTHOR,false", "PATH,false", "KEYSPACE,false", "passenger,false"})
    void names(String name, boolean secret) { assertThat(Redaction.looksSecret(name)).isEqualTo(secret); }

    @Test void a_hostile_log_does_not_take_for_ever() {
        for (String piece : List.of("://a:", "password", "-----BEGIN PRIVATE KEY-----", "a=\"\\", "eyJaaaaaa.", "bearer ", "AAAAaaaa1111", "hooks.", BASE64 + "\n", "\\\\\\\"", "key='"))
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> redacted(piece.repeat(100_000 / piece.length())), piece);
        assertThatCode(() -> redacted("\u0000\ud800 password=\udfff")).doesNotThrowAnyException();
    }

    @Test void redacting_twice_changes_nothing_more() {
        String once = redacted("PASSWORD=x Cookie: y\n\"token\":\"z\" postgres://a:b@c/d");
        assertThat(redacted(once)).isEqualTo(once);
    }
}
