package lib.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Atomic;
import lib.core.Json;

/** What earlier runs left behind stays within bounds: the newest is kept, the oldest goes first. */
public final class Retention {
    /** Each script reads it. A run has a few kilobytes, so this is some hundreds of deploys; and half of them stay. */
    public static final long JOURNAL = 1_000_000;
    static final long JOURNAL_KEPT = 500_000;
    /** Characters of what went from it, for people: thousands of deploys. */
    private static final int OLDER = 10_000_000;
    private static final String MOVES = "(deploy|switch|abort)-.*";

    private Retention() {}

    private record Entry(Path path, long written, long size) {}

    /** Deletes the oldest files and folders in this one, beyond so many or so many bytes. No folder: nothing to do. */
    public static void newest(Path folder, int count, long bytes) throws IOException {
        if (!Files.isDirectory(folder)) return;
        var newestFirst = new ArrayList<Entry>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path p : all.toList()) newestFirst.add(new Entry(p, p.toFile().lastModified(), size(p)));
        }
        newestFirst.sort(Comparator.comparingLong(Entry::written).thenComparing(Entry::path).reversed());
        long kept = 0;
        for (int i = 0; i < newestFirst.size(); i++) {
            kept += newestFirst.get(i).size;
            if (i >= count || kept > bytes) delete(newestFirst.get(i).path);
        }
    }

    /** One that somebody else removes meanwhile has 0 bytes. */
    private static long size(Path path) throws IOException {
        long size = 0;
        for (Path p : tree(path)) size += p.toFile().length();
        return size;
    }

    private static void delete(Path path) throws IOException {
        for (Path p : tree(path).reversed()) Files.deleteIfExists(p);
    }

    /** A folder before what is in it. */
    private static List<Path> tree(Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) return List.of(path);
        try (Stream<Path> all = Files.walk(path)) {
            return all.toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();         // one that we may not read
        }
    }

    /**
     * Under the lock, at the beginning of a run: the oldest whole runs go from a journal that has grown too long, so
     * that it stays quick to read, to journal.older.jsonl, which no script reads. The newest run always stays.
     */
    public static void journal(Config config) throws IOException {
        journal(config.folder().resolve("journal.jsonl"), JOURNAL, JOURNAL_KEPT);
    }

    static void journal(Path file, long longest, long kept) throws IOException {
        if (!Files.exists(file) || Files.size(file) <= longest) return;
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        var bytes = new LinkedHashMap<String, Long>();         // by run, the oldest first
        var lines = new ArrayList<Map.Entry<String, String>>();
        text.lines()
            .forEach(line -> Json.read(line)
                .map(n -> n.path("run").asText())
                .filter(run -> !run.isEmpty())
                .ifPresent(run -> {
                    lines.add(Map.entry(run, line));
                    bytes.merge(run, line.getBytes(StandardCharsets.UTF_8).length + 1L, Long::sum);
                }));
        long left = bytes.values().stream().mapToLong(Long::longValue).sum();
        String newest = List.copyOf(bytes.keySet()).getLast();
        for (String one : inOrderToGo(bytes.keySet())) {
            if (left < kept) break;
            if (!one.equals(newest)) left -= bytes.remove(one);
        }
        var rest = new StringBuilder();
        var gone = new StringBuilder();
        for (var line : lines)
            (bytes.containsKey(line.getKey()) ? rest : gone).append(line.getValue()).append('\n');
        older(file.resolveSibling("journal.older.jsonl"), gone.toString());
        Atomic.writePrivate(file, rest.toString());
    }

    /** The oldest first; but those that may tell what served before, behind all the smoke tests and watches. */
    private static List<String> inOrderToGo(Collection<String> oldestFirst) {
        return oldestFirst.stream().sorted(Comparator.comparing(run -> run.matches(MOVES))).toList();
    }

    private static void older(Path file, String gone) throws IOException {
        String before = Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
        if (before.endsWith(gone)) return;          // by a run that had no room for what comes next
        String all = before + gone;
        int from = all.length() <= OLDER ? 0 : all.indexOf('\n', all.length() - OLDER) + 1;
        Atomic.writePrivate(file, all.substring(from));
    }
}
