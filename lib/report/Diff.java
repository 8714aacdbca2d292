package lib.report;

import java.util.ArrayList;
import java.util.List;

/** What differs between two texts, line by line, as unified hunks: lines that begin with "+", "-", " " or "@@". */
final class Diff {
    /** Lines shown around a change. */
    private static final int AROUND = 2;
    /** Cells of the table of common lines; beyond it (two unlike files of 2,000 lines) all is shown as replaced. */
    private static final long LARGEST = 4_000_000;

    private Diff() {}

    /** Empty when the texts have the same lines. */
    static List<String> lines(String before, String after) {
        return hunks(edits(before.lines().toList(), after.lines().toList()));
    }

    /** All lines of both, each with its sign: the longest common subsequence stays. */
    private static List<String> edits(List<String> a, List<String> b) {
        int[][] common = (long) a.size() * b.size() > LARGEST ? null : new int[a.size() + 1][b.size() + 1];
        if (common != null)
            for (int i = a.size() - 1; i >= 0; i--)
                for (int j = b.size() - 1; j >= 0; j--)
                    common[i][j] = a.get(i).equals(b.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
        var out = new ArrayList<String>();
        int i = 0, j = 0;
        while (i < a.size() || j < b.size()) {
            if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
                out.add(" " + a.get(i));
                i++;
                j++;
            } else if (i < a.size() && (j == b.size() || common == null || common[i + 1][j] >= common[i][j + 1]))
                out.add("-" + a.get(i++));
            else
                out.add("+" + b.get(j++));
        }
        return out;
    }

    private static List<String> hunks(List<String> all) {
        var out = new ArrayList<String>();
        int line = 1, shown = 0;                       // of the new text; up to where all was told
        for (int k = 0; k < all.size(); k++) {
            boolean near = false;
            for (int n = Math.max(0, k - AROUND); n <= Math.min(all.size() - 1, k + AROUND); n++)
                near |= all.get(n).charAt(0) != ' ';
            if (near) {
                if (out.isEmpty() || shown < k) out.add("@@ line " + line);
                out.add(all.get(k));
                shown = k + 1;
            }
            if (all.get(k).charAt(0) != '-') line++;
        }
        return out;
    }
}
