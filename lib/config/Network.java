package lib.config;

import java.net.Inet4Address;
import java.net.InetAddress;

/** A network or an address as Nginx reads it: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7. */
final class Network {
    private Network() {}

    static boolean isOne(String text) {
        String[] parts = text.split("/", -1);
        // Older forms, such as 10.1, are no address to Nginx.
        boolean plain = parts[0].matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*");
        if (!plain || parts.length > 2) return false;
        try {
            int most = InetAddress.ofLiteral(parts[0]) instanceof Inet4Address ? 32 : 128;
            return parts.length == 1 || parts[1].matches("[0-9]{1,3}") && Integer.parseInt(parts[1]) <= most;
        } catch (IllegalArgumentException e) {
            return false;       // 300.1.1.1
        }
    }
}
