package lib.nginx;

import java.util.Optional;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.docker.Container;
import lib.docker.Engine;
import lib.process.Command;

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
    public static String bridge(Config config, Engine engine, Container app, Optional<Container> serving,
        Container nginx, Consumer<String> warning) {
        var assets = config.assets();
        String from = assets.from().orElseThrow();
        String target = "/etc/nginx/assets" + assets.path();
        require(engine.exec(nginx.id(), "mkdir", "-p", target));
        boolean renewed = serving.isPresent();
        if (serving.isPresent()) try {
            copy(engine, serving.get(), nginx, from, target);
        } catch (Failure f) {
            warning.accept(f.getMessage() + "; so none are deleted that a page of it may still ask for");
            renewed = false;
        }
        copy(engine, app, nginx, from, target);
        // A link in the app's folder would lead to files of Nginx's container, and let the next deploy write there.
        require(engine.exec(nginx.id(), "find", target, "!", "-type", "f", "!", "-type", "d", "-delete"));
        // By change time: a file that was copied again is as new as this deploy.
        String old = "+" + Math.max(1, assets.keep().toMinutes());
        if (renewed) require(engine.exec(nginx.id(), "find", target, "-type", "f", "-cmin", old, "-delete"));
        return engine.exec(nginx.id(), "find", target, "-type", "f").out().lines().count() + " files, kept for "
            + Console.seconds(assets.keep());
    }

    private static void copy(Engine engine, Container app, Container nginx, String folder, String target) {
        try {
            engine.copy(app.id(), folder, nginx.id(), target);
        } catch (Failure f) {
            throw failed("reading " + folder + " in " + app.service() + " into " + target + ": "
                + f.why().orElse(f.getMessage()));
        }
    }

    private static void require(Command.Result result) { if (!result.ok()) throw failed(result.last()); }

    private static Failure failed(String why) {
        return new Failure(ExitCode.FAILED, "the static files could not be bridged: " + why,
            "the traffic was not moved", "assets: in bluegreen.yaml names the folder in the container");
    }
}
