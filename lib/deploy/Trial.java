package lib.deploy;

import java.util.Optional;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Image;
import lib.nginx.Generation;
import lib.stack.Stack;
import lib.state.Observed;
import lib.traffic.Gate;
import lib.traffic.Run;
import lib.traffic.Standby;
import lib.traffic.TrafficSwitch;

/**
 * The standby's place, lent to a candidate and given back: Nginx does not fail over to it meanwhile, and after it
 * the standby is what it was before, running or stopped or not there at all.
 */
public final class Trial {
    private final Config config;
    private final Stack stack;
    private final Standby standby;
    private final Observed observed;
    private final Optional<Container> before;
    private final boolean backed;
    /** Where the candidate runs. */
    public final Colour colour;

    /** @throws Failure (pre-flight) when there is no colour that is free of traffic, or it could not come back */
    public Trial(Observed observed, Run run, TrafficSwitch traffic) {
        this.observed = observed;
        this.config = observed.config();
        this.stack = observed.stack();
        this.colour = traffic.serving().active().other();
        this.standby = new Standby(stack, run, traffic, colour);
        var serving = traffic.serving();
        backed = serving.backed();
        if (new Generation(serving.number(), serving.active(), serving.green(), false, Version.UNKNOWN, serving.via())
            .routesTo(colour))
            throw Failure.preflight(colour + " gets a share of the traffic",
                "generation " + serving.number() + " gives green " + serving.green() + " %", "status");
        standby.requireIdle();
        before = observed.container(colour);
        before.filter(c -> stack.images().find(c.image()).isEmpty()).ifPresent(c -> {
            throw Failure.preflight("the image of " + c.service() + " is gone", "after a trial it could not come back",
                "deploy --version VERSION");
        });
    }

    /** The first thing of a trial: what is in the standby is stopped, and Nginx does not fail over to it any more. */
    public void makeRoom() { standby.free(observed.state()); }

    public void start(Image candidate, String version) { standby.start(candidate.id(), Version.of(version)); }

    /** Stops the candidate and puts back what was there. @throws Failure when that did not get healthy again */
    public String putBack(Console.Step step) throws InterruptedException {
        stack.container(colour)
            .filter(c -> !c.status().equals("exited"))
            .ifPresent(candidate -> standby.halt(candidate, step));
        if (before.isEmpty()) {
            stack.remove(colour);
            return colour + " is empty again";
        }
        var was = before.get();
        if (!was.running()) {
            stack.create(colour, was.image(), was.version());
            return was.service() + " is on " + was.version() + " again, stopped as before";
        }
        standby.fill(was.image(), was.version(), step);
        var gate = new Gate(stack, colour, was.version());
        if (gate.await(config.health().timeout(), step::note) instanceof Gate.Outcome.Failed(String why))
            throw new Failure(ExitCode.FAILED,
                was.service() + " did not get healthy again on " + was.version() + ": " + why,
                colour.other() + " serves as before" + (backed ? ", without failover" : ""),
                "docker logs " + stack.nameOf(was.service()));
        return was.service() + " runs " + was.version() + " again";
    }

    /** What {@link #makeRoom} took away, once the standby is well again. */
    public void arm() {
        if (backed) standby.arm(observed.state());
    }
}
