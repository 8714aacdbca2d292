package lib.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import lib.core.Console;

/** One request that a new version must answer. {@code body}: a text that is in the answer, or a regular expression; "": any. {@code time}: for the whole answer. */
public record SmokeRequest(String method, String path, int status, String body, Duration time) {

    public static SmokeRequest get(String path) {
        return new SmokeRequest("GET", path, 200, "", Duration.ofSeconds(2));
    }

    /** Why that is no answer to it; empty when it is. */
    public Optional<String> wrong(int code, String text, Duration took) {
        if (code != status) return Optional.of("HTTP " + code + ", not " + status);
        if (!holds(text)) return Optional.of("the answer has no '" + body + "'");
        if (took.compareTo(time) > 0)
            return Optional.of("it took " + Console.seconds(took) + ", more than " + Console.seconds(time));
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
