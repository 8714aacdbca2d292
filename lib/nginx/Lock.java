package lib.nginx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Interruption;
import lib.core.Json;
import lib.docker.Container;
import lib.docker.Engine;
import lib.docker.Held;

/**
 * One deployer at a time. The kernel's lock is held by a process in the Nginx container (nginx/lock.sh), so it lives
 * where the traffic lives; its stdin is a pipe of ours, so that it ends with us, however we end. No stale locks. What
 * is said through the pipe is kept beside the generations and comes back: the echo is the proof that the lock is still
 * ours.
 */
public final class Lock implements AutoCloseable {
    private static final String SCRIPT = "/etc/nginx/bluegreen/lock.sh";
    // for the engine to start a process, and for an echo
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int TAKEN = 75;
    /** Killed: by a seizure, which also meets those who wait. */
    private static final int SEIZED = 137;

    private final Engine engine;
    private final Container nginx;
    private final String doing;
    private final String token = UUID.randomUUID().toString();
    private Held holder;                     // guarded by this, as the next two
    private BufferedReader from;
    private Picture picture;

    private Lock(Engine engine, Container nginx, String doing) {
        this.engine = engine;
        this.nginx = nginx;
        this.doing = doing;
    }

    /** How to go about a lock that somebody else holds: wait so long, or take it over at once. */
    public record Patience(Duration limit, boolean takeOver) {
        public static Patience of(Duration limit) { return new Patience(limit, false); }
    }

    /**
     * @param doing for the person who finds it locked: "deploy 1.0.1 to green"
     * @throws Failure (locked) naming the holder
     */
    public static Lock take(Engine engine, Container nginx, String doing, Patience patience, Console console) {
        var lock = new Lock(engine, nginx, doing);
        long deadline = System.nanoTime() + patience.limit().toNanos();
        int seized = 0;
        if (patience.takeOver()) seize(engine, nginx, console);
        for (boolean told = false; !lock.taken(); told = true) {
            // Who was seized, or waited for it, may be the faster one.
            if (patience.takeOver() && seized++ < 20) {
                seize(engine, nginx, console);
                continue;
            }
            String who = describe(note(engine, nginx));
            if (System.nanoTime() >= deadline)
                throw new Failure(ExitCode.LOCKED, "locked: another deployer is at work", who,
                    "wait for it: --wait-lock 5m   (in an emergency: switch --rollback --take-over)");
            if (!told) console.line(console.dim("  · waiting for " + who));
            Interruption.pause(500);
        }
        return lock;
    }

    /** Who holds it is told by the next thing that it tries. */
    private static void seize(Engine engine, Container nginx, Console console) {
        var who = holder(engine, nginx);
        if (who.isEmpty()) return;
        var seized = engine.exec(nginx.id(), "sh", SCRIPT, "seize");
        if (!seized.ok())
            throw new Failure(ExitCode.LOCKED, "the lock could not be taken over", seized.last(),
                "docker restart " + nginx.shortId());
        console.warning("took over from " + who.get());
    }

    /** Who holds it now; empty when nobody does. */
    public static Optional<String> holder(Engine engine, Container nginx) {
        var held = engine.exec(nginx.id(), "sh", SCRIPT, "holder");
        return held.ok() ? Optional.of(describe(held.out())) : Optional.empty();
    }

    /** As it was when the lock was taken; if it was lost meanwhile, with what came since. */
    public synchronized Picture picture() {
        if (!picture.isEnough()) picture = Picture.of(engine, nginx.id());
        return picture;
    }

    /** Stands in the holder's note: what is ordered in our name shows it. */
    String token() { return token; }

    /**
     * Keeps a line of the journal beside the generations. Returns whether the lock was held all the time: if not, it
     * was lost (a restart of Nginx, or of the engine) and is taken again, and others may have acted in between.
     * @throws Failure (locked) somebody else has it; (pre-flight) the engine does not answer
     */
    public synchronized boolean tell(String line) {
        if (echoes(line)) return true;
        // Our own holder may still sit in a write that a slow disk holds up.
        for (long end = System.nanoTime() + LIMIT.toNanos(); !taken(); Interruption.pause(500)) {
            String note = note(engine, nginx);
            boolean ours = note.contains(token), over = System.nanoTime() > end;
            // Whoever seized it needs a moment to leave a note, and with Nginx's container ours is gone as well.
            if (!ours && (over || !note.isBlank()))
                throw new Failure(ExitCode.LOCKED, "the lock went to another deployer", describe(note), "status");
            // An engine that restarts leaves it behind with its stdin open: then nobody but us ends it.
            if (ours) engine.exec(nginx.id(), "sh", SCRIPT, "seize");
            if (over)
                throw Failure.preflight("the lock does not answer", "its own process in the Nginx container hangs",
                    "docker info");
        }
        if (!echoes(line))
            throw Failure.preflight("the lock was lost again", "the engine or its disk does not answer", "docker info");
        picture = Picture.NONE;         // the line belongs into it
        return false;
    }

