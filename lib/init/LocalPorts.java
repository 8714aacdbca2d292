package lib.init;

import java.util.LinkedHashMap;
import java.util.Map;

/** The ports on the loopback that a project needs, where the usual ones are another's. */
final class LocalPorts {
    private static final Map<String, Integer> USUAL = new LinkedHashMap<>();
    static {
        USUAL.put("control", 9180);
        USUAL.put("blue", 3009);
        USUAL.put("green", 3010);
    }

    private LocalPorts() {}

    /** By key of ports:, those that differ from the usual. */
    static Map<String, Integer> free() {
        var different = new LinkedHashMap<String, Integer>();
        USUAL.forEach((name, port) -> {
            int free = Integer.parseInt(FreePorts.of(port, port + 10));
            if (free != port) different.put(name, free);
        });
        return different;
    }
}
