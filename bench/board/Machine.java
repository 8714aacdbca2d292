package board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import load.Docker;

/** What figures were measured on, in a line. */
final class Machine {
    private Machine() {}

    /** With its pace, which may differ by three from one hour to the next where others share the processor. */
    static String line() throws IOException, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        return "%d cores (%s), Linux %s, Docker %s, JDK %s, java -version in %.0f ms, %s"
            .formatted(
                Runtime.getRuntime().availableProcessors(), processor(), System.getProperty("os.version"),
                Docker.call("version", "--format", "{{.Server.Version}}").last(), Runtime.version().feature(),
                Timed.Series.of(9, List.of(java.toString(), "-version")).median(), LocalDate.now(ZoneOffset.UTC));
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
