package lib.nginx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Engine;
import lib.journal.Journal;

/**
 * What a script wants to know first of what lies in the Nginx container, in one look (nginx/picture.sh). A process
 * there takes a twentieth of a second to start. {@code sections}: their lines, by name.
 */
public record Picture(Map<String, List<String>> sections) {
    /**
     * The shell's own code for a script that it cannot read, and that of the scripts for a call that they do not know.
     */
    static final int MISUSED = 2;
    private static final String SCRIPT = "/etc/nginx/bluegreen/picture.sh", SECTION = "## ";

    static final Picture NONE = new Picture(Map.of());

    /**
     * What is on the disk: the number behind active/current (0: missing or dangling) and the highest there is (0:
     * none).
     */
    public record Disk(long current, long highest) {}

    /** The end of the access log, read at {@code now} by the clock that its times are from. */
    public record Requests(Instant now, List<String> lines) {}

    /** Everything. @throws Failure when it cannot be seen */
    public static Picture of(Engine engine, String nginx) {
        // Nothing that is started in a container may outlive us: it has a limit of its own there.
        var seen = engine.exec(nginx, "timeout", "-s", "KILL", "15", "sh", SCRIPT, "whole");
        var picture = read(seen.out());
        if (picture.isEnough()) return picture;
        if (seen.ok() || seen.code() == MISUSED || seen.err().contains(SCRIPT)) throw otherScripts(nginx, seen.last());
        throw new Failure(ExitCode.FAILED, "what is in the Nginx container cannot be seen", seen.last(),
            "docker logs " + nginx.substring(0, 12));
    }

    /** An empty folder, or that of another version of bluegreen. */
    static Failure otherScripts(String nginx, String error) {
        return Failure.preflight(
            "bluegreen's scripts are not in the Nginx container, or not as this version needs them", error,
            "validate   tells which files Nginx reads, and how it gets those of this version; only if a folder that "
                + "nginx: names was made anew, its mount is the old one: docker restart " + nginx.substring(0, 12));
    }

    static Picture read(String text) {
        var sections = new HashMap<String, List<String>>();
        var lines = new ArrayList<String>();
        for (String line : text.lines().filter(l -> !l.isBlank()).toList())
            if (line.startsWith(SECTION)) sections.put(line.substring(SECTION.length()), lines = new ArrayList<>());
            else lines.add(line);
        return new Picture(sections);
    }

    /**
     * What is needed to go on is there: what comes behind may be cut off, when a disk is so slow that nobody waits for
     * it.
     */
    boolean isEnough() { return sections.containsKey("requests"); }

    private List<String> lines(String section) { return sections.getOrDefault(section, List.of()); }

    public Disk disk() {
        long highest = lines("generations")
            .stream()
            .filter(l -> l.matches("gen-[0-9]{1,15}"))
            .mapToLong(l -> Long.parseLong(l.substring(4)))
            .max()
            .orElse(0);
        return new Disk(
            lines("current")
                .stream()
                .flatMap(l -> Generation.read(l).stream())
                .map(Generation::number)
                .findFirst()
                .orElse(0L),
            highest);
    }

    /** The runs whose lines were kept beside the generations, in the order in which they began. */
    public List<Journal.Run> runs() { return Journal.runs(String.join("\n", lines("journal"))); }

    /** The newest ones; empty unless Nginx may fail over. @throws Failure when the log cannot be read */
    public Optional<Requests> requests() {
        var all = lines("requests");
        if (all.isEmpty() && sections.containsKey("end")) return Optional.empty();
        if (!sections.containsKey("end") || !all.getFirst().matches("[0-9]{1,15}"))
            throw new Failure(ExitCode.FAILED, "Nginx's access log cannot be read").next("docker ps");
        var now = Instant.ofEpochMilli(Long.parseLong(all.getFirst()));
        return Optional.of(new Requests(now, all.subList(1, all.size())));
    }

    /** Who holds the lock; empty when nobody does. */
    public Optional<String> holder() {
        var said = lines("holder");
        if (said.contains("nobody")) return Optional.empty();
        return Optional.of(Lock.describe(said.isEmpty() ? "" : said.getFirst()));
    }

    /** What Nginx holds of a colour; empty when that cannot be seen. @param port on which it listens */
    public Optional<Holding> holding(Container colour, int port) {
        var seen = lines("holding");
        return seen.isEmpty()
            ? Optional.empty()
            : Optional.of(Holding.of(String.join("\n", seen), colour.addresses(), port));
    }
}
