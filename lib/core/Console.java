package lib.core;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The terminal: one line a step, live on a TTY, plain elsewhere; with --json one event a line on stdout, text on
 * stderr.
 */
public final class Console {
    private final boolean json;
    private final boolean live;       // a TTY: lines are rewritten while a step runs
    private final boolean coloured;
    private final boolean plain;
    private final boolean timed;      // nobody looks on: a log says when
    private final PrintStream text;
    private final String way;

    /** @param way how the person calls scripts, with {@code %s} for its name: "./bluegreen %s" */
    public Console(boolean json, String way) { this(json, false, way); }

    /** @param plain no colour, no line that is rewritten, marks in ASCII */
    public Console(boolean json, boolean plain, String way) {
        this(json, plain, way, json ? System.err : System.out);
    }

    /** @param text where it goes in the place of the terminal */
    public Console(boolean json, boolean plain, String way, PrintStream text) {
        this(json, plain, way, text, isTerminal());
    }

    /** @param terminal somebody looks on */
    Console(boolean json, boolean plain, String way, PrintStream text, boolean terminal) {
        this.json = json;
        this.plain = plain;
        this.way = way;
        this.text = text;
        this.timed = !terminal;
        this.live = terminal && !json && !plain && !"dumb".equals(System.getenv("TERM"));
        this.coloured = !plain && System.getenv("NO_COLOR") == null && (live || System.getenv("FORCE_COLOR") != null);
    }

