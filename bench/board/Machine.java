package board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import load.Docker;

/** What figures were measured on, in a line. */
final class Machine {
    private Machine() {}

    static String line() throws IOException {
        return "%d cores (%s), Linux %s, Docker %s, JDK %s, %s"
            .formatted(
                Runtime.getRuntime().availableProcessors(), processor(), System.getProperty("os.version"),
                Docker.call("version", "--format", "{{.Server.Version}}").last(), Runtime.version().feature(),
                LocalDate.now(ZoneOffset.UTC));
    }

    private static String processor() throws IOException {
        Path known = Path.of("/proc/cpuinfo");
        if (!Files.exists(known)) return System.getProperty("os.arch");
        try (var lines = Files.lines(known)) {
            return lines.filter(l -> l.startsWith("model name"))
                .findFirst()
                .map(l -> l.replaceFirst(".*: ", ""))
                .orElse(System.getProperty("os.arch"));
        }
    }
}
