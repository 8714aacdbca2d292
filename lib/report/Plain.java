package lib.report;

import java.util.regex.Pattern;

/** Text from outside, made harmless for a page: no markup, no terminal colours, no control or direction characters. */
final class Plain {
    private static final Pattern TERMINAL = Pattern.compile("\033\\[[0-9;?]*[A-Za-z]"),
        LINE_END = Pattern.compile("\r\n?");

    private Plain() {}

    /** As HTML, of an element or of an attribute's value. */
    static String escape(String text) {
        var out = new StringBuilder();
        withoutTerminal(text).codePoints().forEach(c -> out.append(escape(c)));
        return out.toString();
    }

    /** The beginning of a text, at most so many bytes of HTML. */
    static String head(String text, int bytes) {
        int[] all = withoutTerminal(text).codePoints().toArray();
        int end = 0;
        for (int used = 0; end < all.length && (used += size(all[end])) <= bytes; end++) {}
        return new String(all, 0, end) + (end == all.length ? "" : "…");
    }

    /** The end of a text, at most so many bytes of HTML: output tells at its end what went wrong. */
    static String tail(String text, int bytes) {
        int[] all = withoutTerminal(text).codePoints().toArray();
        int from = all.length;
        for (int used = 0; from > 0 && (used += size(all[from - 1])) <= bytes; from--) {}
        return (from == 0 ? "" : "…") + new String(all, from, all.length - from);
    }

    private static String withoutTerminal(String text) {
        return LINE_END.matcher(TERMINAL.matcher(text).replaceAll("")).replaceAll("\n");
    }

    private static int size(int c) {
        return escape(c).codePoints().map(e -> e < 0x80 ? 1 : e < 0x800 ? 2 : e < 0x10000 ? 3 : 4).sum();
    }

    private static String escape(int c) {
        return switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '"' -> "&quot;";
            case '\'' -> "&#39;";
            case '\n', '\t' -> Character.toString(c);
            default -> {
                boolean direction = c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
                boolean half = c >= 0xD800 && c <= 0xDFFF;
                yield Character.isISOControl(c) || direction || half ? "\uFFFD" : Character.toString(c);
            }
        };
    }
}
