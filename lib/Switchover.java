package lib;

import java.util.Map;

/** Moving to another generation with all that belongs to it: journal, confirmation by the workers, state file. */
public record Switchover(Config config, Run run, Nginx nginx) {

    /**
     * The traffic goes to another colour: a step that a person sees.
     * @param after what the state file says then
     * @param reason of a rollback; null: nobody gave one
     */
    public void move(String name, Generation next, Generation before, State after, String reason) {
        run.step(name, facts(next, before), step -> {
            var switched = install(next, before, after, step);
            run.console().event("switched", Map.of("active", next.active().toString(), "generation", next.number(),
                "renamedAt", switched.renamed().toString(), "ms", switched.took().toMillis(), "wholeMs", switched.whole().toMillis(),
                "rollback", name.equals("rollback"), "via", next.via().toString()));
            run.tellOthers(name.equals("rollback") ? Notify.Event.ROLLBACK : Notify.Event.SWITCH, reason);
            var console = run.console();
            return (before.version() == null ? "" : console.of(next.active().other()) + " → ") + console.of(next.active()) + (next.version() == null ? "" : " " + next.version())
                + ", " + next.via() + ", verified in " + switched.took().toMillis() + " ms (generation " + next.number() + ")";
        });
    }

    /** The same colour goes on serving, with or without the other as its backup. */
    public void failover(Generation next, Generation before, State after) {
        run.quiet("failover", facts(next, before), step -> {
            install(next, before, after, step);
            return next.backed() ? "armed" : "disarmed";
        });
    }

    private static Map<String, ?> facts(Generation next, Generation before) {
        return Map.of("from", String.valueOf(before.active()), "to", next.active().toString(), "generation", next.number(), "backed", next.backed());
    }

    private Nginx.Switched install(Generation next, Generation before, State after, Console.Step step) {
        var switched = nginx.install(next, before);
        step.fact("to", next.active().toString()).fact("generation", next.number()).fact("ms", switched.took().toMillis());
        try {
            after.write(config.project());
        } catch (Failure f) {
            // The workers have confirmed: a copy that cannot be written does not make that untrue.
            run.console().warning(f.getMessage() + ": " + f.why + "; the next command repairs it");
        }
        return switched;
    }
}
