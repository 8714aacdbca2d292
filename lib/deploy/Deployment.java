package lib.deploy;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.config.Config;
import lib.config.When;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Image;
import lib.docker.Schema;
import lib.nginx.Assets;
import lib.nginx.Generation;
import lib.session.Session;
import lib.stack.Stack;
import lib.state.Attempt;
import lib.state.State;
import lib.traffic.Followers;
import lib.traffic.Gate;
import lib.traffic.Hooks;
import lib.traffic.Move;
import lib.traffic.Run;
import lib.traffic.Serving;
import lib.traffic.Standby;
import lib.traffic.TrafficSwitch;
import lib.watch.KeptProbe;

/** The steps of one deploy, up to the rename; {@link Bake} comes behind it, {@link WayBack} undoes it. */
public final class Deployment {
    final Session session;
    final Config config;
    final Console console;
    final Stack stack;
    final Run run;
    final Plan plan;
    final Attempt attempt;
    final String version;
    /** Gets the new version. */
    final Colour to;
    /** Knows what serves now. */
    final TrafficSwitch traffic;
    /** {@link #to}, while it has no traffic. */
    final Standby standby;
    /** Workers of the app's image, which go where the traffic goes. */
    final Followers followers;
    private Hooks hooks;
    private boolean oneWay;         // --force across an unsafe schema: the old version must not come back by itself

    public Deployment(Session session, Run run, Plan plan) {
        this.session = session;
        this.config = session.config;
        this.console = session.console;
        this.stack = session.stack;
        this.run = run;
        this.plan = plan;
        this.attempt = plan.attempt();
        this.version = attempt.version();
        this.to = attempt.to();
        this.traffic = new TrafficSwitch(config, run, session.nginx, plan.observed().serving());
        this.standby = new Standby(stack, run, traffic, to);
        this.followers = new Followers(stack, run);
        var done = plan.before().map(Attempt.Interrupted::hooks).orElse(Set.of());
        this.hooks = Hooks.of(config, run, done)
            .with("VERSION", version)
            .with("TARGET", to)
            .with("ACTIVE", attempt.first() ? null : to.other())
            .with("ACTIVE_VERSION", attempt.fromVersion().flatMap(Version::name).orElse(null));
    }

    public Generation serving() { return traffic.serving(); }

    Hooks hooks() { return hooks; }

    boolean isOneWay() { return oneWay; }

    /** Of the new version. */
    private Gate gate() { return new Gate(stack, to, Version.of(version)); }

    /** The new version, now. */
    boolean isHealthy() { return gate().now().isEmpty(); }

    public void announce() {
        plan.warn(console);
        String from = attempt.fromVersion().map(v -> "   " + to.other() + " has " + v).orElse("   first deploy");
        console.line(console.bold(config.app()) + " " + version + " → " + console.of(to) + console.dim(from));
    }

    /** What bluegreen.yaml says of Nginx beside the colours: where it runs something else, and no request notices. */
    public void settings() { TakenSettings.by(run, session.nginx, config); }

    public void hook(String name) { hooks.before(name); }

    public Image build() {
        var done = plan.before().flatMap(Attempt.Interrupted::imageId).flatMap(stack.images()::find);
        if (done.isPresent()) {
            run.skip("build", Map.of("image", done.get().reference(), "id", done.get().id()),
                "done before: " + done.get().shortId());
            return done.get();
        }
        return run.patient("build", step -> {
            var built = stack.images().of(version, attempt.source(), "deploy", step::progress);
            step.fact("image", built.reference()).fact("id", built.id());
            built.digest().ifPresent(digest -> step.fact("digest", digest));
            return built;
        }, built -> built.reference() + console.dim("  " + built.shortest()));
    }

    /**
     * The image, for the hooks. Both versions use the database at the same time, and a rollback must find one it can
     * run on.
     */
    public void know(Image built) {
        hooks = hooks.with("IMAGE_ID", built.id());
        if (attempt.first()) return;
        var conflict = plan.observed()
            .container(to.other())
            .flatMap(c -> Schema.conflict(version, built.labels(), c.version().toString(), c.labels()));
        if (conflict.isEmpty()) return;
        if (!attempt.force())
            throw Failure.preflight("the database cannot serve both versions", conflict.get(),
                "deploy a version between them first, or accept that there is no way back: --force");
        oneWay = true;
        console.warning("--force: " + conflict.get() + "; there is no safe rollback from this deploy");
    }

