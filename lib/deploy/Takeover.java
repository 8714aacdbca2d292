package lib.deploy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.docker.Container;
import lib.nginx.NginxSettings;
import lib.stack.NewNginx;
import lib.stack.Replaced;
import lib.stack.SharedServices;
import lib.stack.Stack;

/**
 * Nginx takes the ports over from who has them. Either somebody answers through it then, or they have them again; who
 * they are is noted before one of them is stopped, for who comes after a kill.
 */
final class Takeover {
    /** Of Nginx, once it runs: its workers ask for the colours' addresses first. */
    static final Duration ANSWERS = Duration.ofSeconds(20);
    /** For an engine that restarts meanwhile. */
    private static final Duration GIVE_UP = Duration.ofSeconds(60);

    private final Stack stack;
    private final Console console;
    private final NginxSettings settings;
    private final NewNginx nginx;
    private final FileChannel note;

    /** @param note the lock's file: ids, while the ports change hands */
    Takeover(Stack stack, Console console, NginxSettings settings, FileChannel note) {
        this.stack = stack;
        this.console = console;
        this.settings = settings;
        this.nginx = new NewNginx(stack);
        this.note = note;
    }

    /** Of one that was killed: who had the ports, and may not run any more. */
    List<Container> noted(Replaced replaced) throws IOException {
        var text = ByteBuffer.allocate((int) note.size());
        note.read(text, 0);
        var ids = new String(text.array(), StandardCharsets.US_ASCII).lines().toList();
        return replaced.containers().stream().filter(c -> ids.contains(c.id())).toList();
    }

    /** Somebody answers through Nginx, or they do again. */
    void forget() throws IOException { write(List.of()); }

    private void write(List<Container> holders) throws IOException {
        String ids = holders.stream().map(Container::id).collect(Collectors.joining("\n"));
        note.truncate(0);
        note.write(ByteBuffer.wrap(ids.getBytes(StandardCharsets.US_ASCII)), 0);
        note.force(true);
    }

    void from(List<Container> holders) throws IOException, InterruptedException {
        var step = console.step("adopt");
        var signals = new Interruption();       // begun, it is brought to its end
        create(step);
        try (var seen = new Unanswered(stack.config())) {
            write(holders);
            try {
                handOver(holders, seen, step);
                var gap = seen.untilAnswered(ANSWERS)
                    .orElseThrow(() -> new Failure(ExitCode.FAILED, "nobody answers through Nginx", seen.last()));
                step.done("Nginx has the ports" + (holders.isEmpty() ? "" : " of " + Replaced.names(holders))
                    + "; nobody was answered for " + Console.seconds(gap));
            } catch (Failure f) {
                step.fail(f.getMessage());
                throw givenBack(holders, f, seen);
            }
        }
        forget();
        signals.check();
    }

    /** Until then nothing of before was touched. */
    private void create(Console.Step step) {
        try {
            nginx.create(settings, step::progress);
        } catch (Failure f) {
            step.fail(f.getMessage());
            throw f.why(f.why().map(w -> w + "\n").orElse("") + "What ran before still does.");
        }
    }

    private void handOver(List<Container> holders, Unanswered seen, Console.Step step) {
        step.progress("stopping " + Replaced.names(holders));
        stack.engine().stop(holders);
        step.progress("starting Nginx");
        seen.throughNginx();
        nginx.start();
        new SharedServices(stack).start(console.quiet("stack"));
    }

    /** Each of them, whatever becomes of the others: nobody is answered until then. */
    private Failure givenBack(List<Container> holders, Failure why, Unanswered seen)
        throws IOException, InterruptedException {
        seen.directly();
        var wrong = startAgain(holders);
        for (long end = System.nanoTime() + GIVE_UP.toNanos(); wrong.isPresent() && System.nanoTime() < end;
            wrong = startAgain(holders)) Thread.sleep(1000);
        String reason = why.why().map(w -> w + "\n").orElse("");
        if (wrong.isPresent())
            return new Failure(ExitCode.UNCONFIRMED, why.getMessage() + ", and what had its ports could not be started",
                reason + wrong.get().whatAndWhy(),
                "docker start " + holders.stream().map(Container::name).collect(Collectors.joining(" "))).causedBy(why);
        forget();
        String gap = seen.untilAnswered(ANSWERS)
            .map(time -> "nobody was answered for " + Console.seconds(time) + " at most")
            .orElse("it does not answer yet");
        return new Failure(ExitCode.FAILED, why.getMessage(), reason
            + (holders.isEmpty() ? "Nobody has the ports" : Replaced.names(holders) + " has its ports again") + "; "
            + gap + ".", why.next().orElse("validate")).causedBy(why);
    }

    private Optional<Failure> startAgain(List<Container> holders) {
        var wrong = new ArrayList<Failure>();
        attempt(nginx::remove, wrong);
        for (var c : holders) attempt(() -> stack.engine().start(c.id()), wrong);
        return wrong.stream().findFirst();
    }

    private static void attempt(Runnable part, List<Failure> wrong) {
        try {
            part.run();
        } catch (Failure f) {
            wrong.add(f);
        }
    }
}
