package lib;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Bridging static files from one version to the next: a page of the old version goes on asking for its hashed files,
 * which the new one does not have. Each deploy copies them beside Nginx, and a 404 of the app is looked up there.
 */
public final class Assets {
    private Assets() {}

    /** Copies the colour's files into the Nginx container and removes those that no deploy brought for the set time. */
    public static String bridge(Config config, Docker.Container app, Docker.Container nginx) {
        var assets = config.assets();
        String target = "/etc/nginx/assets" + assets.path();
        require(Docker.exec(nginx.id(), "mkdir", "-p", target));
        var from = List.of("docker", "cp", app.id() + ":" + assets.from() + "/.", "-");
        var to = List.of("docker", "cp", "-", nginx.id() + ":" + target);
        try {
            var processes = ProcessBuilder.startPipeline(List.of(new ProcessBuilder(from), new ProcessBuilder(to)));
            for (Process p : processes) {
                if (!p.waitFor(2, TimeUnit.MINUTES)) p.destroyForcibly();
                if (p.waitFor() != 0) throw failed(p == processes.getFirst() ? "reading " + assets.from() + " in " + app.service() : "writing " + target + ": " + new String(p.getErrorStream().readAllBytes()).strip());
            }
        } catch (IOException e) {
            throw failed(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
        // A link in the app's folder would lead to files of Nginx's container, and let the next deploy write there.
        require(Docker.exec(nginx.id(), "find", target, "!", "-type", "f", "!", "-type", "d", "-delete"));
        // By change time: a file that this deploy brought again is as new as this deploy.
        require(Docker.exec(nginx.id(), "find", target, "-type", "f", "-cmin", "+" + Math.max(1, assets.keep().toMinutes()), "-delete"));
        return Docker.exec(nginx.id(), "find", target, "-type", "f").out().lines().count() + " files, kept for " + Console.seconds(assets.keep());
    }

    private static void require(Command.Result result) { if (!result.ok()) throw failed(result.last()); }

    private static Failure failed(String why) {
        return new Failure(ExitCode.FAILED, "the static files could not be bridged: " + why, "the traffic was not moved", "assets: in bluegreen.yaml names the folder in the container");
    }
}
