package lib.traffic;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.process.Command;
import lib.secrets.Redaction;

/**
 * Executables of the user's at the points of a deploy: argument lists from hooks: in the configuration, never a shell.
 */
public record Hooks(Config config, Run run, Map<String, String> facts, Set<String> done) {

    /** @param done hooks that a resumed run need not run again */
    public static Hooks of(Config config, Run run, Set<String> done) {
        return new Hooks(config, run, Map.of(), done).with("PROJECT", config.project());
    }

    /** The hooks that could not be run, each with what is wrong; looked at before anything is stopped for them. */
    public static List<String> missing(Config config) {
        return config.hooks().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .flatMap(hook -> wrong(config.project(), hook.getValue().getFirst())
                .map(w -> "hooks." + hook.getKey() + ": " + w)
                .stream())
            .toList();
    }

    /** As the system looks for it: a path from the project's folder, a bare name on PATH. */
    private static Optional<String> wrong(Path project, String program) {
        if (!program.contains("/")) {
            boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder).resolve(program))
                .anyMatch(f -> Files.isRegularFile(f) && Files.isExecutable(f));
            return found
                ? Optional.empty()
                : Optional.of("no '" + program + "' on PATH (from the project's folder: ./" + program + ")");
        }
        Path file = project.resolve(program);
        if (!Files.isRegularFile(file)) return Optional.of("there is no file " + file);
        return Files.isExecutable(file) ? Optional.empty() : Optional.of(file + " is not executable: chmod +x");
    }

    /** @throws Failure (pre-flight) */
    public static void require(Config config) {
        var missing = missing(config);
        if (!missing.isEmpty())
            throw Failure.preflight("a hook cannot be run", String.join("\n", missing), "hooks: in bluegreen.yaml");
    }

    /** The deploy's facts as a hook sees them, in BLUEGREEN_NAME; null values are left out. */
    public Hooks with(String name, Object value) {
        var all = new LinkedHashMap<>(facts);
        if (value != null) all.put("BLUEGREEN_" + name, value.toString().replace("\0", ""));
        return new Hooks(config, run, all, done);
    }

    /** Before the traffic moves: a failure stops the deploy. @throws Failure */
    public void before(String hook) {
        if (isDue(hook)) run(hook);
    }

    /** Whether it is there, and was not run before. */
    private boolean isDue(String hook) {
        if (!config.hooks().containsKey(hook)) return false;
        if (!done.contains(hook)) return true;
        run.skip("hook", Map.of("hook", hook), "done before: " + hook);
        return false;
    }

    /** When the traffic has moved, or all is lost anyway: a failure is told, and changes nothing. */
    public void after(String hook) {
        if (!isDue(hook)) return;
        try {
            run(hook);
        } catch (Failure f) {
            if (f.code.isInterruption()) throw f;       // its step says what went wrong
        }
    }

    /** The same beside whatever the run does. */
    public Optional<Beside> beside(String hook) {
        if (!isDue(hook)) return Optional.empty();
        return Optional.of(run.beside("hook", Map.of("hook", hook), step -> execute(hook, step)));
    }

    private void run(String hook) { run.patient("hook", Map.of("hook", hook), step -> execute(hook, step)); }

    private String execute(String hook, Console.Step step) throws InterruptedException {
        run.hooked();
        var variables = new LinkedHashMap<>(facts);
        variables.put("BLUEGREEN_HOOK", hook);
        var command = Command.of(config.hookLimit(), config.hooks().get(hook).toArray(String[]::new))
            .with(variables)
            .in(config.project());
        var redaction = Redaction.of(config);
        step.limit(config.hookLimit()).progress(hook + ": " + config.hooks().get(hook).getFirst());
        var result = command.run(line -> step.progress(redaction.apply(line)));
        if (Thread.interrupted()) throw new InterruptedException();
        String said = tail(redaction.apply((result.out() + result.err()).strip()));
        step.fact("hook", hook).fact("code", result.code()).fact("output", said);
        if (!result.ok()) throw new Failure(ExitCode.FAILED, "the hook " + hook + " " + result.end(), said);
        return hook;
    }

    private static String tail(String all) { return all.substring(Math.max(0, all.length() - 2000)); }
}
