package lib.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Text;

/**
 * A value under {@code variables:} or {@code build.args:} that says where a secret is, instead of the secret. {@code
 * text}: as it is written.
 */
public sealed interface Reference {
    /** What a literal value begins with that would be taken for a reference otherwise. */
    String LITERAL = "literal:";

    String text();

    record InFile(String text, Path file) implements Reference {}
    record InEnvironment(String text, String name) implements Reference {}
    /** What a command prints, run in a folder and by no shell. {@code login}: what gives it its right to it. */
    record Printed(String text, List<String> command, Path folder, String login) implements Reference {
        public String program() { return command.getFirst(); }
        /** For a person; the arguments of one's own command may be secrets, which stand in bluegreen.yaml. */
        public String hand() {
            return text.startsWith("cmd:")
                ? program() + " ..."
                : String.join(" ", command.stream().map(Printed::word).toList());
        }
        private static String word(String word) {
            return word.matches("[A-Za-z0-9_./:=@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
        }
    }

    /**
     * Empty: a value of its own.
     * @param key "variables.NAME", for the person
     * @param base for paths
     * @throws Failure (usage) for one that is not whole
     */
    static Optional<Reference> of(String key, String text, Path base) {
        return Optional.ofNullable(switch (text.replaceFirst("(?s):.*", "")) {
            case "file" -> new InFile(text, base.resolve(rest(key, text, "file:[^\\p{Cntrl}]+", "file:PATH")));
            case "env" -> new InEnvironment(text, rest(key, text, "env:[A-Za-z_][A-Za-z0-9_]*", "env:NAME"));
            case "sops" -> sops(key, text, base);
            case "op" -> text.startsWith("op://") ? op(key, text, base) : null;
            case "vault" -> vault(key, text, base);
            case "cmd" -> command(key, text, base);
            default -> null;
        });
    }

    static String literal(String text) { return text.startsWith(LITERAL) ? text.substring(LITERAL.length()) : text; }

    private static Reference sops(String key, String text, Path base) {
        String rest = rest(key, text, "sops:[^#\\p{Cntrl}]+#[A-Za-z0-9_.-]+",
            "sops:FILE#KEY or sops:FILE#KEY.KEY");
        int at = rest.indexOf('#');
        String keys = Stream.of(rest.substring(at + 1).split("\\."))
            .map(k -> k.matches("\\d+") ? "[" + k + "]" : "[\"" + k + "\"]")
            .collect(Collectors.joining());
        String file = base.resolve(rest.substring(0, at)).toString();
        return new Printed(text, List.of("sops", "--decrypt", "--extract", keys, file), base,
            "the key that the file is encrypted for: SOPS_AGE_KEY_FILE, or gpg");
    }

    private static Reference op(String key, String text, Path base) {
        rest(key, text, "op://[^/\\p{Cntrl}]+/[^/\\p{Cntrl}]+/[^\\p{Cntrl}]+", "op://VAULT/ITEM/FIELD");
        return new Printed(text, List.of("op", "read", "--no-newline", text), base, "op signin");
    }

    private static Reference vault(String key, String text, Path base) {
        String rest = rest(key, text, "vault:[A-Za-z0-9_/][^#\\s\\p{Cntrl}]*#[A-Za-z0-9_.-]+", "vault:PATH#FIELD");
        int at = rest.indexOf('#');
        return new Printed(text,
            List.of("vault", "kv", "get", "-field=" + rest.substring(at + 1), rest.substring(0, at)), base,
            "vault login");
    }

    private static Reference command(String key, String text, Path base) {
        String form = "cmd:[\"PROGRAM\", \"ARGUMENT\"]   (a JSON list; no shell reads it)";
        JsonNode list = Json.read(rest(key, text, "(?s)cmd:.+", form)).orElseThrow(() -> wrong(key, form));
        if (!list.isArray() || list.isEmpty()) throw wrong(key, form);
        var words = new ArrayList<String>();
        for (JsonNode word : list) {
            if (!word.isTextual() || word.asText().indexOf(0) >= 0) throw wrong(key, form);
            words.add(word.asText());
        }
        return new Printed(text, List.copyOf(words), base, "what " + Text.brief(words.getFirst()) + " asks for");
    }

    private static String rest(String key, String text, String pattern, String form) {
        if (!text.matches(pattern)) throw wrong(key, form);
        return text.substring(text.indexOf(':') + 1);
    }

    /** Without the value: it may be a secret that only begins like a reference. */
    private static Failure wrong(String key, String form) {
        return Failure.usage(key + " is not a whole reference", "it is written " + form,
            "or, if the value itself begins so: " + LITERAL + "VALUE");
    }
}
