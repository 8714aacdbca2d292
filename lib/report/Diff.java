//DEPS io.github.java-diff-utils:java-diff-utils:4.16
package lib.report;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.algorithm.DiffAlgorithmListener;
import com.github.difflib.patch.ChangeDelta;
import com.github.difflib.patch.Chunk;
import com.github.difflib.patch.Patch;
import java.util.List;
import java.util.regex.Pattern;

/** What differs between two texts, line by line, as unified hunks: lines that begin with "+", "-", " " or "@@". */
public final class Diff {
    /** Lines shown around a change. */
    private static final int AROUND = 2;
    /** Time and memory grow with the square of the changed lines; beyond so many all is shown as replaced. */
    private static final int MOST = 1_000;
    /** Of a unified diff; the number is the line in the new text. */
    private static final Pattern HUNK = Pattern.compile("^@@ .* \\+(\\d+),.*");

    private Diff() {}

    /** Empty when the texts have the same lines. */
    public static List<String> lines(String before, String after) {
        var old = before.lines().toList();
        var patch = patch(old, after.lines().toList());
        return UnifiedDiffUtils.generateUnifiedDiff("", "", old, patch, AROUND)
            .stream()
            .skip(2)                                   // the files' names
            .map(line -> HUNK.matcher(line).replaceFirst("@@ line $1"))
            .toList();
    }

    private static Patch<String> patch(List<String> before, List<String> after) {
        try {
            return DiffUtils.diff(before, after, new Limit());
        } catch (TooMany e) {
            var all = new Patch<String>();
            all.addDelta(new ChangeDelta<>(new Chunk<>(0, before), new Chunk<>(0, after)));
            return all;
        }
    }

    /** The only way to end a search is from its listener. */
    private static final class Limit implements DiffAlgorithmListener {
        @Override public void diffStart() {}
        @Override public void diffStep(int changed, int most) { if (changed > MOST) throw new TooMany(); }
        @Override public void diffEnd() {}
    }
    private static final class TooMany extends RuntimeException {}
}
