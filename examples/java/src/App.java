import com.sun.net.httpserver.HttpExchange;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import redis.clients.jedis.JedisPooled;

/** A small shop: pages, orders in PostgreSQL, a visit counter in Redis, a slow answer and an endless stream. */
class App {
    static final String VERSION = env("APP_VERSION", "dev");        // baked into the image: a wrong image cannot hide
    static final String DEPLOYMENT = env("DEPLOYMENT", "local");

    final JedisPooled redis = new JedisPooled(URI.create(env("REDIS_URL", "redis://127.0.0.1:6379")), 1000);
    final HikariDataSource database = database(
        URI.create(env("DATABASE_URL", "postgres://app:app@127.0.0.1:5432/app")));
    final Server server;

    App() throws IOException {
        server = new Server(Integer.parseInt(env("PORT", "3008")), DEPLOYMENT, VERSION)
            .check("redis", () -> redis.ping().equals("PONG"))
            .check("database", () -> {
                try (var c = database.getConnection()) {
                    return c.isValid(1);
                }
            })
            .route("/", this::page)
            .route("/api/echo", this::echo)
            .route("/api/orders", this::orders)
            .route("/api/slow", this::slow)
            .route("/api/stream", this::stream);
        server.shutdown()
            .closing("database", Duration.ofSeconds(5), database)
            .closing("redis", Duration.ofSeconds(5), redis);
    }

    public static void main(String... args) throws IOException { new App().server.start(); }

    void page(HttpExchange x) throws IOException {
        if (!x.getRequestURI().getPath().equals("/")) {
            Server.answer(x, 404, "text/plain", "not found\n");
            return;
        }
        long visits = redis.incr("visits");
        Server.answer(x, 200, "text/html; charset=utf-8", """
            <!doctype html><title>shop</title><meta name="viewport" content="width=device-width">
            <style>body{font:16px system-ui;margin:4rem auto;max-width:36rem}b{color:%s}</style>
            <h1>The shop</h1><p>served by <b>%s</b>, version <b>%s</b></p><p>%d visits</p>
            """.formatted(DEPLOYMENT, DEPLOYMENT, VERSION, visits));
    }

    void echo(HttpExchange x) throws IOException {
        String said = new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Server.answer(x, 200, "text/plain", DEPLOYMENT + " " + VERSION + " " + said);
    }

    /** POST: text of an order; GET: how many there are. */
    void orders(HttpExchange x) throws IOException {
        try (var c = database.getConnection()) {
            if (x.getRequestMethod().equals("POST")) {
                try (var insert = c.prepareStatement("insert into orders(item, version) values (?, ?)")) {
                    insert.setString(1, new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                    insert.setString(2, VERSION);
                    insert.executeUpdate();
                }
                Server.answer(x, 201, "application/json", "{\"ordered\":true}\n");
            } else try (var rows = c.createStatement().executeQuery("select count(*) from orders")) {
                rows.next();
                Server.answer(x, 200, "application/json", "{\"orders\":" + rows.getLong(1) + "}\n");
            }
        } catch (SQLException e) {
            Server.answer(x, 503, "application/json", "{\"error\":\"database\"}\n");
        }
    }

    /** ?ms=2000 */
    void slow(HttpExchange x) throws IOException {
        sleep(parameter(x, 1000));
        Server.answer(x, 200, "text/plain", DEPLOYMENT + " " + VERSION + " slow\n");
    }

    /** Server-sent events, one a second, ?seconds=60. */
    void stream(HttpExchange x) throws IOException {
        long seconds = parameter(x, 60);
        x.getResponseHeaders().set("Content-Type", "text/event-stream");
        x.getResponseHeaders().set("X-Accel-Buffering", "no");
        x.sendResponseHeaders(200, 0);
        try (var body = x.getResponseBody()) {
            for (long i = 0; i < seconds && !server.drain().draining(); i++) {
                body.write(("data: " + DEPLOYMENT + " " + VERSION + " " + i + "\n\n").getBytes(StandardCharsets.UTF_8));
                body.flush();
                sleep(1000);
            }
        }
    }

    static long parameter(HttpExchange x, long fallback) {
        String query = String.valueOf(x.getRequestURI().getQuery());
        return query.matches("[a-z]+=[0-9]{1,6}") ? Long.parseLong(query.substring(query.indexOf('=') + 1)) : fallback;
    }

    static HikariDataSource database(URI url) {
        var config = new HikariConfig();
        String[] user = url.getUserInfo().split(":", 2);
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath()
            + "?connectTimeout=2&socketTimeout=10");
        config.setUsername(user[0]);
        config.setPassword(user[1]);
        config.setMaximumPoolSize(8);
        config.setConnectionTimeout(1000);
        config.setInitializationFailTimeout(-1);      // start without the database; /api/health tells
        config.setConnectionInitSql(
            "create table if not exists orders(id bigint generated always as identity, item text, version text)");
        return new HikariDataSource(config);
    }

    static void sleep(long ms) {
        try {
            Thread.sleep(Duration.ofMillis(ms));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static String env(String name, String fallback) {
        return System.getenv(name) instanceof String v && !v.isEmpty() ? v : fallback;
    }
}
