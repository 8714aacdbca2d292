package lib.nginx;

import lib.config.Config;
import lib.core.Colour;
import lib.docker.Engine;

/** Where the published ports are reached from here: {@code control}, {@code blue} and {@code green} on 127.0.0.1. */
public record Reach(String httpAddress, int http, int control, int blue, int green) {

    /** Those of the configuration; for an engine on another machine, local ones that lead there. */
    public static Reach of(Config config) {
        var ports = config.ports();
        if (Engine.here().isRemote()) return Tunnel.of(config);
        return new Reach(ports.httpAddress(), ports.httpPort(), ports.control(), ports.blue(), ports.green());
    }

    public int of(Colour colour) { return colour == Colour.BLUE ? blue : green; }

    public static String healthUrl(Config config, Colour colour) {
        return "http://127.0.0.1:" + of(config).of(colour) + config.health().path();
    }
}
