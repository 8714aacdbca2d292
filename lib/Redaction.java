package lib;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Takes secrets out of text that leaves the machine: the values that are known to be secret, wherever they stand, and
 * what looks like one. In doubt it takes out too much. Every pattern is linear or bounded: a log may be hostile.
 */
public final class Redaction {
    public static final String MARK = "[redacted]";
    /** A shorter value ("app") stands in too many honest places; its own assignment is redacted all the same. */
    private static final int SHORTEST_KNOWN = 6;

    private static final Set<String> SECRET_WORDS = Set.of("pass", "pw", "pwd", "passwd", "password", "passphrase", "secret", "secrets", "token", "tokens", "key", "keys",
        "apikey", "credential", "credentials", "creds", "auth", "authorization", "cookie", "cookies", "session", "sessionid", "sid", "jwt", "signature", "sig", "salt", "otp", "dsn", "webhook");
    private static final Pattern SECRET_PART = Pattern.compile("(?i)passw(or)?d|passphrase|secret|token|credential|(api|access|private|secret|signing|encryption)[_.-]?key|authorization|cookie");
    private static final Pattern WORD = Pattern.compile("[A-Z]?[a-z0-9]++|[A-Z0-9]++");      // of snake_case, kebab-case, camelCase

    private record Rule(Pattern pattern, String replacement) {}
    private static Rule rule(String pattern, String replacement) { return new Rule(Pattern.compile(pattern), replacement); }

    /** What is secret by its shape, whatever its name. */
    private static final List<Rule> RULES = List.of(
        // The end of a private key whose beginning the log's limit cut off. Docker's time may stand before each line.
        rule("(?m)(^[^\\n]{0,40}?[A-Za-z0-9+/=]{16,100}[ \\t\\r]*\\n){1,200}+[^\\n]{0,40}-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----", "[private key redacted]"),
        // A port is no password: https://host:8080/path?mail=a@b stays.
        rule("://[^\\s/:@\"']{0,200}:(?!\\d{1,5}(?:[/?#\\s\"',]|$))[^\\s\"'<>]{1,500}@", "://" + MARK + "@"),
        rule("://[^\\s/@\"'<>?#]{1,500}@", "://" + MARK + "@"),
        rule("(https?://[^\\s/\"']{0,100}hooks?[.][^\\s/\"']{1,100})/[^\\s\"'<>]+", "$1/" + MARK),
        rule("(https?://[^\\s\"'<>]{1,200}?/webhooks?)/[^\\s\"'<>]+", "$1/" + MARK),
        rule("(?i)\\b(bearer)\\s+[A-Za-z0-9._~+/=-]{6,}", "$1 " + MARK),
        rule("(?i)\\b(basic)\\s+[A-Za-z0-9+/_-]{8,}={0,2}", "$1 " + MARK),
        rule("(?<![\\w-])(-u|--user)([ =])[^\\s:]{1,100}:\\S+", "$1$2" + MARK),
        rule("(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}[.][A-Za-z0-9_-]{5,}([.][A-Za-z0-9_-]*)?", MARK),
        rule("(?<![A-Za-z0-9])(AKIA|ASIA|AGPA|AROA|AIDA|ANPA)[A-Z0-9]{16}(?![A-Za-z0-9])", MARK),
        rule("(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,}|glpat-[\\w-]{16,}|xox[abeoprs]-[\\w-]{10,}|[rs]k_(live|test)_\\w{10,}|sk-[\\w-]{20,}|AIza[\\w-]{35}|npm_[A-Za-z0-9]{30,})", MARK),
        // A bare AWS secret key: 40 characters of base64 with capitals, small letters and digits (a commit id has no capitals).
        rule("(?<![A-Za-z0-9/+=._-])(?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Z0-9/+]{0,39}[a-z])(?=[A-Za-z/+]{0,39}[0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=._-])", MARK));

