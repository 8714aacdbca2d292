package peers;

import java.io.IOException;
import java.util.Map;
import lib.core.Colour;

/**
 * Two colours behind a proxy, moved by the script that one writes for it.
 *
 * @param service of the proxy
 * @param move a line of shell in the proxy's container; TO is the colour that gets the traffic
 * @param first it has to be told before it serves at all
 */
record Script(Stack stack, String service, String move, boolean first) implements Peer {
    /** As the script of a deploy does before it moves the traffic. */
    private static final String HEALTHY = "until curl -fsS -o /dev/null http://127.0.0.1:3008/api/health; "
        + "do sleep 0.1; done";

    @Override public void start() throws IOException {
        stack.up();
        for (Colour colour : Colour.values()) stack.in("app-" + colour, HEALTHY);
        if (first) switchTo(Colour.BLUE);
    }

    @Override public int port() { return stack.port; }
    @Override public String proxy() { return stack.container(service); }
    @Override public void switchTo(Colour to) { stack.in(service, move.replace("TO", to.toString())); }

    @Override public void deploy(Colour to, String version) {
        String service = "app-" + to;
        stack.run(Map.of(to.name(), version), "docker", "compose", "up", "--detach", "--no-deps", service);
        stack.in(service, HEALTHY);
        switchTo(to);
    }

    @Override public void rollback(Colour to) { switchTo(to); }
    @Override public void close() throws IOException { stack.remove(); }
}
