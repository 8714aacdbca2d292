package lib.report;

import java.util.Locale;

/** Numbers as they are told, the same in every locale. NaN: not known, "?". */
final class Amount {
    private Amount() {}

    /** 12,345 */
    static String count(long n) { return String.format(Locale.ROOT, "%,d", n); }

    /** One decimal at most; small numbers two. */
    static String of(double v) {
        if (Double.isNaN(v)) return "?";
        double unit = Math.abs(v) < 1 ? 100 : 10;
        double rounded = Math.round(v * unit) / unit;
        return rounded == Math.rint(rounded) ? String.valueOf((long) rounded) : String.valueOf(rounded);
    }

    static String ms(double v) { return Double.isNaN(v) ? "?" : of(v) + " ms"; }

    /** Decimals only where there is little else. */
    static String whole(double v) { return v < 10 ? of(v) : count(Math.round(v)); }
}
