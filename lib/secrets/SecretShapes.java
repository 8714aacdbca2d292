package lib.secrets;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What is secret by its shape, whatever its name: keys, tokens, passwords in URLs. Every pattern is linear or bounded,
 * and is tried only on text that has one of its words: a look for those costs a hundredth of it.
 */
final class SecretShapes {
    /** {@code words}: one of them, in small letters, stands in whatever the pattern matches. */
    private record Rule(List<String> words, Pattern pattern, String replacement) {
        boolean mayMatch(String small) { return words.stream().anyMatch(small::contains); }
    }

    private static Rule rule(String words, String pattern, String replacement) {
        return new Rule(List.of(words.split(" ")), Pattern.compile(pattern), replacement);
    }

    private static final String MARK = Redaction.MARK;
    private static final List<Rule> RULES = List.of(
        // The end of a private key whose beginning the log's limit cut off. Docker's time may stand before each line.
        rule("-----end",
            "(?m)(^[^\\n]{0,40}?[A-Za-z0-9+/=]{16,100}[ \\t\\r]*\\n){1,200}+"
                + "[^\\n]{0,40}-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----",
            "[private key redacted]"),
        // A port is no password: https://host:8080/path?mail=a@b stays.
        rule("://", "://[^\\s/:@\"']{0,200}:(?!\\d{1,5}(?:[/?#\\s\"',]|$))[^\\s\"'<>]{1,500}@", "://" + MARK + "@"),
        rule("://", "://[^\\s/@\"'<>?#]{1,500}@", "://" + MARK + "@"),
        // The same in percent-encoding: postgres%3A%2F%2Fapp%3Apassword%40host
        rule("%3a%2f%2f",
            "(?i)(%3A%2F%2F)[^\\s%\"'<>&]{0,200}+%3A(?!\\d{1,5}(?:%2F|%3F|[\\s\"'&]|$))[^\\s\"'<>&]{1,500}%40",
            "$1" + MARK + "%40"),
        rule("hook", "(https?://[^\\s/\"']{0,100}hooks?[.][^\\s/\"']{1,100})/[^\\s\"'<>]+", "$1/" + MARK),
        rule("/webhook", "(https?://[^\\s\"'<>]{1,200}?/webhooks?)/[^\\s\"'<>]+", "$1/" + MARK),
        rule("bearer", "(?i)\\b(bearer)\\s+[A-Za-z0-9._~+/=-]{6,}", "$1 " + MARK),
        rule("basic", "(?i)\\b(basic)\\s+[A-Za-z0-9+/_-]{8,}={0,2}", "$1 " + MARK),
        rule("-u", "(?<![\\w-])(-u|--user)([ =])[^\\s:]{1,100}:\\S+", "$1$2" + MARK),
        rule("eyj", "(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}[.][A-Za-z0-9_-]{5,}([.][A-Za-z0-9_-]*)?", MARK),
        rule("akia asia agpa aroa aida anpa",
            "(?<![A-Za-z0-9])(AKIA|ASIA|AGPA|AROA|AIDA|ANPA)[A-Z0-9]{16}(?![A-Za-z0-9])", MARK),
        rule("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox k_live_ k_test_ sk- aiza npm_",
            "(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,}|glpat-[\\w-]{16,}|xox[abeoprs]-[\\w-]{10,}"
                + "|[rs]k_(live|test)_\\w{10,}|sk-[\\w-]{20,}|AIza[\\w-]{35}|npm_[A-Za-z0-9]{30,})",
            MARK));

    private static final Pattern KEY_BEGIN = Pattern.compile("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----");
    private static final Pattern KEY_END = Pattern.compile("-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----");
    private static final Pattern KEY_CUT_OFF = Pattern.compile(
        "[^\\n]*(\\n[^\\n]{0,40}?[A-Za-z0-9+/=]{16,100}[ \\t\\r]*(?=\\n|$)){0,200}+");
    private static final int AWS_KEY = 40;
    private static final String NEIGHBOURS = "=._-";            // that make it a part of something else
    private static final int LONGEST_KEY = 16_000;      // RSA of 8192 bits in PEM, with Docker's time on each line

    private SecretShapes() {}

    static String redacted(String text) {
        text = privateKeys(text);
        String small = text.toLowerCase(Locale.ROOT);       // what is replaced takes words away, and adds none
        for (Rule rule : RULES)
            if (rule.mayMatch(small)) text = rule.pattern.matcher(text).replaceAll(rule.replacement);
        return awsKeys(text);
    }

    /**
     * Bare secret keys: 40 characters of base64 with capitals, small letters and digits (a commit id has no capitals).
     */
    private static String awsKeys(String text) {
        var out = new StringBuilder();
        int kept = 0, start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && isBase64(text.charAt(i))) continue;
            if (i - start == AWS_KEY && isAwsKey(text, start, i)) {
                out.append(text, kept, start).append(MARK);
                kept = i;
            }
            start = i + 1;
        }
        return kept == 0 ? text : out.append(text, kept, text.length()).toString();
    }

    private static boolean isBase64(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '/' || c == '+';
    }

    private static boolean isAwsKey(String text, int start, int end) {
        boolean alone = (start == 0 || NEIGHBOURS.indexOf(text.charAt(start - 1)) < 0)
            && (end == text.length() || NEIGHBOURS.indexOf(text.charAt(end)) < 0);
        var key = text.substring(start, end);
        return alone && key.matches(".*[A-Z].*") && key.matches(".*[a-z].*") && key.matches(".*[0-9].*");
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
            if (ends && end.start() - begin.end() < LONGEST_KEY) kept = end.end();
            else kept = cutOff.lookingAt() ? cutOff.end() : begin.end();
        }
        return kept == 0 ? text : out.append(text, kept, text.length()).toString();
    }
}
