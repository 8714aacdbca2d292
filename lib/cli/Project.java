package lib.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import lib.checks.Facts;
import lib.config.Config;
import lib.core.Failure;
import lib.core.Text;
import lib.docker.Here;
import lib.stack.Stack;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Of the scripts about a project: which, and how it is configured. */
public final class Project extends Cli {
    private static final Set<String> HELP = Set.of("-h", "--help");

    @Option(names = "-C", scope = ScopeType.INHERIT, paramLabel = "DIR",
        description = "the project's folder (default: the current one)")
    public Path project = Path.of("");
    @Option(names = "--config", scope = ScopeType.INHERIT, paramLabel = "FILE",
        description = "configuration (default: bluegreen.yaml in the project)")
    Optional<Path> file = Optional.empty();
    @Option(names = "--env", scope = ScopeType.INHERIT, paramLabel = "NAME",
        description = "section of environments: in the configuration")
    public Optional<String> environment = Optional.empty();
    @Option(names = "--set", scope = ScopeType.INHERIT, paramLabel = "KEY=VALUE",
        description = "one configuration key, e.g. --set ports.http=8080")
    Map<String, String> set = new LinkedHashMap<>();
    @Option(names = "--yes", scope = ScopeType.INHERIT, description = "ask nothing")
    boolean yes;

    /** As any script; docker-java's clients are made beside the reading of the command line: they take 45 ms. */
    public static void run(Callable<Integer> script, String... args) {
        if (Collections.disjoint(Arrays.asList(args), HELP)) Here.prepare();
        Cli.run(script, args);
    }

    public Config config() { return config(Map.of()); }

    /** @param flags configuration keys that have an option of their own; they win */
    public Config config(Map<String, String> flags) {
        var all = new LinkedHashMap<>(set);
        all.putAll(flags);
        return Config.load(project, file, environment, all);
    }

    /** Whether a --set was given. */
    public boolean sets() { return !set.isEmpty(); }

    /** Empty where neither an option names a project nor the folder is one. */
    public Optional<Config> found() {
        boolean named = !project.toString().isEmpty() || file.isPresent();
        return named || Files.exists(Path.of("bluegreen.yaml")) ? Optional.of(config()) : Optional.empty();
    }

    /** What the checks look at. @param limit of each check */
    public Facts facts(Duration limit) {
        var config = config();
        return new Facts(new Stack(config), file.orElse(config.project().resolve("bluegreen.yaml")),
            environment, limit);
    }

    boolean saysYes() { return yes; }

    /** As they were given, for another script of the same project. */
    List<String> options() {
        var all = new ArrayList<String>();
        if (!project.toString().isEmpty()) all.addAll(List.of("-C", project.toString()));
        file.ifPresent(f -> all.addAll(List.of("--config", f.toString())));
        environment.ifPresent(e -> all.addAll(List.of("--env", e)));
        set.forEach((key, value) -> all.addAll(List.of("--set", key + "=" + value)));
        if (json) all.add("--json");
        if (plain) all.add("--plain");
        if (verbose) all.add("--verbose");
        return all;
    }

    /** Nobody is to be asked: --yes, or no terminal to ask at. */
    public boolean asksNothing() { return yes || !console().isLive(); }

    /**
     * Asks, where --yes does not answer. @param next what says the same without a question
     * @throws Failure (usage) when nobody can be asked
     */
    public boolean agrees(String question, String next) {
        if (yes) return true;
        if (!console().isLive()) throw Failure.usage(question, "nobody can be asked here", next + ", or --yes");
        String said = System.console().readLine("%s [y/N] ", question);
        return said != null && said.strip().matches("(?i)y(es)?");
    }

    @Override String where() {
        return (project.toString().isEmpty() ? "" : " -C " + Text.shell(project.toString()))
            + file.map(f -> " --config " + Text.shell(f.toString())).orElse("")
            + environment.map(e -> " --env " + Text.shell(e)).orElse("");
    }
}
