package lib;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** What a colour must pass before it gets traffic: healthy on its own port, and through Nginx by the name it routes to. */
public record Gate(Config config, Color color, String version) {

    /** {@code wrong}: why it did not pass; null when it did. */
    public record Passed(Probe.Answer answer, String wrong) {}

    /** For {@link #now}: an app that pauses for its garbage is asked again, one that hangs is not waited for. */
    private static final Duration ONE = Duration.ofSeconds(2), ALL = Duration.ofSeconds(3);

    /**
     * Does it pass now? One healthy answer on its own port and one through Nginx; asked again for up to 3 s in all.
     * Returns what is wrong; empty: it passes.
     */
    public Optional<String> now() {
        long deadline = System.nanoTime() + ALL.toNanos();
        for (;;) {
            var wrong = once(deadline);
            if (wrong.isEmpty() || System.nanoTime() + PAUSE.toNanos() >= deadline) return wrong;
            Nginx.pause(PAUSE.toMillis());
        }
    }
    private static final Duration PAUSE = Duration.ofMillis(250);

    private Optional<String> once(long deadline) {
        var expected = Probe.Expected.of(config, color, version);
        return Probe.once(ownPort(), within(deadline)).wrong(expected)
            .or(() -> Probe.once(throughNginx(), within(deadline)).wrong(expected).map(NOT_THROUGH_NGINX::concat));
    }

    private static Duration within(long deadline) {
        var left = Duration.ofNanos(deadline - System.nanoTime());
        return left.compareTo(ONE) < 0 ? left : ONE;
    }

    private static final String NOT_THROUGH_NGINX = "healthy on its own port, but not through Nginx: ";
    private URI ownPort() { return URI.create(config.healthUrl(color)); }
    private URI throughNginx() { return URI.create("http://127.0.0.1:" + config.reach().control() + "/health/" + color); }

    /** Asks until healthy or {@code limit}; {@code seen} gets the reason of each answer that is not good. */
    public Passed await(Duration limit, Consumer<String> seen) throws InterruptedException {
        var expected = Probe.Expected.of(config, color, version);
        var answer = Probe.await(ownPort(), expected, new Probe.Patience(Duration.ofSeconds(10), limit, 0),
            a -> a.wrong(expected).ifPresent(seen));
        Optional<String> wrong = answer.wrong(expected);
        if (wrong.isPresent()) return new Passed(answer, wrong.get());
        // Nginx learns an address within its resolver's time, 5 s.
        var throughNginx = Probe.await(throughNginx(), expected,
            new Probe.Patience(Duration.ofSeconds(5), Duration.ofSeconds(15), 0), _ -> {});
        return new Passed(answer, throughNginx.wrong(expected).map(NOT_THROUGH_NGINX::concat).orElse(null));
    }

    /**
     * The step "health" of a colour that was just started. Not passed: its log is kept where the next start does not
     * lose it, and its last lines are told. {@code meanwhile}: what serves meanwhile.
     */
    public String require(Stack stack, Console.Step step, String meanwhile) throws InterruptedException {
        var passed = await(config.health().timeout(), step::note);
        if (passed.wrong() == null) {
            step.fact("answer", passed.answer().summary());
            return passed.answer().summary();
        }
        var log = stack.container(color).map(c -> Docker.logs(c.id(), 2000)).orElse("");
        var tail = log.lines().toList();
        throw new Failure(ExitCode.FAILED, color + " never got healthy: " + passed.wrong(), "the last lines of its log:\n"
            + String.join("\n", tail.subList(Math.max(0, tail.size() - 10), tail.size())) + "\n" + meanwhile, kept(log));
    }

    /** The command that shows the kept log. */
    private String kept(String log) {
        var file = config.folder().resolve("logs").resolve(color + "-" + version + ".log");
        try {
            Files.createDirectories(file.getParent());
            return "less " + Files.writeString(file, log);
        } catch (IOException e) {
            return "docker compose logs " + config.service(color) + "   (its log could not be kept: " + e + ")";
        }
    }
}
