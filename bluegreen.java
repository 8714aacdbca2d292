///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//MAIN Tool
//SOURCES deploy.java switch.java status.java validate.java smoke.java monitor.java health.java incident.java shell.java
//SOURCES init.java
//SOURCES lib/all.java

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.cli.Completion;
import lib.cli.Pages;
import lib.cli.Project;
import lib.core.ExitCode;
import lib.core.Failure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** All scripts as one: for "jbang app install". */
@Command(name = "bluegreen", description = "Zero-downtime deployment on Docker and Nginx.",
    footer = {"  bluegreen deploy --version 1.0.1", "  bluegreen switch --rollback"},
    subcommands = {Init.class, Deploy.class, Switch.class, Status.class, Validate.class, Smoke.class, Monitor.class,
        Health.class,
        Incident.class, Shell.class, Tool.Complete.class, Tool.Man.class})
class Tool implements Callable<Integer> {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    boolean help;

    @Override public Integer call() { throw Failure.usage("what is to be done?").next("status   or   --help"); }

    @Command(name = "completion", description = "Print what a shell needs to complete commands and options.",
        footer = {"  source <(bluegreen completion bash)", "  bluegreen completion fish | source"})
    static class Complete implements Callable<Integer> {
        @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
        Completion shell;
        @Mixin Cli cli;

        @Override public Integer call() {
            System.out.print(shell.script(Cli.line(new Tool())));
            return ExitCode.DONE.code();
        }
    }

    @Command(name = "man", description = "Write a manual page for each command.",
        footer = "  bluegreen man ~/.local/share/man/man1")
    static class Man implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "where to")
        Path folder;
        @Mixin Cli cli;

        @Override public Integer call() throws IOException {
            int written = Pages.man(Cli.line(new Tool()), folder);
            cli.console().line(written + " pages in " + folder);
            return ExitCode.DONE.code();
        }
    }

    public static void main(String... args) { Project.run(new Tool(), args); }
}
