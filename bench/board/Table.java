package board;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of text under columns; the first column is what was measured, the others are figures. */
public record Table(List<String> columns, List<List<String>> rows) {
    public static Table of(String... columns) { return new Table(List.of(columns), new ArrayList<>()); }

    /** @param row as many as there are columns */
    public Table add(String... row) {
        if (row.length != columns.size()) throw new IllegalArgumentException("columns: " + columns);
        rows.add(List.of(row));
        return this;
    }

    /** For a terminal: the first column to the left, figures to the right. */
    public String text() {
        var lines = new ArrayList<>(List.of(columns));
        lines.addAll(rows);
        var widths = IntStream.range(0, columns.size())
            .map(i -> lines.stream().mapToInt(line -> line.get(i).length()).max().orElse(0))
            .toArray();
        return lines.stream()
            .map(line -> IntStream.range(0, widths.length)
                .mapToObj(i -> ("%" + (i == 0 ? "-" : "") + Math.max(1, widths[i]) + "s").formatted(line.get(i)))
                .collect(Collectors.joining("  ")))
            .collect(Collectors.joining("\n"));
    }

    public String markdown() {
        var lines = new ArrayList<String>();
        lines.add(line(columns));
        lines.add("|---|" + String.join("", Collections.nCopies(columns.size() - 1, "---:|")));
        rows.forEach(row -> lines.add(line(row)));
        return String.join("\n", lines);
    }

    private static String line(List<String> cells) {
        return cells.stream().map(c -> c.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |"));
    }
}
