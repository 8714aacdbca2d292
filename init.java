///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import lib.cli.Project;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Resource;
import lib.docker.Container;
import lib.init.Advice;
import lib.init.Asked;
import lib.init.ColoursFile;
import lib.init.Existing;
import lib.init.Found;
import lib.init.ProjectFile;
import lib.report.Diff;
import lib.stack.Replaced;
import lib.stack.Stack;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "init",
    description = "Makes an app deployable: looks at its folder, and writes two files beside it.",
    footer = {"  init", "  init --service web --health /healthz --yes",
        "  init --check   what a newer bluegreen would write"})
class Init implements Callable<Integer> {
    @Option(names = "--name", paramLabel = "NAME", description = "of the app (default: its compose project, or folder)")
    Optional<String> name;
    @Option(names = "--service", paramLabel = "NAME", description = "the compose service that answers HTTP")
    Optional<String> service;
    @Option(names = "--port", paramLabel = "PORT", description = "where the app listens in its container")
    Optional<Integer> port;
    @Option(names = "--health", paramLabel = "PATH", description = "what answers 200 when the app is well")
    Optional<String> health;
    @Option(names = "--http", paramLabel = "[ADDRESS:]PORT", description = "the public port")
    Optional<String> http;
    @Option(names = "--https", paramLabel = "[ADDRESS:]PORT", description = "the public port for HTTPS")
    Optional<String> https;
    @Option(names = "--host", paramLabel = "NAME", split = ",",
        description = "a name that visitors ask by, such as shop.example; others get 421 (default: any name)")
    List<String> hosts = List.of();
    @Option(names = "--follow", paramLabel = "NAME,...",
        description = "services that go to the new version after the app: a queue's worker, a scheduler; '' for none")
    Optional<String> follow;
    @Option(names = "--check", description = "write nothing; tell what would be written otherwise now (exit 1)")
    boolean check;
    @Option(names = "--eject", description = "copy Nginx's configuration into the project, to change it there")
    boolean eject;
    @Mixin Project cli;

    /** What each of them becomes. */
    private static final Map<String, String> KEYS = Map.of("--name", "app", "--port", "ports.app", "--health",
        "health.path", "--http", "ports.http", "--https", "ports.https", "--host", "proxy.hosts");

    private Console console;
    private Path folder;

    public Integer call() throws IOException {
        console = cli.console();
        folder = cli.project.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) throw Failure.usage("no folder " + folder, "-C names the project's folder");
        if (cli.sets())
            throw Failure.usage("init takes no --set",
                "what it has no flag for is written into bluegreen.yaml behind it",
                "init --help");
        if (eject) return eject();

        var existing = Existing.in(folder);
        var found = Found.in(folder, existing, asked(), this::ask);
        if (check) return check(existing, found);

