package lib.report;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The person's browser. */
public final class Browser {
    private Browser() {}

    /** False where there is no display, or nothing that opens a file. */
    public static boolean open(Path file) {
        boolean mac = System.getProperty("os.name").startsWith("Mac");
        if (!mac && isUnset("DISPLAY") && isUnset("WAYLAND_DISPLAY")) return false;
        try {
            // Not through Command: the browser may be this very process, and outlives us.
            var opener = new ProcessBuilder(mac ? "open" : "xdg-open", file.toString())
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
            return !opener.waitFor(2, TimeUnit.SECONDS) || opener.exitValue() == 0;
        } catch (IOException e) {
            return false;                              // it is not installed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isUnset(String variable) {
        return System.getenv(variable) == null || System.getenv(variable).isBlank();
    }
}
