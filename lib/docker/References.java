package lib.docker;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import lib.config.Config;
import lib.config.Reference;
import lib.core.Console;
import lib.core.Failure;
import lib.process.Command;
import lib.secrets.Redaction;

/**
 * The variables that bluegreen.yaml has by reference. Read when a container is made, once in a process, and kept in its
 * memory alone: compose gets them through its environment. What makes no container needs none of them.
 */
public final class References {
    /** A password manager may ask a person; longer than that is a question that nobody answers. */
    static final Duration LIMIT = Duration.ofSeconds(30);
    /** What stands for each of them where compose only reads its files. */
    public static final String UNREAD = "not-read-by-reference";
    /** No password or key has more. */
    private static final int LARGEST = 64 << 10;

    private static final Map<Reference, String> READ = new ConcurrentHashMap<>();

    private References() {}

    /**
     * Their values.
     * @throws Failure (pre-flight) when one cannot be read: with its name, its reference and what to do
     */
    public static Map<String, String> read(Config config) { return read(config, LIMIT); }

    static Map<String, String> read(Config config, Duration limit) { return read(config.references(), limit); }

    /** The same for the build's arguments. */
    static Map<String, String> ofBuild(Config config) { return read(config.buildReferences(), LIMIT); }

    private static Map<String, String> read(Map<String, Reference> references, Duration limit) {
        var values = new TreeMap<String, String>();
        new TreeMap<>(references).forEach((name, reference) -> {
            String value = READ.computeIfAbsent(reference, _ -> value(name, reference, limit));
            Redaction.learn(value);
            values.put(name, value);
        });
        return values;
    }

    /** The same names, for compose to read its files by. */
    public static Map<String, String> unread(Config config) {
        var values = new TreeMap<String, String>();
        config.references().keySet().forEach(name -> values.put(name, UNREAD));
        return values;
    }

    /** What can be known of one without reading it; empty: it may be there. */
    public static Optional<Failure> missing(String name, Reference reference) {
        return switch (reference) {
            case Reference.InFile(String text, Path file) when !Files.isReadable(file) || Files.isDirectory(file) ->
                Optional.of(wrong(name, text, "there is no file " + file + " that can be read",
                    "write the value into it, and: chmod 600 " + file));
            case Reference.InEnvironment(String text, String variable) when System.getenv(variable) == null ->
                Optional.of(wrong(name, text, variable + " is not set", "export " + variable + "=..."));
            case Reference.Printed p when !isThere(p) -> Optional.of(wrong(name, p.text(),
                "there is no program " + p.program() + " on PATH", "install it where bluegreen runs"));
            default -> Optional.empty();
        };
    }

    private static boolean isThere(Reference.Printed printed) {
        String program = printed.program();
        if (program.contains("/")) return Files.isExecutable(printed.folder().resolve(program));
        return Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv().getOrDefault("PATH", ""))
            .filter(folder -> !folder.isEmpty())
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String value(String name, Reference reference, Duration limit) {
        missing(name, reference).ifPresent(failure -> { throw failure; });
        String value = withoutItsEnd(switch (reference) {
            case Reference.InFile(String text, Path file) -> contents(name, text, file);
            case Reference.InEnvironment(String _, String variable) -> System.getenv(variable);
            case Reference.Printed printed -> printed(name, printed, limit);
        });
        if (value.isEmpty())
            throw wrong(name, reference.text(), "it is empty", "give it a value where the reference leads to");
        if (value.length() > LARGEST || value.indexOf(0) >= 0)
            throw wrong(name, reference.text(), "what is there is no text that an environment can carry",
                "name the place of the secret itself");
        return value;
    }

    private static String contents(String name, String text, Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LARGEST + 1), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw wrong(name, text, "it cannot be read: " + e.getClass().getSimpleName(), "ls -l " + file);
        }
    }

    /**
     * What it says on its other stream may repeat the value: only the kind of its end is told, and how to see the rest.
     */
    private static String printed(String name, Reference.Printed printed, Duration limit) {
        var said = Command.of(limit, printed.command().toArray(String[]::new)).in(printed.folder()).run();
        if (said.ok()) return said.out();
        String how = said.ended()
            ? printed.program() + " " + said.end()
            : printed.program() + " gave no answer within " + Console.seconds(limit);
        throw wrong(name, printed.text(), how, printed.login() + ", then see what it says by hand: " + printed.hand());
    }

    /** Files and programs end their last line. */
    private static String withoutItsEnd(String value) { return value.replaceFirst("\\r?\\n\\z", ""); }

    private static Failure wrong(String name, String text, String why, String fix) {
        String shown = text.startsWith("cmd:") ? "cmd:[...]" : text;
        return Failure.preflight("the variable " + name + " has no value: " + shown, why, fix);
    }
}
