package lib.report;

import java.util.Optional;

/** How a run ended, in a word or two, and the colour of it. */
record Outcome(String css, String text) {
    static Outcome of(Story story, Optional<Tick.Verdict> verdict) {
        return switch (story.code()) {
            case -1 -> new Outcome("warn", "… no end");
            case 0 -> done(story, verdict);
            case 1 -> new Outcome("bad", "✗ unhealthy");
            case 3 -> new Outcome("warn", "✗ refused, nothing changed");
            case 6 -> new Outcome("warn", "↺ rolled back");
            case 7 -> new Outcome("bad", "! unconfirmed: act by hand");
            case 130, 143 -> new Outcome("warn", "✗ interrupted");
            default -> new Outcome("bad", "✗ failed");
        };
    }

    private static Outcome done(Story story, Optional<Tick.Verdict> verdict) {
        return switch (story.run().command()) {
            case "monitor" -> verdict.map(Outcome::of).orElse(new Outcome("good", "✓ watched"));
            case "deploy" -> new Outcome("good", story.moves().isEmpty() ? "✓ standby is ready" : "✓ deployed");
            default -> new Outcome("good", story.isRollback() ? "✓ rolled back" : "✓ done");
        };
    }

    static Outcome of(Tick.Verdict verdict) {
        return new Outcome(switch (verdict.verdict()) {
            case "pass" -> "good";
            case "fail" -> "bad";
            default -> "warn";
        }, verdict.verdict());
    }
}
