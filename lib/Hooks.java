package lib;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Executables of the user's at the points of a deploy: argument lists from hooks: in the configuration, never a shell. */
public record Hooks(Config config, Run run, Map<String, String> facts, Set<String> done) {

    /** @param done hooks that a resumed run need not run again */
    public static Hooks of(Config config, Run run, Set<String> done) { return new Hooks(config, run, Map.of(), done).with("PROJECT", config.project()); }

    /** The deploy's facts as a hook sees them, in BLUEGREEN_NAME; null values are left out. */
    public Hooks with(String name, Object value) {
        var all = new LinkedHashMap<>(facts);
        if (value != null) all.put("BLUEGREEN_" + name, value.toString().replace("\0", ""));
        return new Hooks(config, run, all, done);
    }

    /** Before the traffic moves: a failure stops the deploy. @throws Failure */
    public void before(String hook) {
        if (config.hooks().containsKey(hook) && !done.contains(hook)) run(hook);
    }

    /** When the traffic has moved, or all is lost anyway: a failure is told, and changes nothing. */
    public void after(String hook) {
        if (!config.hooks().containsKey(hook) || done.contains(hook)) return;
        try {
            run(hook);
        } catch (Failure f) {
            if (f.code.isInterruption()) throw f;       // its step says what went wrong
        }
    }

    private void run(String hook) {
        var arguments = config.hooks().get(hook);
        run.patient("hook", Map.of("hook", hook), step -> {
            step.progress(hook + ": " + arguments.getFirst());
            var variables = new LinkedHashMap<>(facts);
            variables.put("BLUEGREEN_HOOK", hook);
            var redaction = Redaction.of(config);
            var result = Command.of(config.hookLimit(), arguments.toArray(String[]::new)).with(variables).in(config.project())
                .run(line -> step.progress(redaction.apply(line)));
            String said = tail(redaction.apply((result.out() + result.err()).strip()));
            step.fact("hook", hook).fact("code", result.code()).fact("output", said);
            if (!result.ok()) throw new Failure(ExitCode.FAILED, "the hook " + hook + " failed with exit code " + result.code(), said, null);
            return hook;
        });
    }

    private static String tail(String all) { return all.substring(Math.max(0, all.length() - 2000)); }
}