    /**
     * For what no fence can hold up once it has begun: who takes the lock over meanwhile ends it.
     * @throws Failure (locked) saying who; the action's own
     */
    public <T> T whileHeld(Supplier<T> action) {
        var seizure = new Seizure(Thread.currentThread());
        var watch = holding().onExit().thenRunAsync(() -> seizure.lookFor(this::another), Thread::startVirtualThread);
        try {
            return action.get();
        } finally {
            watch.cancel(false);
            seizure.over();
        }
    }

    private synchronized Held holding() { return holder; }

    /** Who has it now, if that is not us; whoever seized it needs a moment to leave a note. */
    private Optional<String> another() {
        return Optional.of(note(engine, nginx))
            .filter(note -> !note.isBlank() && !note.contains(token))
            .map(Lock::describe);
    }

    /** Interrupts the worker while it is at it, and never later. */
    private static final class Seizure {
        private final Thread worker;
        private boolean over;                    // guarded by this, as the next one
        private Optional<String> by = Optional.empty();

        Seizure(Thread worker) { this.worker = worker; }

        /** An engine that does not answer ends the looking: then the next fence finds out. */
        void lookFor(Supplier<Optional<String>> another) {
            for (long end = System.nanoTime() + LIMIT.toNanos(); System.nanoTime() < end && !found(another.get());)
                Interruption.pause(300);
        }

        private synchronized boolean found(Optional<String> another) {
            if (over || another.isEmpty()) return over;
            by = another;
            worker.interrupt();
            return true;
        }

        synchronized void over() {
            over = true;
            if (by.isEmpty()) return;
            Thread.interrupted();
            throw new Failure(ExitCode.LOCKED, "the lock went to another deployer", by.get(), "status");
        }
    }

    /** @throws Failure when it cannot be told whether it is taken */
    private boolean taken() {
        try {
            end();
            holder = engine.hold(nginx.id(), "sh", SCRIPT, "take");
            from = new BufferedReader(new InputStreamReader(holder.out(), StandardCharsets.UTF_8));
            var before = beforeEcho(note());
            if (before.isPresent()) {
                picture = Picture.read(before.get());
                return true;
            }
            // A question of its own to the engine: on a slow one it takes a while. One that does not answer was closed.
            var code = holder.onExit()
                .completeOnTimeout(OptionalInt.empty(), LIMIT.toSeconds(), TimeUnit.SECONDS)
                .get();
            if (code.equals(OptionalInt.of(TAKEN)) || code.equals(OptionalInt.of(SEIZED))) return false;
            end();
            throw code.isPresent()
                ? refused(code.getAsInt(), holder.err().strip())
                : Failure.preflight("Docker does not answer",
                    "no process was started in the Nginx container within " + LIMIT.toSeconds() + " s", "docker info");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.preflight("interrupted while taking the lock");
        }
    }

    private String note() {
        return Json.line(
            Map.of("who", System.getProperty("user.name"), "host", hostName(), "pid", ProcessHandle.current().pid(),
                "since", Instant.now().toString(), "doing", doing, "token", token));
    }

    private Failure refused(int code, String error) {
        if (code == Picture.MISUSED || error.contains(SCRIPT)) return Picture.otherScripts(nginx.id(), error);
        return Failure.preflight("cannot take the lock in the Nginx container", error,
            "docker logs " + nginx.shortId());
    }

    private boolean echoes(String line) { return beforeEcho(line).isPresent(); }

    /** What comes before a line comes back, within the limit; empty: it does not. */
    private Optional<String> beforeEcho(String line) {
        var answer = new CompletableFuture<Optional<String>>();
        Thread.ofVirtual().start(() -> answer.complete(exchanged(line)));
        try {
            return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            holder.close();       // its echo must not be taken for that of a later line
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return uninterrupted(answer);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** A signal that came just now must not make the lock look lost. */
    private Optional<String> uninterrupted(CompletableFuture<Optional<String>> answer) {
        var before = answer.completeOnTimeout(Optional.empty(), LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
        if (before.isEmpty()) holder.close();
        return before;
    }

    /** Empty when the holder has ended. */
    private Optional<String> exchanged(String line) {
        try {
            holder.stdin().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            var before = new StringBuilder();
            for (String back; (back = from.readLine()) != null; before.append(back).append('\n'))
                if (back.equals(line)) return Optional.of(before.toString());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String note(Engine engine, Container nginx) {
        return engine.exec(nginx.id(), "cat", "/dev/shm/bluegreen.lock.holder").out();
    }

    /** Who we are, for others. */
    public static String who() { return System.getProperty("user.name") + "@" + hostName(); }

    private static String hostName() {
        try {
            return java.net.InetAddress.getLocalHost().getHostName();
        } catch (java.net.UnknownHostException e) {
            return "an unnamed host";
        }
    }

    public static String describe(String note) {
        return Json.read(note)
            .map(n -> "%s@%s (pid %s) since %s: %s"
                .formatted(n.path("who").asText("?"), n.path("host").asText("?"),
                    n.path("pid").asText("?"), n.path("since").asText("?"), n.path("doing").asText("?")))
            .orElse("someone who left no note yet");
    }

    private void end() {
        if (holder != null) holder.close();
    }

    @Override public synchronized void close() { end(); }
}
