package lib.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import lib.config.SmokeRequest;

/** What a smoke request came to. {@code took}: with the connection. {@code wrong}: empty when all is as expected. */
public record SmokeProbe(int status, Duration took, Optional<String> wrong) {

    /** On a connection of its own; longer than its time by far is not waited for. */
    public static SmokeProbe of(SmokeRequest request, String address, int port) {
        long began = System.nanoTime();
        try (var connection = new Connection(address, port, request.time().plusSeconds(5))) {
            var answer = connection.send(request.method(), request.path(),
                request.method().startsWith("P") ? "" : null);
            var took = Duration.ofNanos(System.nanoTime() - began);
            return new SmokeProbe(answer.status(), took, request.wrong(answer.status(), answer.body(), took));
        } catch (IOException e) {
            return new SmokeProbe(0, Duration.ofNanos(System.nanoTime() - began),
                Optional.of(String.valueOf(e.getMessage())));
        }
    }
}
