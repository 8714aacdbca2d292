package lib.deploy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.docker.Image;
import lib.journal.Journal;
import lib.nginx.Generation;
import lib.state.Attempt;
import lib.state.Observed;
import lib.traffic.Rollback;

/**
 * All that is decided before a deploy's first step. {@code cut}: a deploy that did not come to its end and that this
 * one meets. {@code goesOn}: with that one, so what it did need not be done again. {@code observed}: before anything is
 * changed.
 */
public record Plan(Attempt attempt, Observed observed, Optional<Attempt.Interrupted> cut, boolean goesOn) {

    /** What a person asks for. Empty: as the configuration says, or as the deploy that was cut off was asked. */
    public record Request(Mode mode, Optional<String> version, Optional<Colour> target, Image.Source source,
        boolean noSwitch,
        Optional<Way> via, Optional<Duration> monitor, boolean force) {}

    /** Forward, on with a deploy that was cut off, or back to how it was before it. */
    public enum Mode { FORWARD, RESUME, ABORT }

    /** @param found as it was before anything was put in order @throws Failure (usage) when it can't be done so */
    public static Plan of(Request asked, Config config, Observed observed, Observed found) {
        if (asked.mode() == Mode.FORWARD) return forward(asked, config, observed, found);
        var undone = Attempt.undone(found)
            .orElseThrow(() -> Failure.usage("no deploy was cut off or failed", past(found), "status"));
        var cut = undone.attempt();
        boolean another = asked.version().filter(v -> !v.equals(cut.version())).isPresent()
            || asked.target().filter(t -> t != cut.to()).isPresent();
        if (another)
            throw Failure.usage("the deploy that was cut off is of " + cut.version() + " to " + cut.to())
                .next("deploy --resume   or   deploy --abort");
        boolean force = asked.force() || asked.mode() == Mode.RESUME && cut.force();
        var attempt = cut.from(observed.serving())
            .asked(asked.noSwitch() || cut.noSwitch(), asked.via().orElse(cut.via()),
                asked.monitor().orElse(cut.monitor()), force);
        return new Plan(attempt, observed, Optional.of(undone), true);
    }

    /** After a deploy that was cut off: the same version goes on with it, another one takes its place. */
    private static Plan forward(Request asked, Config config, Observed observed, Observed found) {
        var cut = Attempt.interrupted(found);
        var via = asked.via().orElse(config.switching());
        var monitor = asked.monitor().orElse(config.monitor());
        boolean goesOn = cut.map(Attempt.Interrupted::attempt)
            .filter(c -> asked.version().filter(c.version()::equals).isPresent()
                && asked.target().filter(t -> t != c.to()).isEmpty())
            .isPresent();
        var attempt = goesOn
            ? cut.get().attempt().from(observed.serving()).asked(asked.noSwitch(), via, monitor, asked.force())
            : fresh(asked, via, monitor, observed);
        return new Plan(attempt, observed, cut, goesOn);
    }

    /** To the standby: never to a colour that Nginx sends traffic to. */
    private static Attempt fresh(Request asked, Way via, Duration monitor, Observed observed) {
        String version = asked.version().orElseThrow();
        var serving = observed.serving();
        var active = serving.active();
        boolean first = observed.active().isEmpty();
        if (!first && asked.target().filter(t -> t == active).isPresent())
            throw Failure.usage(active + " serves the traffic",
                "deploying to it would stop what your users see; the standby is " + active.other(),
                "deploy --version " + version + "   (without --target)");
        var to = first ? asked.target().orElse(active) : active.other();
        return new Attempt(version, to, asked.source(), asked.noSwitch(), via, monitor, asked.force(),
            first ? Optional.empty() : Optional.of(observed.version(active)),
            observed.container(to).map(Attempt.Was::of), serving.backed(), serving.number());
    }

    /** What came after the deploy that somebody may have in mind. */
    private static String past(Observed found) {
        return found.runs().reversed().stream()
            .filter(r -> r.asked("to") != null)
            .findFirst()
            .map(Plan::past)
            .orElse("no deploy is known");
    }

    private static String past(Journal.Run last) {
        return "the last run is " + last.name() + " by " + Optional.ofNullable(last.asked("by")).orElse("?") + ", of "
            + Optional.ofNullable(last.asked("version")).orElse("?") + " to " + last.asked("to")
            + ": what was cut off before it is past";
    }

    /** The deploy that this one goes on with, or undoes. */
    public Optional<Attempt.Interrupted> before() { return goesOn ? cut : Optional.empty(); }

    /** What an abort would do, for people: the same in words as {@link WayBack#abort}. */
    public List<String> undoing() {
        var to = attempt.to();
        var left = to.other();
        var steps = new ArrayList<String>();
        steps.add(
            "would undo the deploy of " + attempt.version() + " to " + to + ", which " + cut.orElseThrow().how() + ":");
        boolean moved = observed.serving().active() == to && observed.serving().version().is(attempt.version());
        var was = attempt.standby();
        if (attempt.first()) {
            steps.add("  stop     " + to + ": nothing served before");
            return steps;
        }
        steps.add("  traffic  " + (moved ? "from " + to + " back to " + left : "stays on " + left));
        boolean asBefore = observed.container(to)
            .filter(c -> c.running() && was.filter(w -> w.image().equals(c.image())).isPresent())
            .isPresent();
        if (asBefore) steps.add("  standby  " + to + " is as it was");
        else
            steps.add("  standby  " + to + " " + was
                .map(w -> "back to " + w.version() + (w.ran() ? "" : ", stopped as before"))
                .orElse("is stopped: nothing was there"));
        if (attempt.backed()) steps.add("  backup   " + to + " is armed again");
        return steps;
    }

    /** Of a plain deploy: what a person may not have in mind. */
    void warn(Console console) {
        String version = attempt.version();
        var serving = observed.serving();
        cut.ifPresent(c -> {
            console.warning("the deploy of " + c.attempt().version() + " to " + c.attempt().to() + " " + c.how());
            console.line(
                goesOn ? "    going on with it" : "    " + serves(serving) + "; " + version + " takes its place");
        });
        boolean again = !goesOn && !attempt.first() && observed.version(serving.active()).is(version);
        if (!again) return;
        String lost = Rollback.of(observed) instanceof Rollback.Warm w
            ? ": deploying it again replaces the warm way back, " + w.version()
                + "; a rollback then starts it from its image"
            : "";
        console.warning(version + " serves already" + lost);
    }

    private static String serves(Generation serving) {
        return serving.active() + " serves" + serving.version().spaced();
    }
}
