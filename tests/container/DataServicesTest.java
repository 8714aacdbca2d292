package container;

import static container.DataServices.ENCODED;
import static container.DataServices.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import lib.checks.Check.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What "validate" finds of Redis and PostgreSQL, by the URL that the app has: passwords, TLS, names. */
class DataServicesTest {
    private static final Duration LIMIT = Duration.ofSeconds(10), SHORT = Duration.ofSeconds(3);
    private static DataServices services;

    @BeforeAll static void up(@TempDir Path folder) throws IOException { services = new DataServices(folder); }
    @AfterAll static void down() { services.close(); }

    private static Outcome redis(String address) throws InterruptedException {
        return services.look("redis", "REDIS_URL", address, LIMIT);
    }
    private static Outcome postgres(String address) throws InterruptedException {
        return services.look("postgres", "DATABASE_URL", "postgres://" + address, LIMIT);
    }

    private static void passes(Outcome outcome, String reason) {
        assertThat(outcome).isInstanceOf(Outcome.Pass.class);
        assertThat(outcome.reason()).isEqualTo(reason);
    }

    private static void fails(Outcome outcome, String reason) {
        assertThat(outcome).isInstanceOf(Outcome.Fail.class);
        assertThat(outcome.reason()).contains(reason).doesNotContain(PASSWORD).doesNotContain(ENCODED);
        assertThat(outcome.fix()).isPresent();
    }

    @Test void redis_answers_who_has_the_password_with_tls_and_without() throws InterruptedException {
        passes(redis("redis://:" + ENCODED + "@redis"), "PONG from redis");
        passes(redis("redis://worker:" + ENCODED + "@redis:6379"), "PONG from redis");
        passes(redis("rediss://:" + ENCODED + "@redis:6380/1"), "PONG from redis");
        passes(redis("rediss://worker:" + ENCODED + "@redis:6380"), "PONG from redis");
    }

    @Test void redis_refuses_a_wrong_password_a_wrong_user_and_none() throws InterruptedException {
        fails(redis("redis://:wrong@redis"), "WRONGPASS");
        fails(redis("rediss://:wrong@redis:6380"), "WRONGPASS");
        fails(redis("redis://nobody:" + ENCODED + "@redis"), "WRONGPASS");
        fails(redis("redis://redis"), "NOAUTH");
    }

    @Test void redis_with_tls_where_none_is_expected_closes_the_connection() throws InterruptedException {
        fails(redis("redis://:" + ENCODED + "@redis:6380"), "onnection");
    }

    /** It takes the handshake for the beginning of a command, and waits for the rest. */
    @Test void redis_without_the_tls_that_is_expected_does_not_answer() throws InterruptedException {
        fails(services.look("redis", "REDIS_URL", "rediss://:" + ENCODED + "@redis:6379", SHORT), "no answer");
    }

    @ParameterizedTest @ValueSource(strings = {"postgres", "postgres-tls"})
    void postgres_answers_who_has_the_password_with_tls_and_without(String host) throws InterruptedException {
        passes(postgres("app:" + ENCODED + "@" + host + "/shop"), "SELECT 1 as app at " + host);
    }

    @Test void postgres_refuses_a_wrong_password_a_wrong_user_and_a_wrong_database() throws InterruptedException {
        fails(postgres("app:wrong@postgres/shop"), "password authentication failed");
        fails(postgres("nobody:" + ENCODED + "@postgres/shop"), "password authentication failed");
        fails(postgres("app@postgres/shop"), "no password supplied");
        fails(postgres("app:" + ENCODED + "@postgres/other"), "database \"other\" does not exist");
    }

    @Test void postgres_with_tls_on_one_side_only_is_a_fail() throws InterruptedException {
        passes(postgres("app:" + ENCODED + "@postgres-tls/shop?sslmode=require"), "SELECT 1 as app at postgres-tls");
        fails(postgres("app:" + ENCODED + "@postgres/shop?sslmode=require"), "does not support SSL");
        fails(postgres("app:" + ENCODED + "@postgres-tls/shop?sslmode=disable"), "no encryption");
    }

    @Test void a_port_on_which_nobody_listens_is_a_fail() throws InterruptedException {
        fails(redis("redis://:" + ENCODED + "@redis:6999"), "Connection refused");
        fails(postgres("app:" + ENCODED + "@postgres:6999/shop"), "accepting TCP/IP connections");
    }

    @Test void a_service_that_has_ended_is_a_fail() throws InterruptedException {
        fails(redis("redis://:" + ENCODED + "@ended"), "ended is exited");
    }

    @Test void a_name_of_the_compose_files_that_the_network_does_not_know_is_a_fail() throws InterruptedException {
        fails(redis("redis://:" + ENCODED + "@another-name"), "another-name");
    }

    @Test void a_service_outside_of_the_compose_files_is_the_app_s_own_to_tell() throws InterruptedException {
        var outcome = redis("redis://:" + ENCODED + "@elsewhere.example");
        assertThat(outcome).isInstanceOf(Outcome.Skip.class);
        assertThat(outcome.reason()).contains("elsewhere.example is not in the compose files");
    }
}
