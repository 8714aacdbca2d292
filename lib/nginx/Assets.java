package lib.nginx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Docker;
import lib.process.Command;
import lib.process.ProcessFamily;

/**
 * Bridging static files from one version to the next: a page of the old version goes on asking for its hashed files,
 * which the new one does not have. Each deploy copies them beside Nginx, and a 404 of the app is looked up there.
 */
public final class Assets {
    private Assets() {}

    /**
     * Copies the new version's files into the Nginx container, and those of the one that serves until now once more: it
     * stops serving with this deploy, and from then on they are kept for the set time. What is older goes.
     * @param serving the container that serves; empty: none does
     */
    public static String bridge(Config config, Docker.Container app, Optional<Docker.Container> serving, Docker.Container nginx, Consumer<String> warning) {
        var assets = config.assets();
        String target = "/etc/nginx/assets" + assets.path();
        require(Docker.exec(nginx.id(), "mkdir", "-p", target));
        boolean renewed = serving.isPresent();
        if (serving.isPresent()) try {
            copy(serving.get(), nginx, assets.from(), target);
        } catch (Failure f) {
            warning.accept(f.getMessage() + "; so none are deleted that a page of it may still ask for");
            renewed = false;
        }
        copy(app, nginx, assets.from(), target);
        // A link in the app's folder would lead to files of Nginx's container, and let the next deploy write there.
        require(Docker.exec(nginx.id(), "find", target, "!", "-type", "f", "!", "-type", "d", "-delete"));
        // By change time: a file that was copied again is as new as this deploy.
        String old = "+" + Math.max(1, assets.keep().toMinutes());
        if (renewed) require(Docker.exec(nginx.id(), "find", target, "-type", "f", "-cmin", old, "-delete"));
        return Docker.exec(nginx.id(), "find", target, "-type", "f").out().lines().count() + " files, kept for " + Console.seconds(assets.keep());
    }

    private static void copy(Docker.Container app, Docker.Container nginx, String folder, String target) {
        var from = alone("docker", "cp", app.id() + ":" + folder + "/.", "-");
        var to = alone("docker", "cp", "-", nginx.id() + ":" + target);
        try {
            var processes = ProcessBuilder.startPipeline(List.of(new ProcessBuilder(from), new ProcessBuilder(to)));
            for (Process p : processes) {
                if (!p.waitFor(2, TimeUnit.MINUTES)) p.destroyForcibly();
                if (p.waitFor() == 0) continue;
                throw failed(p == processes.getFirst() ? "reading " + folder + " in " + app.service() : "writing " + target + ": " + new String(p.getErrorStream().readAllBytes()).strip());
            }
        } catch (IOException e) {
            throw failed(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
    }

    /** The terminal's Ctrl-C is for the script, which lets this step come to its end. */
    private static List<String> alone(String... command) {
        var all = new ArrayList<>(ProcessFamily.OWN_SESSION);
        all.addAll(List.of(command));
        return all;
    }

    private static void require(Command.Result result) { if (!result.ok()) throw failed(result.last()); }

    private static Failure failed(String why) {
        return new Failure(ExitCode.FAILED, "the static files could not be bridged: " + why, "the traffic was not moved", "assets: in bluegreen.yaml names the folder in the container");
    }
}
