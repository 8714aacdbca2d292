package lib.deploy;

import java.util.List;
import lib.config.Config;
import lib.nginx.Nginx;
import lib.nginx.NginxSettings;
import lib.traffic.Run;

/** The steps by which Nginx's workers come to run what bluegreen.yaml says. */
public final class TakenSettings {
    private TakenSettings() {}

    /**
     * Returns what differed, a line each; empty: nothing, and nothing was done.
     * @throws Failure (pre-flight) refused
     */
    public static List<String> by(Run run, Nginx nginx, Config config) {
        var wanted = NginxSettings.of(config);
        var differ = wanted.differences(config);
        if (differ.isEmpty()) return differ;
        run.patient("settings", step -> {
            nginx.require(wanted);
            step.fact("settings", differ);
            return String.join("; ", differ);
        });
        run.step("reload", _ -> {
            nginx.take(wanted);
            return "the workers run these settings";
        });
        return differ;
    }
}