        found.seen().forEach(this::tell);
        var files = new LinkedHashMap<Path, String>();
        if (existing.config().isEmpty()) files.put(folder.resolve("bluegreen.yaml"), ProjectFile.text(found));
        if (existing.colours().isEmpty()) files.put(folder.resolve(ColoursFile.NAME), ColoursFile.text(found));
        files.forEach(this::show);
        if (files.isEmpty())
            console.line("\nbluegreen.yaml and " + ColoursFile.NAME + " are there: nothing is written."
                + "\nWhat they say is changed in them, by hand.");
        else if (!isConfirmed()) return ExitCode.DONE.code();
        for (var file : files.entrySet()) Atomic.write(file.getKey(), file.getValue());
        return next(found, usable(files.keySet()));
    }

    private Asked asked() {
        name.ifPresent(n -> require("--name", n));
        port.ifPresent(p -> require("--port", p.toString()));
        health.ifPresent(h -> require("--health", h));
        http.ifPresent(h -> require("--http", h));
        https.ifPresent(h -> require("--https", h));
        hosts.forEach(h -> require("--host", h));
        return new Asked(name, service, port, health, http, https, hosts, follow.map(Init::names));
    }

    /** Before anything is written. */
    private static void require(String flag, String value) {
        if (KEYS.containsKey(flag)) Config.check(KEYS.get(flag), value, flag);
    }

    private static List<String> names(String list) {
        return Stream.of(list.split(",")).map(String::strip).filter(n -> !n.isEmpty()).toList();
    }

    private void tell(Found.Line line) {
        console.line("  %-10s %-28s ".formatted(line.what(), line.is()) + console.dim(line.from()));
    }

    private String ask(String what, String flag, String proposed) {
        if (cli.asksNothing()) throw Failure.usage(what, "no file tells it", "init " + flag + " " + proposed);
        var answer = System.console().readLine("  %s [%s] ", what, proposed);
        String said = answer == null || answer.isBlank() ? proposed : answer.strip();
        require(flag, said);
        return said;
    }

    private void show(Path file, String text) {
        console.line("\n" + console.bold(file.getFileName().toString()));
        text.lines().forEach(line -> console.line(console.diff("+ " + line)));
    }

    private boolean isConfirmed() {
        if (cli.asksNothing()) return true;
        var answer = System.console().readLine("%nwrite that? Y/n ");
        boolean yes = answer != null && !answer.strip().toLowerCase().startsWith("n");
        if (!yes) console.line("Nothing was written.");
        return yes;
    }

    /** By the configuration and by compose; else they are as if they had not been written. */
    private Stack usable(Set<Path> written) throws IOException {
        try {
            var stack = new Stack(Config.load(folder, Map.of()));
            stack.services();
            return stack;
        } catch (Failure f) {
            if (f.code != ExitCode.USAGE || written.isEmpty()) throw f;
            for (Path file : written) Files.delete(file);
            throw new Failure(f.code, "what init would write cannot be used: " + f.getMessage(),
                f.why().map(w -> w + "\n").orElse("") + "Nothing was written.",
                "the flags of init --help say it otherwise");
        }
    }

    /** What to know, and to type. */
    private int next(Found found, Stack stack) {
        Advice.of(found).forEach(console::warning);
        var replaced = stack.replaced();
        replaced.running()
            .forEach(c -> console.line("  runs now: " + Replaced.text(c) + ", which the colours replace"));
        int grace = replaced.publishing().stream().mapToInt(Container::stopGraceSeconds).max().orElse(0);
        if (!replaced.running().isEmpty())
            console.line(
                "  It goes on as blue, on the same image, and gives its ports to Nginx: then nobody is answered once,\n"
                    + "  for a second or two and as long as it takes to stop (" + grace
                    + " s at most). Data services and volumes stay.");
        console.line("  next:  " + console.bold(
            console.command("deploy --version 1" + (replaced.running().isEmpty() ? "" : " --adopt"))));
        return ExitCode.DONE.code();
    }

    private int check(Existing existing, Found found) {
        if (existing.config().isEmpty() || existing.colours().isEmpty())
            throw Failure.usage("there is nothing to check", "bluegreen.yaml or " + ColoursFile.NAME + " is not there",
                "init");
        var differs = Diff.lines(existing.colours().get(), ColoursFile.text(found));
        differs.forEach(line -> console.line(console.diff(line)));
        console.line(differs.isEmpty()
            ? ColoursFile.NAME + " is as this bluegreen would write it."
            : "\nThat is what this bluegreen would write otherwise in " + ColoursFile.NAME
                + "; what you changed shows, too.");
        return differs.isEmpty() ? ExitCode.DONE.code() : ExitCode.UNHEALTHY.code();
    }

    /** Nginx's configuration becomes the project's own. */
    private int eject() throws IOException {
        var to = folder.resolve("nginx");
        if (Files.exists(to)) throw Failure.usage(to + " is there already", "nothing is overwritten");
        for (String name : Resource.names("nginx")) Atomic.write(folder.resolve(name), Resource.text(name));
        console.line("Nginx's configuration is in " + to + ". To have it used, in bluegreen.yaml:  nginx: nginx");
        return ExitCode.DONE.code();
    }

    public static void main(String... args) { Project.run(new Init(), args); }
}
