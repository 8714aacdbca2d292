package lib.http;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/**
 * The JDK's client of this process, for notifications: opened by the first who asks, as that takes a tenth of a second.
 */
public final class Http {
    /** For the client's threads to end. */
    private static final Duration MOMENT = Duration.ofMillis(200);

    private static Optional<HttpClient> open = Optional.empty();        // guarded by the class

    private Http() {}

    /** Redirects are not followed: what another address says of itself is no proof. */
    public static synchronized HttpClient client() {
        if (open.isEmpty())
            open = Optional.of(HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build());
        return open.get();
    }

    /** At the end of a script: the JVM's exit would wait 0.3 s for the client's thread, which is in a native call. */
    public static synchronized void leave() {
        open.ifPresent(client -> {
            client.shutdownNow();
            try {
                client.awaitTermination(MOMENT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        open = Optional.empty();
    }
}
