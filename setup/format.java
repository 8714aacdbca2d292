//JAVA 25+
//DEPS org.eclipse.jdt:org.eclipse.jdt.core:3.45.0

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jdt.core.JavaCore;
import org.eclipse.jdt.core.ToolFactory;
import org.eclipse.jdt.core.formatter.CodeFormatter;
import org.eclipse.jdt.core.formatter.DefaultCodeFormatterConstants;
import org.eclipse.jface.text.BadLocationException;
import org.eclipse.jface.text.Document;

/**
 * All Java files in the form that format.properties says, by Eclipse's formatter: it leaves comments alone, and so
 * JBang's headers. {@code --check} only tells which are not in that form, and ends with 1 if there are any.
 */
class Format {
    private static final String KEY = "org.eclipse.jdt.core.formatter.";
    private static final int WIDTH = 120;
    private static final Set<String> NOT_OURS = Set.of("node_modules", "target");

    private static final Pattern JAVADOC = Pattern.compile("(?m)^( *)(/\\*\\*(?s:.*?)\\*/)$");
    private static final Pattern STAND_IN = Pattern.compile("(?m)^( *)//javadoc (\\d+) (\\d+)$");
    private static final Pattern CHAIN_BEGINS = Pattern.compile(
        "\\b\\w+(?:(?:\\.\\w+\\(\\))+(?=\\s*\\.)|\\.(?=\\w+\\())");
    private static final String MARKS = ".()", LETTERS = "\uA4F8\uA4F9\uA4FA";
    private static final String TEXT_BLOCK = "\"\"\"\\R(?s:.*?)\"\"\"";
    private static final Pattern ELSE_IF = Pattern.compile(TEXT_BLOCK + "|\\belse(\\n *)if \\(");
    private static final Pattern BARE_ANNOTATION = Pattern.compile(TEXT_BLOCK + "|(?m)^( +@\\w+)\\n +((?!//)\\S.*)$");

    public static void main(String... arguments) throws IOException {
        boolean check = List.of(arguments).contains("--check");
        Path home = Path.of(System.getenv("BLUEGREEN_HOME"));
        var settings = settings(home.resolve("setup/format.properties"));
        var files = files(home);
        var others = files.parallelStream().filter(f -> differs(f, settings, check)).toList();
        others.stream().limit(check ? 10 : others.size()).forEach(f -> System.out.println(home.relativize(f)));
        System.out.printf("%d files, %d %s%n", files.size(), others.size(), check ? "not formatted" : "changed");
        System.exit(check && !others.isEmpty() ? 1 : 0);
    }

    private static Map<String, String> settings(Path file) throws IOException {
        Map<String, String> settings = DefaultCodeFormatterConstants.getEclipseDefaultSettings();
        JavaCore.setComplianceOptions("25", settings);
        var ours = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            ours.load(in);
        }
        for (String name : ours.stringPropertyNames()) {
            if (settings.put(KEY + name, ours.getProperty(name)) == null)
                throw new IOException(file + " has an unknown setting: " + name);
        }
        return settings;
    }

    private static List<Path> files(Path home) throws IOException {
        var found = new ArrayList<Path>();
        Files.walkFileTree(home, new SimpleFileVisitor<>() {
            @Override public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean ours = folder.equals(home) || !name.startsWith(".") && !NOT_OURS.contains(name);
                return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) found.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
        return found.stream().sorted().toList();
    }

    private static boolean differs(Path file, Map<String, String> settings, boolean check) {
        try {
            String text = Files.readString(file), formatted = format(text, settings);
            if (formatted.equals(text)) return false;
            if (!check) Files.writeString(file, formatted);
            return true;
        } catch (IOException | BadLocationException e) {
            throw new IllegalStateException(file + ": " + e.getMessage(), e);
        }
    }

    private static String format(String text, Map<String, String> settings) throws IOException, BadLocationException {
        var javadocs = new ArrayList<String>();
        String formatted = eclipse(chainsBegun(withoutJavadoc(text, javadocs)), settings);
        String chained = replace(ELSE_IF, formatted, found -> found.group(1) == null ? null : "else if (");
        if (!chained.equals(formatted)) {
            var tight = new HashMap<>(settings);
            tight.put(DefaultCodeFormatterConstants.FORMATTER_ALIGNMENT_FOR_COMPACT_IF, "16");     // where necessary
            formatted = eclipse(chained, tight);
        }
        return beside(withJavadoc(translate(formatted, LETTERS, MARKS), javadocs));
    }

    private static String eclipse(String text, Map<String, String> settings) throws IOException, BadLocationException {
        int what = CodeFormatter.K_COMPILATION_UNIT | CodeFormatter.F_INCLUDE_COMMENTS;
        var edit = ToolFactory.createCodeFormatter(settings).format(what, text, 0, text.length(), 0, "\n");
        if (edit == null) throw new IOException("this is not Java");
        var document = new Document(text);
        edit.apply(document);
        return document.get();
    }

    // What Eclipse does not know, or does wrong.

    /** It would take a one-line method apart whose javadoc has no room on the same line. */
    private static String withoutJavadoc(String text, List<String> javadocs) {
        return replace(JAVADOC, text, found -> {
            javadocs.add(found.group(2));
            return found.group(1) + "//javadoc " + (javadocs.size() - 1) + " " + found.group(1).length();
        });
    }

    private static String withJavadoc(String text, List<String> javadocs) {
        return replace(STAND_IN, text, found -> {
            String now = found.group(1), before = " ".repeat(Integer.parseInt(found.group(3)));
            return now + javadocs.get(Integer.parseInt(found.group(2))).replace("\n" + before, "\n" + now);
        });
    }

    /**
     * A chain breaks before its second call, or the first with arguments: what is before that becomes one long name.
     */
    private static String chainsBegun(String text) {
        return replace(CHAIN_BEGINS, text, found -> translate(found.group(), MARKS, LETTERS));
    }

    private static String translate(String text, String from, String to) {
        for (int i = 0; i < from.length(); i++) text = text.replace(from.charAt(i), to.charAt(i));
        return text;
    }

    /** An annotation without arguments stands beside what it marks, if there is room; Eclipse knows all or none. */
    private static String beside(String text) {
        String joined = replace(BARE_ANNOTATION, text, found -> {
            if (found.group(1) == null) return null;
            String line = found.group(1) + " " + found.group(2);
            return line.length() > WIDTH ? null : line;
        });
        return joined.equals(text) ? text : beside(joined);
    }

    /** @param by null leaves what was found as it is */
    private static String replace(Pattern pattern, String text, Function<MatchResult, String> by) {
        return pattern.matcher(text)
            .replaceAll(found -> Matcher.quoteReplacement(by.apply(found) instanceof String s ? s : found.group()));
    }
}