    private static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal() && System.getenv("CI") == null;
    }

    public boolean isLive() { return live; }
    public boolean isColoured() { return coloured; }

    public String bold(String s) { return paint("1", s); }
    public String dim(String s) { return paint("2", s); }
    public String good(String s) { return paint("32", s); }
    public String bad(String s) { return paint("31", s); }
    public String warn(String s) { return paint("33", s); }
    public String of(Colour c) { return paint(c == Colour.BLUE ? "34;1" : "32;1", c.toString()); }

    /** A line of a diff. */
    public String diff(String line) {
        return line.startsWith("+") ? good(line) : line.startsWith("-") ? bad(line) : line;
    }

    private String paint(String code, String s) { return coloured ? "\033[" + code + "m" + s + "\033[0m" : s; }

    /**
     * "switch --rollback" as the person types it here, each of several; anything but a script of ours stays as it is.
     */
    public String command(String next) {
        return BETWEEN.splitAsStream(next).map(this::one).collect(Collectors.joining());
    }
    /** Before and behind what parts two commands. */
    private static final Pattern BETWEEN = Pattern.compile("(?<=   or   |, or |, )|(?=   or   |, or )");
    /** And no sentence that begins with such a word. */
    private static final Pattern SCRIPT = Pattern.compile(
        "(deploy|switch|health|status|validate|smoke|monitor|incident|shell|init)"
            + "((?: --?[a-zA-Z]| blue| green| build| http| FILE|   |$).*)?");

    private String one(String next) {
        var m = SCRIPT.matcher(next);
        return m.matches() ? way.replaceFirst("%s", m.group(1)) + (m.group(2) == null ? "" : m.group(2)) : next;
    }

    public synchronized void line(String s) { text.println(safe(s)); }

    /** All text to the terminal passes here: of control sequences, only our own colours and line ends come through. */
    private String safe(String s) {
        if (!plain) return printable(s);
        String ascii = s;
        for (var mark : ASCII.entrySet()) ascii = ascii.replace(mark.getKey(), mark.getValue());
        return printable(ascii);
    }
    private static final Map<String, String> ASCII = Map.of("✓", "+", "✗", "x", "·", ".", "→", "->", "…", "...", "–",
        "-");

    private String printable(String s) {
        if (s.chars().noneMatch(c -> c < ' ' && c != '\n' || c >= 0x7f)) return s;
        var safe = new StringBuilder();
        var own = OWN.matcher(s);
        int from = 0;
        for (; own.find(); from = own.end())
            safe.append(Text.printable(s.substring(from, own.start())))
                .append(own.group().equals("\n") || coloured || live && own.group().contains("?7") ? own.group() : "");
        return safe.append(Text.printable(s.substring(from))).toString();
    }
    private static final Pattern OWN = Pattern.compile("\n|\033\\[(?:(?:0|1|2|31|32|33|32;1|34;1)m|[?]7[hl])");

    public void warning(String s) {
        line(mark(warn("!")) + s);
        event("warning", Map.of("text", s));
    }

    /** One event line on stdout, with --json only. Values: strings, numbers, booleans, maps, lists. */
    public synchronized void event(String name, Map<String, ?> fields) {
        if (!json) return;
        var all = new LinkedHashMap<String, Object>();
        all.put("event", name);
        all.put("at", Instant.now().toString());
        all.putAll(fields);
        System.out.println(Json.line(all));
        System.out.flush();
    }

    /** @param changes the command is one that changes something, so that nothing was changed is worth saying */
    public void failure(Failure f, boolean changes) {
        line("");
        line(bad("✗ " + Text.plain(f.getMessage())));
        f.why().ifPresent(why -> why.lines().forEach(l -> line("  " + l)));
        if (changes && f.code == ExitCode.PREFLIGHT) line("  Nothing was changed.");
        f.next().ifPresent(next -> line("  next:  " + bold(command(next))));
        var fields = new LinkedHashMap<String, Object>(Map.of("code", f.code.code(), "text", f.getMessage()));
        f.why().ifPresent(why -> fields.put("why", why));
        f.next().ifPresent(next -> fields.put("next", command(next)));
        event("failed", fields);
    }

    public Step step(String name) { return new Step(name, Shown.WHOLE); }

    /** A step that only programs hear of, through --json. */
    public Step quiet(String name) { return new Step(name, Shown.NOT); }

    /** A step beside another one: a line when it ends. */
    public Step beside(String name) { return new Step(name, Shown.END); }

    private enum Shown { WHOLE, END, NOT }

    /** Where lines are not rewritten, of what takes long: once soon, then seldom. */
    private static final Duration SOON = Duration.ofSeconds(5), SELDOM = Duration.ofSeconds(30);

    /** A step that runs: {@link #note} while it does, then one of {@link #done}, {@link #fail} and {@link #skip}. */
    public final class Step {
        private final String name;
        private final Shown shown;
        private final Map<String, Object> facts = new LinkedHashMap<>();
        private final long began = System.nanoTime();
        private final Optional<Thread> clock;
        private volatile String lastNote = "", doing = "";
        private volatile Optional<Duration> limit = Optional.empty();
        private boolean over;                           // guarded by the console

        private Step(String name, Shown shown) {
            this.name = name;
            this.shown = shown;
            event("step", Map.of("name", name, "phase", "begin"));
            if (live && shown == Shown.WHOLE) rewrite(unwrapped(dim("  · " + pad(name)) + " "));
            clock = shown == Shown.WHOLE ? Optional.of(Threads.start(this::tick)) : Optional.empty();
        }

        /** Of the wait: shown with the time that it took so far. */
        public Step limit(Duration most) {
            limit = Optional.of(most);
            return this;
        }

        /** Who looks at it sees that it is not stuck: each second, or now and then a line. */
        private void tick() {
            try {
                for (var pause = live ? Duration.ofSeconds(1) : SOON;; pause = live ? pause : SELDOM) {
                    Thread.sleep(pause);
                    show();
                }
            } catch (InterruptedException e) {
                return;                                 // it ended
            }
        }

        private void show() {
            synchronized (Console.this) {
                if (over) return;
                if (live)
                    rewrite(unwrapped(dim("  · " + pad(name)) + " " + doing
                        + dim((doing.isEmpty() ? "" : "  ") + clock())));
                else
                    line(mark("·") + pad(name) + " " + doing + (doing.isEmpty() ? "" : ", ") + clock());
            }
        }

        /** "12 of 40 s" */
        private String clock() {
            return limit.map(l -> elapsed().toSeconds() + " of " + l.toSeconds() + " s").orElse(took());
        }

        /** For the journal and for programs; a null is left out. */
        public Step fact(String what, Object value) {
            if (value != null) facts.put(what, value);
            return this;
        }
        public Map<String, Object> facts() { return facts; }

        public void note(String said) {
            if (shown != Shown.WHOLE) return;
            String now = oneLine(said);
            doing = now;
            if (live) show();
            else if (!now.equals(lastNote)) line(mark("·") + pad(name) + " " + now);
            lastNote = now;
        }

        /** For the many small signs of life of a build or a start: only where the line is rewritten. */
        public void progress(String now) {
            String text = oneLine(now);
            if (text.isEmpty()) return;
            doing = text.substring(0, Math.min(70, text.length()));
            if (live && shown == Shown.WHOLE) show();
        }

        public void done(String result) { end(good("✓"), result, "done"); }
        public void fail(String result) { end(bad("✗"), result, "failed"); }
        public void skip(String reason) { end(dim("-"), dim(reason), "skipped"); }

        private void end(String mark, String result, String phase) {
            synchronized (Console.this) {
                over = true;
            }
            clock.ifPresent(Thread::interrupt);
            String line = mark(mark) + pad(name) + " " + oneLine(result)
                + (elapsed().toMillis() < 100 ? "" : dim("  " + took()));
            if (shown != Shown.NOT) {
                if (live) rewrite(line + "\n");
                else line(line);
            }
            var all = new LinkedHashMap<String, Object>(
                Map.of("name", name, "phase", phase, "text", plain(result), "ms", elapsed().toMillis()));
            all.putAll(facts);
            event("step", all);
        }

        public Duration elapsed() { return Duration.ofNanos(System.nanoTime() - began); }
        private String took() { return seconds(elapsed()); }
    }

    /** "0.14 s", "12.3 s", "2 m 5 s". */
    public static String seconds(Duration d) {
        double s = d.toSeconds() + d.toMillisPart() / 1000.0;
        return s < 1
            ? "%.2f s".formatted(s)
            : s < 100 ? "%.1f s".formatted(s) : d.toMinutes() + " m " + d.toSecondsPart() + " s";
    }

    /** Before a step's line: in a log, the time of day. */
    private String mark(String mark) {
        return (timed ? LocalTime.now().format(CLOCK) + " " : "  ") + mark + " ";
    }
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    private synchronized void rewrite(String s) {
        text.print("\r\033[2K" + safe(s));
        text.flush();
    }

    /**
     * Cut off by a terminal that is too narrow: of a line that goes on in the next one, only that could be rewritten.
     */
    private static String unwrapped(String s) { return NO_WRAP + s + WRAP; }
    private static final String NO_WRAP = "\033[?7l", WRAP = "\033[?7h";

    /** What an app, a log or a label says must not look like a line of ours. */
    private static String oneLine(String s) { return s.strip().replaceAll("[\n\r]+", " "); }

    private int below;

    /**
     * On a TTY, the lines under the one of the step in hand, each at most 79 wide; rewritten by the next call, taken
     * away by none.
     */
    public synchronized void below(List<String> lines) {
        if (!live) return;
        int all = Math.max(below, lines.size());
        if (all == 0) return;
        var s = new StringBuilder();
        for (int i = 0; i < all; i++)
            s.append("\n\r\033[2K").append(i < lines.size() ? safe(unwrapped(lines.get(i))) : "");
        text.print(s + "\033[" + all + "A\r");
        text.flush();
        below = lines.size();
    }

    private static String pad(String name) { return "%-8s".formatted(name); }
    private static String plain(String s) { return s.replaceAll("\033\\[[0-9;]*m", ""); }
}
