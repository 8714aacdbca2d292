package lib;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One deployer at a time. The kernel's lock is held by a process in the Nginx container, so it lives where the
 * traffic lives; its stdin is a pipe of ours, so that it ends with us, however we end. No stale locks.
 */
public final class Lock implements AutoCloseable {
    private static final String FILE = "/run/bluegreen.lock";          // not in the active folder, which may be emptied by hand
    private static final Duration LIMIT = Duration.ofSeconds(20);      // for the engine to start a process

    private final Docker.Container nginx;
    private final String doing;
    private Process holder;

    private Lock(Docker.Container nginx, String doing) {
        this.nginx = nginx;
        this.doing = doing;
    }

    /**
     * @param doing for the person who finds it locked: "deploy 1.0.1 to green"
     * @param wait how long to wait for another deployer; zero: not at all
     * @throws Failure (locked) naming the holder
     */
    public static Lock take(Docker.Container nginx, String doing, Duration wait, Console console) {
        var lock = new Lock(nginx, doing);
        long deadline = System.nanoTime() + wait.toNanos();
        for (boolean told = false; !lock.taken(); told = true) {
            String who = describe(note(nginx));
            if (System.nanoTime() >= deadline)
                throw new Failure(ExitCode.LOCKED, "locked: another deployer is at work", who, "wait for it: --wait-lock 5m");
            if (!told) console.line(console.dim("  · waiting for " + who));
            Nginx.pause(500);
        }
        return lock;
    }

    /** Who holds it now; empty when nobody does. */
    public static Optional<String> holder(Docker.Container nginx) {
        var free = Docker.exec(nginx.id(), "flock", "--nonblock", "--conflict-exit-code", "75", FILE, "true");
        return free.code() == 75 ? Optional.of(describe(note(nginx))) : Optional.empty();
    }

    /** An Nginx container that was restarted has dropped it: taken again, unless somebody else was faster. */
    void keep() {
        if (holder.isAlive()) return;
        if (!taken()) throw new Failure(ExitCode.LOCKED, "the lock was lost with a restart of Nginx, and another deployer took it", describe(note(nginx)), "status");
    }

    /** tee writes the note and echoes it: the echo tells that the lock is ours. */
    private boolean taken() {
        var command = Docker.command(Duration.ofDays(1), "exec", "--interactive", nginx.id(),
            "flock", "--nonblock", "--conflict-exit-code", "75", FILE, "tee", FILE + ".holder");
        try {
            Process process = command.start();
            String note = Json.line(Map.of("who", System.getProperty("user.name"), "host", hostName(), "pid", ProcessHandle.current().pid(),
                "since", Instant.now().toString(), "doing", doing));
            if (note.equals(echo(process, note))) {
                holder = process;
                return true;
            }
            String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() == 75) return false;
            throw Failure.preflight("cannot take the lock in the Nginx container", error, "docker logs " + nginx.id().substring(0, 12));
        } catch (IOException e) {
            throw Failure.preflight("cannot take the lock", e.toString(), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.preflight("interrupted while taking the lock", null, null);
        }
    }

    /** Null when it ended without one. An engine that hangs would never answer: a limit. */
    private static String echo(Process process, String note) throws InterruptedException {
        var answer = CompletableFuture.supplyAsync(() -> {
            try {
                process.getOutputStream().write((note + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
                return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
            } catch (IOException e) {
                return null;        // it ended at once, because the lock is taken: its exit code tells
            }
        });
        try {
            return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw Failure.preflight("Docker does not answer", "no process was started in the Nginx container within " + LIMIT.toSeconds() + " s", "docker info");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static String note(Docker.Container nginx) { return Docker.exec(nginx.id(), "cat", FILE + ".holder").out(); }

    private static String hostName() throws IOException {
        return java.net.InetAddress.getLocalHost().getHostName();
    }

    static String describe(String note) {
        return Json.read(note).map(n -> "%s@%s (pid %s) since %s: %s".formatted(n.path("who").asText("?"), n.path("host").asText("?"),
            n.path("pid").asText("?"), n.path("since").asText("?"), n.path("doing").asText("?"))).orElse("someone who left no note yet");
    }

    @Override public void close() {
        try {
            holder.getOutputStream().close();
        } catch (IOException e) {
            holder.destroy();       // its end of the pipe is gone already
        }
    }
}