    /** A logger's colours would part a name from its value. */
    private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;?]{0,30}[A-Za-z]");
    private static final Pattern KEY_BEGIN = Pattern.compile("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----");
    private static final Pattern KEY_END = Pattern.compile("-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----");
    private static final Pattern KEY_CUT_OFF = Pattern.compile("[^\\n]*(\\n[^\\n]{0,40}?[A-Za-z0-9+/=]{16,100}[ \\t\\r]*(?=\\n|$)){0,200}+");
    private static final int LONGEST_KEY = 16_000;      // RSA of 8192 bits in PEM, with Docker's time on each line

    /** A name and what parts it from its value: NAME=, "name": , name => , --name VALUE. Possessive, so linear. */
    private static final Pattern NAME = Pattern.compile("(?<![\\w.-])(?<name>[\\w.-]++)(?<quote>\\\\*+[\"'])?(?:[ \\t]{0,8}(?:=>|:=|[:=])[ \\t]{0,8}|(?<=[\\w]{3})[ \\t]{1,8}(?=[^\\s=:-]))");
    private static final Pattern HEADER = Pattern.compile("(?i)(proxy-)?authorization|(set-)?cookie2?");

    private final List<String> known;

    private Redaction(List<String> known) { this.known = known; }

    /** Patterns only. */
    public static Redaction plain() { return new Redaction(List.of()); }

    /** Also the values of those variables whose name looks secret, in any spelling that ends in a log. */
    public static Redaction of(Collection<Map.Entry<String, String>> variables) {
        var values = new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));   // the longest first
        for (var v : variables) {
            if (!looksSecret(v.getKey()) || v.getValue().length() < SHORTEST_KNOWN) continue;
            byte[] bytes = v.getValue().getBytes(StandardCharsets.UTF_8);
            values.addAll(List.of(v.getValue(), URLEncoder.encode(v.getValue(), StandardCharsets.UTF_8), Base64.getEncoder().encodeToString(bytes), Json.of(v.getValue()).toString().replaceAll("^\"|\"$", "")));
        }
        return new Redaction(new ArrayList<>(values));
    }

    /** Of a variable, a header, a JSON field or an option: POSTGRES_PASSWORD, apiKey, x-auth-token, --secret. */
    public static boolean looksSecret(String name) {
        for (var word = WORD.matcher(name); word.find(); ) if (SECRET_WORDS.contains(word.group().toLowerCase(Locale.ROOT))) return true;
        return SECRET_PART.matcher(name).find();
    }

    public String apply(String text) {
        for (String secret : known) text = text.replace(secret, MARK);
        text = privateKeys(COLOURS.matcher(text).replaceAll(""));
        for (Rule rule : RULES) text = rule.pattern.matcher(text).replaceAll(rule.replacement);
        return assignments(text);
    }

    /** From BEGIN to END; without an END, the base64 lines that follow. */
    private static String privateKeys(String text) {
        var out = new StringBuilder();
        int kept = 0;
        var end = KEY_END.matcher(text);
        boolean ends = end.find();
        for (var begin = KEY_BEGIN.matcher(text); begin.find(); begin.region(kept, text.length())) {
            while (ends && end.start() < begin.end()) ends = end.find();
            var cutOff = KEY_CUT_OFF.matcher(text).region(begin.end(), text.length());
            out.append(text, kept, begin.start()).append("[private key redacted]");
            kept = ends && end.start() - begin.end() < LONGEST_KEY ? end.end() : cutOff.lookingAt() ? cutOff.end() : begin.end();
        }
        return kept == 0 ? text : out.append(text, kept, text.length()).toString();
    }

    private static String assignments(String text) {
        var out = new StringBuilder();
        int kept = 0;
        for (var m = NAME.matcher(text); m.find(); ) {
            if (m.start() < kept || !looksSecret(m.group("name"))) continue;
            boolean spaced = !m.group().contains("=") && !m.group().contains(":");      // only an option's value follows a space
            if (spaced && !m.group("name").startsWith("--")) continue;
            int end = valueEnd(text, m.end(), m.group("quote") != null, HEADER.matcher(m.group("name")).matches(), m.group("name").equals(m.group("name").toUpperCase(Locale.ROOT)));
            if (end == m.end() || text.startsWith(MARK, m.end()) && end == m.end() + MARK.length()) continue;
            int quotes = quotesAt(text, m.end());
            out.append(text, kept, m.end() + quotes).append(MARK);
            kept = end;
        }
        return kept == 0 ? text : out.append(text, kept, text.length()).toString();
    }

    private static int quotesAt(String text, int at) {
        int end = at;
        while (end < text.length() && text.charAt(end) == '\\') end++;
        return end < text.length() && (text.charAt(end) == '"' || text.charAt(end) == '\'') ? end + 1 - at : 0;
    }

    /**
     * A quoted value ends before its own closing quote (not one behind one more backslash). An unquoted one ends at a
     * blank: in JSON also at , } ] and in a query at &, but not in NAME=VALUE, where they may belong to the password.
     * A header's goes to the end of the line.
     */
    private static int valueEnd(String text, int at, boolean inJson, boolean header, boolean variable) {
        int quotes = quotesAt(text, at);
        int end = at + quotes;
        if (quotes > 0) {
            String closing = text.substring(at, end);
            while (end < text.length() && text.charAt(end) != '\n' && !(text.startsWith(closing, end) && text.charAt(end - 1) != '\\')) end++;
            return end;
        }
        for (; end < text.length(); end++) {
            char c = text.charAt(end);
            if (c == '\n' || c == '\r' || !header && Character.isWhitespace(c)) break;
            if (inJson && (c == ',' || c == '}' || c == ']')) break;
            if (!variable && !header && c == '&') break;
            // The quote that closes a string around all this, as in "msg":"password=x","status":500.
            if (!header && c == '"' && text.charAt(end - 1) != '\\' && (end + 1 == text.length() || ",}]\n\r ".indexOf(text.charAt(end + 1)) >= 0)) break;
        }
        return end;
    }
}
