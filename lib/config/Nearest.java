package lib.config;

import java.util.Collection;
import java.util.Comparator;
import lib.core.Failure;
import lib.core.Text;

/** The known key that one who mistyped probably meant. */
final class Nearest {
    private Nearest() {}

    /** @param name as it was given; @param shown with what it stands in */
    static Failure unknown(String where, String shown, String name, Collection<String> known) {
        String given = Text.brief(name);
        String meant = known.stream().min(Comparator.comparingInt(k -> distance(given, k))).orElseThrow();
        return Failure.usage(where + ": unknown key '" + Text.brief(shown) + "'", "did you mean '" + meant + "'?");
    }

    private static int distance(String a, String b) {      // Levenshtein
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int swap = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(swap, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
