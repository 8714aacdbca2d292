package lib;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** One request that a new version must answer. {@code body}: a text that is in the answer, or a regular expression; "": any. {@code time}: for the whole answer. */
public record SmokeRequest(String method, String path, int status, String body, Duration time) {

    public static SmokeRequest get(String path) { return new SmokeRequest("GET", path, 200, "", Duration.ofSeconds(2)); }

    /** {@code wrong}: null when all is as expected. {@code took}: with the connection. */
    public record Answer(int status, Duration took, String wrong) {}

    /** On a connection of its own; longer than its time by far is not waited for. */
    public Answer ask(String address, int port) {
        long began = System.nanoTime();
        try (var connection = new Connection(address, port, time.plusSeconds(5))) {
            var answer = connection.send(method, path, method.startsWith("P") ? "" : null);
            var took = Duration.ofNanos(System.nanoTime() - began);
            return new Answer(answer.status(), took, wrong(answer.status(), answer.body(), took).orElse(null));
        } catch (IOException e) {
            return new Answer(0, Duration.ofNanos(System.nanoTime() - began), String.valueOf(e.getMessage()));
        }
    }

    Optional<String> wrong(int code, String text, Duration took) {
        if (code != status) return Optional.of("HTTP " + code + ", not " + status);
        if (!holds(text)) return Optional.of("the answer has no '" + body + "'");
        if (took.compareTo(time) > 0) return Optional.of("it took " + Console.seconds(took) + ", more than " + Console.seconds(time));
        return Optional.empty();
    }

    private boolean holds(String text) {
        if (text.contains(body)) return true;
        try {
            return Pattern.compile(body, Pattern.DOTALL | Pattern.MULTILINE).matcher(text).find();
        } catch (PatternSyntaxException e) {
            return false;       // no expression, so a text, and that is not there
        }
    }

    @Override public String toString() { return method + " " + path; }
}
