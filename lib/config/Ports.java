package lib.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lib.core.Colour;
import lib.core.Failure;
import lib.core.LocalPort;

/** {@code http} and {@code https} may carry an address to bind to: 127.0.0.1:8080. */
public record Ports(String http, String https, int control, int blue, int green, int app) {
    private static final Set<String> ALL = Set.of("", "0.0.0.0", "[::]");

    static Ports in(Values v) {
        var ports = new Ports(Keys.HTTP.in(v), Keys.HTTPS.in(v), Keys.CONTROL.in(v), Keys.BLUE_PORT.in(v),
            Keys.GREEN_PORT.in(v), Keys.APP_PORT.in(v));
        ports.requireDifferent();
        return ports;
    }

    public int of(Colour c) { return c == Colour.BLUE ? blue : green; }
    public int httpPort() { return LocalPort.number(http); }
    String httpsPort() { return String.valueOf(LocalPort.number(https)); }

    public String httpAddress() {
        return http.contains(":") && !http.startsWith("0.0.0.0:")
            ? http.substring(0, http.lastIndexOf(':'))
            : "127.0.0.1";
    }

    /** Where Nginx listens on the machine, by key. */
    public Map<String, String> ofNginx() {
        var all = new LinkedHashMap<String, String>();
        all.put(Keys.HTTP.name(), http);
        all.put(Keys.HTTPS.name(), https);
        all.put(Keys.CONTROL.name(), "127.0.0.1:" + control);
        return all;
    }

    /** A port on all addresses is taken on each of them. Two that are equal let compose start half of the stack. */
    private void requireDifferent() {
        var all = List.of(Map.entry(Keys.HTTP, http), Map.entry(Keys.HTTPS, https),
            Map.entry(Keys.CONTROL, "127.0.0.1:" + control),
            Map.entry(Keys.BLUE_PORT, "127.0.0.1:" + blue), Map.entry(Keys.GREEN_PORT, "127.0.0.1:" + green));
        for (int i = 0; i < all.size(); i++)
            for (var other : all.subList(i + 1, all.size()))
                if (isSame(all.get(i).getValue(), other.getValue()))
                    throw Failure.usage(
                        all.get(i).getKey().name() + " and " + other.getKey().name() + " are the same port, "
                            + LocalPort.number(other.getValue()),
                        "each needs one of its own", "--set " + other.getKey().name() + "=PORT");
    }
    private static boolean isSame(String one, String other) {
        boolean meet = address(one).equals(address(other))
            || ALL.contains(address(one))
            || ALL.contains(address(other));
        return meet && LocalPort.number(one) == LocalPort.number(other);
    }
    private static String address(String bind) { return bind.substring(0, Math.max(0, bind.lastIndexOf(':'))); }
}
