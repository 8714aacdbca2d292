package board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lib.core.Console;
import picocli.CommandLine.Option;

/** Where a benchmark shows what it measured: on the terminal, and in docs/BENCHMARKS.md if asked to. A mixin. */
public final class Board {
    @Option(names = "--write-docs", description = "the tables go into docs/BENCHMARKS.md, with a chart each")
    boolean writes;
    @Option(names = "--yes", description = "ask nothing")
    boolean yes;

    /** A table with its chart; {@code says}: one line above it, of what is compared with what. */
    public record Part(String says, Table table, Bars bars) {}

    private final Path docs = Path.of(System.getenv("BLUEGREEN_HOME"), "docs");

    /** @param name of the benchmark; @param says what it measures and how, as people read it */
    public void show(Console console, String name, String says, List<Part> parts)
        throws IOException, InterruptedException {
        for (Part part : parts) console.line("\n" + part.says + "\n\n" + part.table.text());
        if (!writes) return;
        var section = new ArrayList<String>();
        section.add("## " + name);
        section.add(says + "\n\n`./bluegreen bench " + name + "` on " + Machine.line() + ".");
        for (int i = 0; i < parts.size(); i++) {
            String picture = "bench-" + name + (i == 0 ? "" : "-" + (i + 1)) + ".svg";
            Files.writeString(docs.resolve(picture), parts.get(i).bars.svg());
            section.add(parts.get(i).says);
            section.add("![" + parts.get(i).bars.title() + "](" + picture + ")");
            section.add(parts.get(i).table.markdown());
        }
        Path page = docs.resolve("BENCHMARKS.md");
        Files.writeString(page, put(Files.readString(page), name, String.join("\n\n", section)));
        console.line("\nwritten: docs/BENCHMARKS.md");
    }

    /** The page with this section in place of the one between its marks, or at its end. */
    static String put(String page, String name, String section) {
        String begin = "<!-- bench " + name + " -->\n", end = "\n<!-- end " + name + " -->\n";
        String whole = begin + section + end;
        int from = page.indexOf(begin), to = page.indexOf(end);
        return from < 0 || to < from
            ? page + "\n" + whole
            : page.substring(0, from) + whole + page.substring(to + end.length());
    }
}
