package lib.secrets;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a secret value ends that begins at a known place: in quotes, in brackets, in a YAML block, in percent-encoding.
 */
final class SecretValue {
    /** How the text around a value is written. */
    sealed interface Style {}
    /**
     * {@code json}: its name was quoted; {@code header}: it goes to the end of the line; {@code variable}: a
     * NAME=VALUE.
     */
    record Plain(boolean json, boolean header, boolean variable) implements Style {}
    /** {@code level}: "25" as often as the text was encoded once more; {@code json}: its name was quoted. */
    record Encoded(String level, boolean json) implements Style {}

    static final Style IN_JSON = new Plain(true, false, false);

    /** Characters that are looked at for the end of a list or of a YAML block. */
    private static final int LONGEST_LIST = 10_000, LONGEST_BLOCK = 20_000;
    private static final int BACKSLASHES = 16;          // before a quote: JSON in JSON in JSON in JSON has 15
    private static final String ENDS = "26|20|0A|0D|22|27", ENDS_IN_JSON = ENDS + "|2C|7D|5D";

    /** Docker's time may stand before each line. */
    private static final String LINE = "(?:\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,20}Z )?(?<indent>[ \\t]*+)";
    private static final Pattern INDENTED = Pattern.compile(LINE + "(?<said>[^\\n]*+)\\n?");
    private static final Pattern BLOCK = Pattern.compile("[|>][+-]?[1-9]?[+-]?[ \\t]{0,8}\\r?\\n");
    private static final Pattern BELOW = Pattern.compile("\\r?\\n");

    private SecretValue() {}

    /** Of the characters at this place, those that open a quoted value. */
    static int quotes(String text, int at, Style style) {
        if (style instanceof Encoded(String level, boolean _)) {
            int end = at;
            while (encoded(text, end, level, "5C")) end += 3 + level.length();
            return encoded(text, end, level, "22|27") ? end + 3 + level.length() - at : 0;
        }
        int end = at;
        while (end < text.length() && text.charAt(end) == '\\' && end - at < BACKSLASHES) end++;
        return end < text.length() && (text.charAt(end) == '"' || text.charAt(end) == '\'') ? end + 1 - at : 0;
    }

    static int end(String text, int at, int limit, Style style) {
        return switch (style) {
            case Encoded e -> encodedEnd(text, at, limit, e);
            case Plain p when quotes(text, at, p) > 0 -> quotedEnd(text, at, at + quotes(text, at, p), limit);
            case Plain p -> {
                int block = blockEnd(text, at, limit);
                yield block > at ? block : unquotedEnd(text, at, limit, p);
            }
        };
    }

    /** Before its own closing quote: not one behind one more backslash. */
    private static int quotedEnd(String text, int at, int from, int limit) {
        String closing = text.substring(at, from);
        int end = from;
        while (end < limit
            && text.charAt(end) != '\n'
            && !(text.startsWith(closing, end) && text.charAt(end - 1) != '\\')) end++;
        return end;
    }

    /**
     * At a blank: in JSON also at , } ] and in a query at &, but not in NAME=VALUE, where they may belong to the
     * password. A header's goes to the end of the line, a list to its closing bracket.
     */
    private static int unquotedEnd(String text, int at, int limit, Plain p) {
        boolean list = at < limit && "[{".indexOf(text.charAt(at)) >= 0 && !text.startsWith(Redaction.MARK, at);
        for (int end = list ? listEnd(text, at, limit) : at; end < limit; end++) {
            char c = text.charAt(end);
            if (c == '\n' || c == '\r' || !p.header && Character.isWhitespace(c)) return end;
            if (p.json && (c == ',' || c == '}' || c == ']') && !marked(text, end)) return end;
            if (!p.variable && !p.header && c == '&') return end;
            // The quote that closes a string around all this, as in "msg":"password=x","status":500.
            boolean closing = c == '"'
                && text.charAt(end - 1) != '\\'
                && (end + 1 == text.length() || ",}]\n\r ".indexOf(text.charAt(end + 1)) >= 0);
            if (!p.header && closing) return end;
        }
        return limit;
    }

    /** The bracket of our own mark. */
    private static boolean marked(String text, int bracket) {
        return text.startsWith(Redaction.MARK, bracket + 1 - Redaction.MARK.length());
    }

    /** Behind the bracket that closes the one here; without one nearby, the end of the line. */
    private static int listEnd(String text, int at, int limit) {
        int depth = 0, most = Math.min(limit, at + LONGEST_LIST);
        for (int end = at; end < most; end++) {
            int quotes = quotes(text, end, IN_JSON);
            if (quotes > 0) end = quotedEnd(text, end, end + quotes, most) + quotes - 1;
            else if ("[{".indexOf(text.charAt(end)) >= 0) depth++;
            else if ("]}".indexOf(text.charAt(end)) >= 0 && --depth == 0) return end + 1;
        }
        int line = text.indexOf('\n', at);
        return line < 0 || line > limit ? limit : line;
    }

    /**
     * YAML: the lines below that are indented more than the line here, behind "|" or ">"; or where nothing stands
     * behind the name, items of a list and single words. Returns {@code at} when there are none.
     */
    private static int blockEnd(String text, int at, int limit) {
        var block = BLOCK.matcher(text).region(at, limit);
        var below = BELOW.matcher(text).region(at, limit);
        boolean literal = block.lookingAt();
        if (!literal && !below.lookingAt()) return at;
        int here = indent(text, at), end = at;
        int from = literal ? block.end() : below.end(), most = Math.min(limit, from + LONGEST_BLOCK);
        while (from < most) {
            var line = INDENTED.matcher(text).region(from, limit);
            if (!line.lookingAt()) break;
            String said = line.group("said").strip();
            int indent = line.group("indent").length();
            boolean item = said.startsWith("- ") && indent >= here;
            boolean word = indent > here && !said.matches("\\S*:|.*\\s.*");
            boolean belongs = literal ? said.isEmpty() || indent > here : item || word && !said.isEmpty();
            if (!belongs) break;
            if (!said.isEmpty()) end = from + line.end("said") - line.start();
            from = line.end();
        }
        return end;
    }

    private static int indent(String text, int at) {
        int begin = text.lastIndexOf('\n', at - 1) + 1;
        var line = INDENTED.matcher(text).region(begin, at);
        return line.lookingAt() ? line.group("indent").length() : 0;
    }

    private static int encodedEnd(String text, int at, int limit, Encoded e) {
        int quotes = quotes(text, at, e);
        String closing = text.substring(at, at + quotes), ends = e.json ? ENDS_IN_JSON : ENDS;
        int end = at + quotes;
        for (; end < limit; end++) {
            char c = text.charAt(end);
            if (Character.isWhitespace(c) || "\"'&<>".indexOf(c) >= 0) return end;
            if (quotes > 0 ? text.startsWith(closing, end) : encoded(text, end, e.level, ends)) return end;
        }
        return end;
    }

    private static boolean encoded(String text, int at, String level, String codes) {
        return at + 3 + level.length() <= text.length()
            && text.charAt(at) == '%'
            && text.startsWith(level, at + 1)
            && codes.contains(
                text.substring(at + 1 + level.length(), at + 3 + level.length()).toUpperCase(Locale.ROOT));
    }
}
