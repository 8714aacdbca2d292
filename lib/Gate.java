package lib;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** What a colour must pass before it gets traffic: healthy on its own port, and through Nginx by the name it routes to. */
public record Gate(Config config, Color color, String version) {

    /** {@code wrong}: why it did not pass; null when it did. */
    public record Passed(Probe.Answer answer, String wrong) {}

    /** Asks until healthy or {@code limit}; {@code seen} gets the reason of each answer that is not good. */
    public Passed await(Duration limit, Consumer<String> seen) throws InterruptedException {
        var expected = Probe.Expected.of(config, color, version);
        var answer = Probe.await(URI.create(config.healthUrl(color)), expected, new Probe.Patience(Duration.ofSeconds(10), limit, 0),
            a -> a.wrong(expected).ifPresent(seen));
        Optional<String> wrong = answer.wrong(expected);
        if (wrong.isPresent()) return new Passed(answer, wrong.get());
        // Nginx learns an address within its resolver's time, 5 s.
        var throughNginx = Probe.await(URI.create("http://127.0.0.1:" + config.reach().control() + "/health/" + color), expected,
            new Probe.Patience(Duration.ofSeconds(5), Duration.ofSeconds(15), 0), _ -> {});
        return new Passed(answer, throughNginx.wrong(expected).map(w -> "healthy on its own port, but not through Nginx: " + w).orElse(null));
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
        var log = stack.container(color).map(c -> Redaction.withContainers(config).apply(Docker.logs(c.id(), 2000))).orElse("");
        var tail = log.lines().toList();
        throw new Failure(ExitCode.FAILED, color + " never got healthy: " + passed.wrong(), "the last lines of its log:\n"
            + String.join("\n", tail.subList(Math.max(0, tail.size() - 10), tail.size())) + "\n" + meanwhile, kept(log));
    }

    /** The command that shows the kept log. */
    private String kept(String log) {
        try {
            return "less " + KeptLogs.write(config, color + "-" + version, log);
        } catch (IOException e) {
            return "docker compose logs " + config.service(color) + "   (its log could not be kept: " + e + ")";
        }
    }
}
