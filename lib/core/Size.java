package lib.core;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Bytes as people write them: KB, MB, GB, TB are decimal, KiB and the like binary (docker stats). */
public final class Size {
    private static final List<String> UNITS = List.of("B", "KB", "MB", "GB", "TB");
    private static final Pattern TEXT = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,6})?)\\s?([KMGT]?)(i?)B",
        Pattern.CASE_INSENSITIVE);

    private Size() {}

    /** "5GB", "1.5 TB", "102.1MiB". @throws Failure (usage) */
    public static long parse(String text) {
        var m = TEXT.matcher(text.strip());
        if (!m.matches()) throw Failure.usage("'" + text + "' is not a size", "write 500MB, 5GB or 1TB");
        int power = " KMGT".indexOf(m.group(2).isEmpty() ? " " : m.group(2).toUpperCase(Locale.ROOT));
        return (long) (Double.parseDouble(m.group(1)) * Math.pow(m.group(3).isEmpty() ? 1000 : 1024, power));
    }

    /** "4.2 GB", decimal. */
    public static String text(long bytes) {
        double n = bytes;
        int unit = 0;
        while (n >= 1000 && unit < UNITS.size() - 1) {
            n /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, n < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", n, UNITS.get(unit));
    }
}
