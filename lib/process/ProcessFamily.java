package lib.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A process and all that it started, also what lost its parent since: on Linux they share a session. */
public final class ProcessFamily {
    /** Between SIGTERM and SIGKILL. */
    private static final Duration MOMENT = Duration.ofSeconds(2);
    private static final Field STATE = new Field(0), SESSION = new Field(3);

    /**
     * Before a command's arguments: a session of its own, so that a Ctrl-C in the terminal, which goes to a whole
     * process group, does not end the step in hand behind our back. Without --wait, which BusyBox does not have: setsid
     * forks only where it leads a group, and a child of Java's never does. macOS has no setsid: there it stays in ours.
     */
    public static final List<String> OWN_SESSION = Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "setsid"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(setsid -> List.of(setsid.toString()))
        .orElse(List.of());

    private ProcessFamily() {}

    /** SIGTERM to all of them, and after a moment SIGKILL; an interrupt shortens the moment. */
    static void end(Process process) {
        var told = of(process);
        told.forEach(ProcessHandle::destroy);       // not Process.destroy, which closes what we still read
        awaitEnd(told);
        Stream.concat(told.stream(), of(process).stream()).forEach(ProcessHandle::destroyForcibly);
    }

    private static void awaitEnd(List<ProcessHandle> processes) {
        try {
            for (long end = System.nanoTime() + MOMENT.toNanos(); System.nanoTime() < end; Thread.sleep(10))
                if (processes.stream().noneMatch(ProcessFamily::isAlive)) return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<ProcessHandle> of(Process process) {
        var session = ProcessHandle.allProcesses().filter(p -> SESSION.of(p).equals(String.valueOf(process.pid())));
        var all = Stream.of(Stream.of(process.toHandle()), process.descendants(), session).flatMap(s -> s);
        return all.distinct().toList();
    }

    /** One that has ended but whose parent, or PID 1, has not asked for its exit code yet, counts as ended. */
    private static boolean isAlive(ProcessHandle process) {
        return process.isAlive() && !STATE.of(process).equals("Z");
    }

    /**
     * A field of /proc/PID/stat, counted from behind the name: 25 (a name (with anything)) S parent group session ...
     */
    private record Field(int number) {
        /** Empty: it ended just now, or the system has no /proc. */
        String of(ProcessHandle process) {
            try {
                var file = Path.of("/proc", String.valueOf(process.pid()), "stat");
                String stat = Files.readString(file, StandardCharsets.ISO_8859_1);
                return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[number];
            } catch (IOException e) {
                return "";
            }
        }
    }
}
