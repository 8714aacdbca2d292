package lib.journal;

import java.io.IOException;
import java.nio.file.Path;
import lib.config.Config;
import lib.core.Atomic;

/** .deployment/logs: what a container said that did not pass, before the next start loses it. The newest stay. */
public final class KeptLogs {
    private static final int FILES = 50;
    private static final long BYTES = 50_000_000;

    private KeptLogs() {}

    /** @param name e.g. "green-1.0.1" */
    public static Path write(Config config, String name, String redacted) throws IOException {
        Path folder = config.folder().resolve("logs");
        Retention.newest(folder, FILES - 1, BYTES);
        Path file = folder.resolve(name + ".log");
        Atomic.writePrivate(file, redacted);
        return file;
    }
}
