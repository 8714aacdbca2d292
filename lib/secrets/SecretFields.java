package lib.secrets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is secret by the name that stands beside it: NAME=VALUE, "name": "value", --name value, ["--name", "value"],
 * {"name": "DB_PASSWORD", "value": "..."}, and the same in percent-encoding. Every search is linear or bounded.
 */
final class SecretFields {
    /** "%22", or "%2522" where a URL is a part of another one's query. */
    private static final String PERCENT = "%(?:25){0,3}";
    private static final String QUOTE = "\\\\{0,16}[\"']|(?:" + PERCENT + "5C){0,16}" + PERCENT + "2[27]";

    /** A name and what parts it from its value. Possessive, so linear. */
    private static final Pattern NAME = Pattern.compile(
        "(?<![\\w.-])(?<name>[\\w.-]++)(?<quote>" + QUOTE + ")?+(?:\\]|" + PERCENT + "5D)?+(?:"
        // NAME=, "name": , name =>
            + "[ \\t]{0,8}(?:=>|:=|[:=])[ \\t]{0,8}"
            // name%3D, %22name%22%3A%20
            + "|%(?<level>(?:25){0,3})3[AaDd](?:" + PERCENT + "20|\\+){0,8}"
            + "|(?<next>[ \\t]{0,8},\\s{0,40})(?=\\\\{0,16}[\"'])"                              // ["--name", "value"]
            + "|(?<space>(?<=\\w{3})[ \\t]{1,8})(?=[^\\s=:-]))");                               // --name VALUE
    private static final Pattern HEADER = Pattern.compile("(?i)(proxy-)?authorization|(set-)?cookie2?");

    /**
     * The two halves of a pair whose name is a value itself, in either order: in JSON, and in YAML as Kubernetes has
     * it.
     */
    private static final Pattern PAIR_NAME = pair("name|key|variable|header|field",
        "[ \\t]{0,8}(?:\\\\{0,16}[\"'])?(?<secret>[\\w.-]{1,200})");
    private static final Pattern PAIR_VALUE = pair("value|val|content", "[ \\t]{0,8}");
    private static final int AFTER = 500, BEFORE = 2_000;

    private static Pattern pair(String names, String then) {
        return Pattern.compile("(?i)(?<![\\w.-])(?:" + names + ")(?:\\\\{0,16}[\"'])?+[ \\t]{0,8}[:=]>?" + then);
    }

    private record Span(int from, int to) {}

    private final String text;
    private final List<Span> secret = new ArrayList<>();

    private SecretFields(String text) { this.text = text; }

    static String redacted(String text) {
        var fields = new SecretFields(text);
        fields.assignments();
        fields.pairs();
        return fields.applied();
    }

    /** A name that is none of a secret is passed, but not what follows it: a=token=x. */
    private void assignments() {
        var m = NAME.matcher(text).useTransparentBounds(true);
        for (int from = 0; m.region(from, text.length()).find();) {
            boolean secret = Redaction.looksSecret(name(m)) && parts(m) && !isKeyOfAMap(m);
            from = secret ? add(m.end(), style(m)) : m.end("name");
        }
    }

    /** What Python misses in a dictionary, and a build in its cache: the cause of a failure. */
    private boolean isKeyOfAMap(Matcher m) {
        String before = text.substring(Math.max(0, m.start() - 6), m.start());
        return m.group("name").equals("KeyError") || m.group("name").equals("key") && before.equals("cache ");
    }

    /** In percent-encoding the digits of what stands before it belong to no name: %3Ftoken, %2522token. */
    private String name(Matcher m) {
        String name = m.group("name");
        boolean encoded = m.start() > 0
            && text.charAt(m.start() - 1) == '%'
            && name.matches("(25){0,3}[0-9A-Fa-f]{2}.+");
        return encoded ? name.replaceFirst("^(25){0,3}[0-9A-Fa-f]{2}", "") : name;
    }

    /** After a space, only an option's value follows; after a comma, an option's or a header's in a list. */
    private static boolean parts(Matcher m) {
        if (m.group("space") != null) return m.group("name").startsWith("--") && m.group("quote") == null;
        if (m.group("next") != null)
            return m.group("quote") != null && (m.group("name").startsWith("--") || isHeader(m));
        return true;
    }

    private static boolean isHeader(Matcher m) { return HEADER.matcher(m.group("name")).matches(); }

    private static SecretValue.Style style(Matcher m) {
        boolean json = m.group("quote") != null,
            variable = m.group("name").equals(m.group("name").toUpperCase(Locale.ROOT));
        return m.group("level") != null
            ? new SecretValue.Encoded(m.group("level"), json)
            : new SecretValue.Plain(json, isHeader(m), variable);
    }

    private void pairs() {
        for (var m = PAIR_NAME.matcher(text); m.find();) {
            if (!Redaction.looksSecret(m.group("secret"))) continue;
            valueAfter(m.end()).or(() -> valueBefore(m.start())).ifPresent(at -> add(at, SecretValue.IN_JSON));
        }
    }

    /** Where the value begins that belongs to a name: in the same object, and no other name between them. */
    private Optional<Integer> valueAfter(int name) {
        int end = Math.min(text.length(), name + AFTER);
        var value = PAIR_VALUE.matcher(text).region(name, end).useTransparentBounds(true);
        if (!value.find() || !sameObject(name, value.start())) return Optional.empty();
        return PAIR_NAME.matcher(text).region(name, value.start()).find() ? Optional.empty() : Optional.of(value.end());
    }

    private Optional<Integer> valueBefore(int name) {
        var value = PAIR_VALUE.matcher(text).region(Math.max(0, name - BEFORE), name).useTransparentBounds(true);
        Optional<Integer> last = Optional.empty();
        while (value.find())
            if (sameObject(SecretValue.end(text, value.end(), name, SecretValue.IN_JSON), name))
                last = Optional.of(value.end());
        return last;
    }

    private boolean sameObject(int from, int to) {
        for (int i = from; i < to; i++) if (text.charAt(i) == '{' || text.charAt(i) == '}') return false;
        return true;
    }

    /** Returns where the value ends. */
    private int add(int at, SecretValue.Style style) {
        int end = SecretValue.end(text, at, text.length(), style);
        boolean done = text.startsWith(Redaction.MARK, at) && end == at + Redaction.MARK.length();
        if (end > at && !done) secret.add(new Span(at + SecretValue.quotes(text, at, style), end));
        return end;
    }

    private String applied() {
        secret.sort(Comparator.comparingInt(Span::from));
        var out = new StringBuilder();
        int kept = 0;
        for (Span s : secret) {
            if (s.from < kept) {
                kept = Math.max(kept, s.to);            // two rules found the same
                continue;
            }
            out.append(text, kept, s.from).append(Redaction.MARK);
            kept = s.to;
        }
        return kept == 0 ? text : out.append(text, kept, text.length()).toString();
    }
}
