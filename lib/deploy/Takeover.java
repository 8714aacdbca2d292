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
import lib.docker.Engine;
import lib.nginx.NginxSettings;
import lib.stack.NewNginx;
import lib.stack.Replaced;
import lib.stack.SharedServices;
import lib.stack.Stack;

/**
 * Nginx takes the ports over from who has them. Either somebody answers through it then, or they have them again. Who
 * they are is noted before one of them is stopped, until one of the two is so: for whatever goes wrong, and for who
 * comes after a kill.
 */
final class Takeover implements AutoCloseable {
    /** Of Nginx, once it runs: its workers ask for the colours' addresses first. */
    static final Duration ANSWERS = Duration.ofSeconds(20);
    /** Its own health check looks every ten seconds: a proxy before it may wait for that. */
    private static final Duration HEALTHY = Duration.ofSeconds(30);
    /** For an engine that restarts meanwhile. */
    private static final Duration GIVE_UP = Duration.ofSeconds(60);

    private final Stack stack;
    private final Engine engine;
    private final Console console;
    private final NewNginx nginx;
    private final FileChannel note;
    private final Unanswered seen;
    /** What is measured began before us. */
    private final boolean resumed;
    private List<Container> open;

    /** @param note the lock's file: ids, while the ports change hands */
    Takeover(Stack stack, Console console, FileChannel note) throws IOException {
        this.stack = stack;
        this.engine = stack.engine();
        this.console = console;
        this.nginx = new NewNginx(stack);
        this.note = note;
        this.open = noted(note).stream().flatMap(id -> engine.container(id).stream()).toList();
        this.resumed = !open.isEmpty();
        this.seen = new Unanswered(stack.config());
    }

    private static List<String> noted(FileChannel note) throws IOException {
        var text = ByteBuffer.allocate((int) note.size());
        note.read(text, 0);
        return new String(text.array(), StandardCharsets.US_ASCII).lines().toList();
    }

    /** Who had the ports, and may not run any more; none: they do not change hands. */
    List<Container> open() { return open; }

    private void note(List<Container> holders) {
        var ids = holders.stream().map(Container::id).collect(Collectors.joining("\n"));
        try {
            int length = note.write(ByteBuffer.wrap(ids.getBytes(StandardCharsets.US_ASCII)), 0);
            note.truncate(length);
            note.force(true);
            open = holders;
        } catch (IOException e) {
            throw Failure.preflight("cannot write in " + stack.config().folder(), e.toString()).causedBy(e);
        }
    }

    void from(List<Container> holders, NginxSettings settings) throws InterruptedException {
        var step = console.step("adopt");
        var signals = new Interruption();       // begun, it is brought to its end
        try {
            nginx.create(settings, holders, step::progress);
            note(holders);
            step.progress("stopping " + Replaced.names(holders));
            engine.stop(holders);
            step.progress("starting Nginx");
            seen.throughNginx();
            nginx.start();
            new SharedServices(stack).start(console.quiet("stack"));
            var gap = seen.untilAnswered(ANSWERS)
                .orElseThrow(() -> new Failure(ExitCode.FAILED, "nobody answers through Nginx", seen.last()));
            if (holders.isEmpty()) nginx.awaitHealthy(HEALTHY, step::progress);
            step.done(holders.isEmpty()
                ? "Nginx answers beside what ran before, and is healthy"
                : "Nginx has the ports of " + Replaced.names(holders) + "; " + unanswered(gap));
        } catch (RuntimeException e) {
            step.fail(String.valueOf(e.getMessage()));
            if (holders.isEmpty()) attempt(nginx::remove, new ArrayList<>());
            throw e;
        }
        isOver();
        signals.check();
    }

    /** Whether somebody answers through it. */
    boolean isAnswered() throws InterruptedException {
        seen.throughNginx();
        return seen.untilAnswered(ANSWERS).isPresent();
    }

    /** It is answered through Nginx, or who had the ports has them. */
    void isOver() {
        try {
            note(List.of());
        } catch (Failure f) {
            console.warning(f.inOneLine());
        }
    }

    /** Each that is noted, whatever becomes of the others: nobody is answered until then. */
    Failure givenBack(Failure why) throws InterruptedException {
        var holders = open;
        seen.directly();
        var wrong = startAgain(holders);
        for (long end = System.nanoTime() + GIVE_UP.toNanos(); wrong.isPresent() && System.nanoTime() < end;
            wrong = startAgain(holders)) Thread.sleep(1000);
        String reason = why.why().map(w -> w + "\n").orElse("");
        if (wrong.isPresent())
            return new Failure(ExitCode.UNCONFIRMED, why.getMessage() + ", and what had its ports could not be started",
                reason + wrong.get().whatAndWhy(),
                "docker start " + holders.stream().map(Container::name).collect(Collectors.joining(" "))).causedBy(why);
        isOver();
        String gap = seen.untilAnswered(ANSWERS)
            .map(this::unanswered)
            .orElse("it does not answer yet");
        return new Failure(ExitCode.FAILED, why.getMessage(),
            reason + Replaced.names(holders) + " has its ports again; " + gap + ".", why.next().orElse("validate"))
            .causedBy(why);
    }

    private String unanswered(Duration gap) {
        return "nobody was answered for " + Console.seconds(gap) + (resumed ? " at least" : "");
    }

    /** One that runs may be about to stop, by the order of before: it is started until the grace for that is over. */
    private Optional<Failure> startAgain(List<Container> holders) {
        var wrong = new ArrayList<Failure>();
        attempt(nginx::remove, wrong);
        for (var c : holders) attempt(() -> engine.start(c.id()), wrong);
        var running = holders.stream().filter(Container::up).toList();
        int grace = running.stream().mapToInt(Container::stopGraceSeconds).max().orElse(0);
        for (long end = System.nanoTime() + Duration.ofSeconds(grace).toNanos(); wrong.isEmpty()
            && System.nanoTime() < end
            && running.stream().anyMatch(this::isAsItWas); Interruption.pause(250))
            for (var c : running) attempt(() -> engine.start(c.id()), wrong);
        return wrong.stream().findFirst();
    }
    private boolean isAsItWas(Container c) {
        return engine.container(c.id()).filter(now -> now.started().equals(c.started())).isPresent();
    }

    private static void attempt(Runnable part, List<Failure> wrong) {
        try {
            part.run();
        } catch (Failure f) {
            wrong.add(f);
        }
    }

    @Override public void close() { seen.close(); }
}
