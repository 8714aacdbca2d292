package board;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.core.Json;
import lib.journal.Journal;
import load.Docker;

/**
 * Deploys that never were, as a journal would tell of them: the lines of a real one, with times, versions, images and
 * colours of their own. {@code real}: what the journal tells by itself; it stays at the end.
 */
public record History(Config config, String real, List<JsonNode> deploy) {
    /** As nginx/lock.sh cuts the journal beside the generations. */
    private static final long SHARED = 500_000;
    private static final Duration EVERY = Duration.ofMinutes(10);

    /** Of a project that has deployed. */
    public static History of(Config config) throws IOException {
        String real = Files.readString(own(config));
        return new History(config, real,
            Journal.runs(real)
                .reversed()
                .stream()
                .filter(r -> r.command().equals("deploy"))
                .findFirst()
                .orElseThrow()
                .lines());
    }

    private static Path own(Config config) { return config.folder().resolve("journal.jsonl"); }

    /**
     * Both journals, this checkout's and the one beside the generations, each with the newest lines that it may have.
     * Returns the bytes of the first. @param longest it may be
     */
    public long write(int deploys, long longest) throws IOException {
        var text = new StringBuilder();
        for (int i = 1; i <= deploys; i++)
            for (JsonNode line : deploy) text.append(line(line, i, deploys)).append('\n');
        String all = text + real, own = newest(all, longest);
        Files.writeString(own(config), own);
        var said = Docker.command(Duration.ofMinutes(1), "exec", "-i",
            config.composeProject() + "-" + config.nginxService(), "sh",
            "-c", "cat >/etc/nginx/active/journal.jsonl").input(newest(all, SHARED)).run();
        if (!said.ok()) throw new Failure(ExitCode.FAILED, "no journal beside the generations", said.last());
        return own.length();
    }

    private static String newest(String lines, long bytes) {
        int from = (int) Math.max(0, lines.length() - bytes);
        return from == 0 ? lines : lines.substring(lines.indexOf('\n', from) + 1);
    }

    private String line(JsonNode real, int number, int of) {
        ObjectNode line = real.deepCopy();
        var at = Journal.at(real).minus(EVERY.multipliedBy(of - number + 1));
        line.put("at", at.toString());
        line.put("run", "deploy-" + began(number, of).toString().replaceAll("[-:]|\\.\\d+", "") + "-" + 4711);
        real.properties().forEach(e -> other(e.getKey(), e.getValue(), number).ifPresent(v -> line.put(e.getKey(), v)));
        return line.toString();
    }

    private Instant began(int number, int of) {
        return Journal.at(deploy.getFirst()).minus(EVERY.multipliedBy(of - number + 1));
    }

    private static Optional<String> other(String field, JsonNode was, int number) {
        if (!was.isTextual()) return Optional.empty();
        String text = was.asText();
        return Optional.ofNullable(switch (field) {
            case "version" -> "1.0." + number;
            case "fromVersion" -> "1.0." + (number - 1);
            case "standbyVersion" -> "1.0." + (number - 2);
            case "id", "imageId", "standbyImage" -> "sha256:%064x".formatted(number);
            case "from", "to", "colour" -> number % 2 == 0 ? text : text.equals("blue") ? "green" : "blue";
            default -> null;
        });
    }
}
