import java.io.IOException;
import java.time.Duration;

/** A process with the Java runtime, for ShutdownOrderTest: a slow route and three stores; "throwing": nothing works. */
class Patient {
    public static void main(String... args) throws IOException {
        var server = new Server(Integer.parseInt(args[0]), "blue", "1")
            .maxActive(1)
            .route("/slow", x -> {
                try {
                    Thread.sleep(Long.parseLong(x.getRequestURI().getQuery()));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                Server.answer(x, 200, "text/plain", "slow");
            });
        server.shutdown()
            .settle(Duration.ofMillis(500))
            .limit(Duration.ofSeconds(20))
            .closing("first", Duration.ofSeconds(1), () -> {})
            .closing("second", Duration.ofSeconds(1), () -> {
                throw new IOException("no luck");
            })
            .closing("third", Duration.ofSeconds(1), () -> Thread.sleep(60_000));
        if (args.length > 1) {
            server.drain().onDrain(() -> { throw new IllegalStateException("a broken stream"); });
            server.drain().onDrain(() -> { throw new NoClassDefFoundError("Gone"); });
            server.drain().onDrain(() -> System.out.println("the last listener was told"));
            server.shutdown()
                .stopAccepting(() -> { throw new IllegalStateException("a broken socket"); })
                .closing("fourth", Duration.ofSeconds(1), () -> {
                    throw new NoClassDefFoundError("Pool");
                });
        }
        server.start();
    }
}
