package board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lib.core.ExitCode;
import lib.core.Failure;

/** The launcher's AOT caches, each made beside the first call of a script: every later call takes half the time. */
public final class Warm {
    private static final long LIMIT = 180_000;

    private Warm() {}

    /**
     * Calls scripts until their caches are there.
     * @param names status, switch, ...
     * @throws Failure when one does not come
     */
    public static void await(Path home, String... names) throws IOException, InterruptedException {
        for (String name : names) {
            long end = System.currentTimeMillis() + LIMIT;
            while (!Files.exists(cache(home, name))) {
                if (System.currentTimeMillis() > end)
                    throw new Failure(ExitCode.FAILED, "the launcher made no AOT cache", "for " + name);
                Thread.sleep(500);
                Timed.of(List.of(home.resolve("bluegreen").toString(), name, "--help"));
            }
        }
    }

    private static Path cache(Path home, String name) throws IOException {
        Path folder = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
            .filter(given -> !given.isEmpty())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        Path builds = Path.of(folder + "/bluegreen/run" + home.resolve("setup/scripts.java"));
        if (!Files.exists(builds.resolve("last"))) return builds.resolve("last");
        String script = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        return builds.resolve(Files.readString(builds.resolve("last")).strip()).resolve(script + ".aot");
    }
}
