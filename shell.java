///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//MAIN Shell
//SOURCES lib/all.java deploy.java switch.java status.java health.java validate.java incident.java
//FILES ops.jsh

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Jsh;
import lib.cli.Project;
import lib.cli.Verbs;
import lib.config.Config;
import lib.core.Failure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "shell",
    description = "A console: JShell with lib and a verb for each script; or a file of verbs, up to the first that fails.",
    footer = {"  shell -C ../shop", "  shell FILE.jsh --yes"})
class Shell implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "FILE.jsh",
        description = "run it, and end with its exit code; -: what comes in")
    Optional<Path> file;
    @Mixin Project cli;

    public Integer call() throws IOException {
        var config = cli.config();          // what is wrong with it is told once, and now
        Verbs.open(new Verbs.Shell(cli, Map.of("deploy", Deploy::new, "switch", Switch::new, "status", Status::new,
            "health", Health::new, "validate", Validate::new, "incident", Incident::new), file));
        if (file.isPresent()) return Jsh.file(beginning(), name(file.get()), text(file.get()));
        if (!cli.console().isLive())
            throw Failure.usage("a console needs a terminal", "a file of verbs does not", "shell FILE.jsh");
        greet(config);
        return Jsh.console(beginning());
    }

    private void greet(Config config) {
        var console = cli.console();
        console.line(console.bold(config.app()) + console.dim("  in " + config.project()
            + cli.environment.map(e -> ", " + e).orElse("")) + "; what moves traffic asks first");
        console.line(console.dim(
            "status()  health()  logs(BLUE, 50)  tail()  switchTo(GREEN)  rollback()   help() tells all, /exit leaves"));
    }

    private static String name(Path file) { return isInput(file) ? "what came in" : file.toString(); }
    private static boolean isInput(Path file) { return file.toString().equals("-"); }

    private static String text(Path file) throws IOException {
        if (isInput(file)) return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        if (!Files.isReadable(file)) throw Failure.usage("cannot read " + file).next("shell FILE.jsh");
        return Files.readString(file);
    }

    /** Beside the launcher; or as it was packed. */
    private static String beginning() throws IOException {
        if (System.getenv("BLUEGREEN_HOME") instanceof String home) return Files.readString(Path.of(home, "ops.jsh"));
        try (var packed = Shell.class.getResourceAsStream("/ops.jsh")) {
            return new String(packed.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public static void main(String... args) { Project.run(new Shell(), args); }
}
