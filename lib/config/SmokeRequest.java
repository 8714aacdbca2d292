package lib.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import lib.core.Console;

/** One request that a new version must answer. */
public record SmokeRequest(String method, String path, int status, String body, Duration time) {
    private static final Field<String> METHOD = new Field<>("method",
        Type.oneOf("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), "GET", "how it is asked");
    private static final Field<String> PATH = new Field<>("path", Type.URL_PATH, "/", "what is asked for");
    private static final Field<Integer> STATUS = new Field<>("status", Type.STATUS, "200", "what the answer must have");
    private static final Field<String> BODY = new Field<>("body", Type.TEXT, "",
        "what the answer must hold: a text, or a regular expression");
    private static final Field<Duration> TIME = new Field<>("time", Type.TIME, "2s", "for the whole answer");
    static final List<Field<?>> FIELDS = List.of(METHOD, PATH, STATUS, BODY, TIME);

    static SmokeRequest in(Values item) {
        return new SmokeRequest(METHOD.in(item), PATH.in(item), STATUS.in(item), BODY.in(item), TIME.in(item));
    }

    public static SmokeRequest get(String path) {
        var item = Values.unset(FIELDS);
        item.set(PATH.name(), path);
        return in(item);
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
