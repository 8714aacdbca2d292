package board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lib.core.ExitCode;
import lib.core.Failure;

/** The launcher's AOT cache, which it makes beside the first call of a build: every later call takes half the time. */
public final class Warm {
    private static final long LIMIT = 180_000;

    private Warm() {}

    /** Calls a script, and waits until the cache is there. @throws Failure when it does not come */
    public static void await(Path home) throws IOException, InterruptedException {
        Timed.of(List.of(home.resolve("bluegreen").toString(), "status", "--help"));
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        Path builds = Path.of(cache + "/bluegreen/run" + home.resolve("setup/scripts.java"));
        Path aot = builds.resolve(Files.readString(builds.resolve("last")).strip()).resolve("program.aot");
        for (long end = System.currentTimeMillis() + LIMIT; !Files.exists(aot); Thread.sleep(200))
            if (System.currentTimeMillis() > end)
                throw new Failure(ExitCode.FAILED, "the launcher made no AOT cache", "there is no " + aot);
    }
}
