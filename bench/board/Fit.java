package board;

import java.util.ArrayList;
import java.util.List;

/** What something costs at several sizes, and how it grows with them. */
public record Fit(List<Step> steps) {
    public record Step(double size, double cost) {}

    /** Measured, not proven: two runs of the same thing differ by a few per cent. */
    private static final double LINEAR = 1.1;

    public static Fit none() { return new Fit(new ArrayList<>()); }

    public Fit add(double size, double cost) {
        steps.add(new Step(size, cost));
        return this;
    }

    /** Of the straight line through the logarithms: cost ~ size^x. */
    public double exponent() {
        double x = mean(steps.stream().map(s -> Math.log(s.size)).toList()),
            y = mean(steps.stream().map(s -> Math.log(s.cost)).toList()), above = 0, below = 0;
        for (Step s : steps) {
            above += (Math.log(s.size) - x) * (Math.log(s.cost) - y);
            below += (Math.log(s.size) - x) * (Math.log(s.size) - x);
        }
        return above / below;
    }

    /** "grows with exponent 0.31, not worse than linear". */
    public String text() {
        double x = exponent();
        return "grows with exponent %.2f, %s".formatted(x, x <= LINEAR ? "not worse than linear" : "WORSE than linear");
    }

    private static double mean(List<Double> all) {
        return all.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
