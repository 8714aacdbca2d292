package lib;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A version that has been good under traffic: what a rollback may go to. {@code image}: its id; empty when the journal
 * is from before it was noted.
 */
public record Served(String version, Optional<String> image, Color color) {

    /** By what the journals tell, the last one last. */
    public static List<Served> of(List<Journal.Run> runs) {
        var all = new ArrayList<Served>();
        for (var run : runs) {
            if (run.asked("version") == null || run.asked("to") == null) continue;
            if (run.asked("reason") != null) all.removeIf(s -> s.version.equals(run.asked("fromVersion")));      // it was bad after all
            boolean wentBack = !run.command().equals("switch") && run.did("rollback");
            if (wentBack && !run.asked("version").equals(run.asked("fromVersion"))) all.removeIf(s -> s.version.equals(run.asked("version")));
            if (!isGood(run)) continue;
            var image = Optional.ofNullable(run.asked("imageId")).or(() -> run.line("build", "done").map(n -> n.path("id").asText()));
            all.removeIf(s -> s.version.equals(run.asked("version")));
            all.add(new Served(run.asked("version"), image, Color.of(run.asked("to"))));
        }
        return all;
    }

    /** A deploy that was kept when its watch was over; a switch by hand, which a person answers for. */
    private static boolean isGood(Journal.Run run) {
        return switch (run.command()) {
            case "deploy" -> (run.did("switch") || run.did("watch")) && !run.did("rollback") && (run.endedWith(0) || passed(run));
            case "switch" -> run.did("switch") || run.did("rollback");
            default -> false;
        };
    }

    /** Cut off behind its watch. Inconclusive is also what a watch ends with when somebody else moves the traffic. */
    private static boolean passed(Journal.Run run) {
        return run.line("watch", "done").filter(l -> l.path("verdict").asText().equals("pass")).isPresent();
    }

    /** Whether a container holds it: by the image, or where none was noted by the version it was started as. */
    boolean isIn(Docker.Container container) {
        return image.map(container.image()::equals).orElse(version.equals(container.version()));
    }

    /** The last one that is not the version {@code serving}. */
    public static Optional<Served> before(List<Journal.Run> runs, String serving) {
        return of(runs).stream().filter(s -> !s.version.equals(serving)).reduce((_, last) -> last);
    }
}