    /** The database, for the new version. */
    public void migrate(Image built, boolean again) {
        new Migration(stack, run).run(plan.observed(), to, built.id(), Version.of(version), again, meanwhile());
    }

    /** Where they go before the traffic does. */
    public void followFirst() {
        if (config.follow().when() == When.SWITCH) followers.renew(to);
    }

    /** Resumed, and moved already. */
    public boolean hasTraffic() {
        if (!plan.goesOn() || serving().active() != to || !serving().version().is(version)) return false;
        run.skip("switch", Map.of(), "done before: generation " + serving().number());
        return true;
    }

    /** The standby gets the new version. */
    public void start(Image built) {
        if (isStarted(built)) {
            run.skip("start", Map.of("colour", to.toString(), "id", built.id()),
                "done before: " + to + " runs " + version);
            return;
        }
        stack.requireFree(to);
        if (!attempt.first()) standby.free(plan.observed().state());
        standby.start(built.id(), Version.of(version));
    }

    private boolean isStarted(Image built) {
        var observed = plan.observed();
        return plan.before().filter(b -> b.run().did("start")).isPresent()
            && observed.running(to)
            && observed.container(to)
                .filter(c -> c.image().equals(built.id()) && c.version().is(version))
                .isPresent();
    }

    public void requireHealth() {
        run.patient("health", step -> gate().require(step, meanwhile()));
    }

    private String meanwhile() {
        return attempt.first()
            ? "Nothing served before, and nothing does."
            : serving().active() + " still serves " + serving().version() + "; no request went to " + to + ".";
    }

    public void bridgeAssets() {
        if (config.assets().from().isEmpty()) return;
        var serving = attempt.first() ? Optional.<Container>empty() : stack.container(to.other());
        var candidate = stack.container(to).orElseThrow();
        run.step("assets",
            _ -> Assets.bridge(config, stack.engine(), candidate, serving, stack.nginx(), console::warning));
    }

    public boolean staysHere() { return attempt.noSwitch(); }

    /** Without a switch this is the end. */
    public int stayHere() {
        console.event("ready", Map.of("colour", to.toString(), "version", version));
        console.line(
            "\n" + console.of(to) + " runs " + version + " and is healthy; the traffic stays where it is.\n  next:  "
                + console.command("switch " + to));
        return ExitCode.DONE.code();
    }

    /**
     * From the rename on, the colour that is left is Nginx's backup, if it is good: a new version that dies costs no
     * request. Returns a connection that was open before; where nothing served, there is none.
     */
    public Optional<KeptProbe> moveTraffic() {
        var kept = attempt.first() ? Optional.<KeptProbe>empty() : Optional.of(new KeptProbe(config));
        var left = to.other();
        // Since its gate, hooks may have taken minutes.
        traffic.requireLive();
        gate().now().ifPresent(wrong -> {
            throw new Failure(ExitCode.FAILED, to + " is not healthy any more: " + wrong, meanwhile(),
                "incident   tells why");
        });
        boolean backed = !attempt.first() && !oneWay && Serving.canBackUp(stack, left);
        var next = traffic.next(to, backed, Version.of(version), attempt.via());
        boolean leftRuns = stack.container(left).filter(Container::running).isPresent();
        traffic.move(Move.SWITCH, next, after(next, leftRuns), Optional.empty());
        return kept;
    }

    /** The state file for a generation; {@code canGoBack}: the other colour is what a rollback would go to. */
    State after(Generation next, boolean canGoBack) {
        var state = State.of(next, next.active() == serving().active() ? since() : Instant.now());
        return canGoBack ? state.leaving(next.active().other(), attempt.fromVersion().orElse(Version.UNKNOWN)) : state;
    }

    /** When what serves got the traffic. */
    Instant since() {
        return traffic.moved()
            .orElseGet(() -> plan.observed().file().state().flatMap(State::lastSwitch).orElseGet(Instant::now));
    }
}
