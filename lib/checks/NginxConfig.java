package lib.checks;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Failure;

/**
 * A configuration as {@code nginx -T} prints it: every file it includes, one after the other. An included file's
 * directives so stand beside the block that includes it, not in it.
 */
record NginxConfig(List<Directive> directives) {

    /** {@code block}: what stands between its braces; empty when it has none. */
    record Directive(String name, List<String> arguments, List<Directive> block) {
        String first() { return arguments.isEmpty() ? "" : arguments.getFirst(); }
        Stream<Directive> deep() { return Stream.concat(Stream.of(this), block.stream().flatMap(Directive::deep)); }
        private Stream<Directive> deepButStreams() {
            boolean streams = own("proxy_buffering").filter(d -> d.first().equals("off")).isPresent();
            return streams
                ? Stream.of(this)
                : Stream.concat(Stream.of(this), block.stream().flatMap(Directive::deepButStreams));
        }
        /** In its own block. */
        Optional<Directive> own(String wanted) { return block.stream().filter(d -> d.name.equals(wanted)).findFirst(); }
    }

    static NginxConfig parse(String dump) {
        var open = new ArrayDeque<Directive>();
        open.push(new Directive("", List.of(), new ArrayList<>()));
        var words = new ArrayList<String>();
        for (String token : tokens(dump)) {
            switch (token) {
                case ";", "{" -> {
                    if (words.isEmpty()) break;
                    var directive = new Directive(words.getFirst(), List.copyOf(words.subList(1, words.size())),
                        new ArrayList<>());
                    open.element().block.add(directive);
                    if (token.equals("{")) open.push(directive);
                    words.clear();
                }
                case "}" -> {
                    words.clear();
                    if (open.size() > 1) open.pop();
                }
                default -> words.add(token.substring(1));
            }
        }
        return new NginxConfig(open.getLast().block);
    }

    /** Words with a mark in front, so that a quoted ";" is none; and ; { } alone. */
    private static List<String> tokens(String text) {
        var tokens = new ArrayList<String>();
        for (int i = 0; i < text.length();) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c)) i++;
            else if (c == '#') while (i < text.length() && text.charAt(i) != '\n') i++;
            else if (c == ';' || c == '{' || c == '}') {
                tokens.add(String.valueOf(c));
                i++;
            } else i = word(text, i, tokens);
        }
        return tokens;
    }

    private static int word(String text, int i, List<String> tokens) {
        var word = new StringBuilder("=");
        char quote = text.charAt(i) == '"' || text.charAt(i) == '\'' ? text.charAt(i++) : 0;
        for (boolean variable = false; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0 ? c == quote : !variable && (Character.isWhitespace(c) || c == ';' || c == '{')) break;
            if (c == '\\' && i + 1 < text.length()) {
                word.append(c);
                c = text.charAt(++i);
            }
            word.append(c);
            // ${name} is part of a word
            if (c == '$' && i + 1 < text.length() && text.charAt(i + 1) == '{') variable = true;
            else if (c == '}') variable = false;
        }
        tokens.add(word.toString());
        return quote != 0 ? i + 1 : i;
    }

    /** Wherever it stands. */
    List<Directive> all(String name) {
        return directives.stream().flatMap(Directive::deep).filter(d -> d.name.equals(name)).toList();
    }

    /**
     * The longest of a time wherever it is set, but for locations of streams, which are as long as they like; {@code
     * fallback}: Nginx's own default.
     */
    Duration longest(String name, Duration fallback) {
        return directives.stream()
            .flatMap(Directive::deepButStreams)
            .filter(d -> d.name.equals(name))
            .map(d -> time(d.first()))
            .reduce((a, b) -> a.compareTo(b) > 0 ? a : b)
            .orElse(fallback);
    }

    /** "75", "75s", "1h 30m" without the space, "500ms". Anything else (a variable) is zero. */
    static Duration time(String text) {
        if (text.matches("\\d{1,9}")) return Duration.ofSeconds(Long.parseLong(text));
        try {
            return Config.duration(text);
        } catch (Failure notATime) {
            return Duration.ZERO;
        }
    }
}
