package lib;

import java.util.Optional;

/**
 * The standby's place, lent to a candidate and given back: Nginx does not fail over to it meanwhile, and after it
 * the standby is what it was before, running or stopped or not there at all.
 */
public final class Trial {
    private final Config config;
    private final Stack stack;
    private final Nginx nginx;
    private final Switchover switchover;
    private final Truth truth;
    private final Optional<Docker.Container> before;
    private final boolean backed;
    private Generation serving;
    /** Where the candidate runs. */
    public final Color color;

    /** @throws Failure (pre-flight) when there is no colour that is free of traffic, or it could not come back */
    public Trial(Truth truth, Nginx nginx, Switchover switchover) {
        this.truth = truth;
        this.config = truth.config();
        this.stack = new Stack(config);
        this.nginx = nginx;
        this.switchover = switchover;
        serving = truth.serving();
        backed = serving.backed();
        color = serving.active().other();
        if (!truth.running(serving.active()) && truth.running(color))
            throw Failure.preflight(serving.active() + " has the traffic but does not run: " + color + " serves for it", "nothing was changed", "switch " + color);
        if (new Generation(serving.number(), serving.active(), serving.green(), false, null, serving.via()).routesTo(color))
            throw Failure.preflight(color + " gets a share of the traffic", "generation " + serving.number() + " gives green " + serving.green() + " %; nothing was changed", "status");
        before = truth.container(color);
        before.filter(c -> Image.find(c.image()).isEmpty()).ifPresent(c -> {
            throw Failure.preflight("the image of " + c.service() + " is gone", "after a trial it could not come back; nothing was changed", "deploy --version VERSION");
        });
    }

    /** Nginx does not fail over to the standby any more: the first thing of a trial. */
    public void disarm() {
        if (backed) install(false);
    }

    /** Stops what is in the standby. */
    public String makeRoom() {
        if (truth.running(color)) stack.stop(color);
        return before.map(c -> c.running() ? c.service() + " (" + c.version() + ") stopped, it comes back" : c.service() + " does not run").orElse(color + " is empty");
    }

    /** Stops the candidate and puts back what was there. @throws Failure when that did not get healthy again */
    public String putBack(Console.Step step) throws InterruptedException {
        step.progress("stopping the candidate");
        if (stack.container(color).filter(c -> !c.status().equals("exited")).isPresent()) stack.stop(color);
        if (before.isEmpty()) {
            stack.remove(color);
            return color + " is empty again";
        }
        var was = before.get();
        if (!was.running()) {
            stack.create(color, was.image(), was.version());
            return was.service() + " is on " + was.version() + " again, stopped as before";
        }
        stack.start(color, was.image(), was.version(), step::progress);
        var passed = new Gate(config, color, was.version()).await(config.health().timeout(), step::note);
        if (passed.wrong() != null)
            throw new Failure(ExitCode.FAILED, was.service() + " did not get healthy again on " + was.version() + ": " + passed.wrong(),
                serving.active() + " serves as before" + (backed ? ", without failover" : ""), "docker logs " + config.composeProject() + "-" + was.service() + "-1");
        return was.service() + " runs " + was.version() + " again";
    }

    /** What {@link #disarm} took away, once the standby is well again. */
    public void arm() {
        if (backed && !serving.backed()) install(true);
    }

    /** The same colour goes on serving, with or without the other as its backup. */
    private void install(boolean withBackup) {
        var next = new Generation(nginx.next(), serving.active(), serving.green(), withBackup, serving.version(), serving.via());
        var state = truth.file().state().orElseGet(() -> new State(serving.active(), null, null, serving.version(), true, 0, null));
        switchover.failover(next, serving, new State(state.active(), state.previous(), state.lastSwitch(), state.version(), state.healthy(), next.number(), state.previousVersion()));
        serving = next;
    }
}
