package lib.deploy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lib.core.Colour;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Image;
import lib.nginx.Drain;
import lib.state.Observed;
import lib.traffic.Beside;
import lib.traffic.Rollback;
import lib.traffic.Standby;
import lib.watch.KeptProbe;
import lib.watch.Watch;

/**
 * From the rename on, only the watch decides: worse means back at once. Drain and hook go on beside it. Good means that
 * the old colour stays Nginx's backup, or is stopped, as the configuration says.
 */
public final class Bake {
    private final Deployment d;
    private final WayBack back;
    private final Colour left;
    private final Optional<Container> old;
    private final boolean canGoBack;

    public Bake(Deployment deployment, WayBack back) {
        this.d = deployment;
        this.back = back;
        this.left = d.to.other();
        this.old = back.running(left);
        this.canGoBack = old.isPresent() && !d.isOneWay();
    }

    /**
     * @param kept a connection that was open before the switch;
     * @throws Failure rolled back; unhealthy, and no way back
     */
    public void watch(Optional<KeptProbe> kept) throws InterruptedException {
        var beside = new ArrayList<Beside>();
        var drain = old.map(
            o -> d.run.beside("drain", Map.of(), step -> Drain.watch(d.session.nginx, o, d.config.drain(), step)));
        drain.ifPresent(beside::add);
        d.hooks().beside("post-switch").ifPresent(beside::add);
        try {
            if (d.attempt.monitor().isZero()) kept.ifPresent(KeptProbe::close);
            else d.run.patient("watch", step -> {
                try (var probe = kept.orElseGet(() -> new KeptProbe(d.config))) {
                    return new Watch(d.stack, d.console, d.serving(), Optional.of(d.since()), probe, d.run.name())
                        .require(d.attempt.monitor(), step);
                }
            });
            for (var b : beside) b.await();
        } catch (Failure worse) {
            throw worse.code.isInterruption() || worse.code == ExitCode.LOCKED
                ? worse
                : notWell(worse.getMessage(), drain, beside);
        } finally {
            for (var b : beside) b.cancel();
        }
        d.session.nginx.requireActive(d.to);
    }

    private Failure notWell(String reason, Optional<Beside> drain, List<Beside> beside)
        throws InterruptedException {
        if (canGoBack) return back.rollBack(reason, drain, beside);
        return new Failure(ExitCode.UNHEALTHY, d.version + " is not well, and serves: " + reason,
            d.isOneWay()
                ? "the database does not fit the old version any more"
                : "there is no other colour to go back to",
            "incident   tells why");
    }

    /** It is good, and its workers take over. @throws Failure rolled back, when one does not run */
    public void follow() throws InterruptedException {
        try {
            d.followers.renew(d.to);
        } catch (Failure f) {
            throw f.code.isInterruption() || f.code == ExitCode.LOCKED
                ? f
                : notWell(f.whatAndWhy(), Optional.empty(), List.of());
        }
    }

    /** It was good. */
    public int keep(Image built) {
        if (canGoBack) d.run.settle("the old colour", this::keepOrStop);
        d.run.settle("images", () -> d.run.quiet("images", Map.of(), _ -> prune(built) + " old ones removed"));
        d.console.event("deployed", Map.of("active", d.to.toString(), "version", d.version));
        d.console.line("\n" + d.console.of(d.to) + " serves " + d.console.bold(d.version) + "." + wayBack());
        return ExitCode.DONE.code();
    }

    private void keepOrStop() {
        var standby = new Standby(d.stack, d.run, d.traffic, left);
        boolean stopsIt = d.config.standby().equals(Optional.of(Duration.ZERO));
        if (stopsIt) standby.free(d.after(d.serving(), true));
        else standby.arm(d.after(d.serving(), true));
    }

    private int prune(Image built) {
        var used = OldImages.usedNewestFirst(d.plan.observed().runs()).stream();
        return OldImages.prune(d.config, d.stack.engine(), d.stack.imagesInUse(),
            Stream.concat(Stream.of(built.id()), used).distinct().toList());
    }

    /** As status says it: what is warm need not be what was good. */
    private String wayBack() {
        if (d.attempt.first()) return "";
        String command = d.console.command("switch --rollback");
        try {
            return switch (Rollback.of(Observed.read(d.stack))) {
                case Rollback.Warm _ -> "  Back at once:  " + command;
                case Rollback.Impossible(String reason) -> "  No rollback: " + reason;
                case Rollback other -> "  Back " + other.text() + ":  " + command;
            };
        } catch (Failure f) {
            return "";          // an engine that does not answer now: what was done stands
        }
    }
}
