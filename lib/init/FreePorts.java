package lib.init;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import lib.core.LocalPort;

/** Ports of this machine that nobody has. */
final class FreePorts {
    /** Of the loopback, by key of ports: what a project needs beside its public ones. */
    private static final Map<String, Integer> USUAL = new LinkedHashMap<>();
    static {
        USUAL.put("control", 9180);
        USUAL.put("blue", 3009);
        USUAL.put("green", 3010);
    }

    private FreePorts() {}

    /** The usual one, or from the other one upwards. @param spoken for by this project, though nobody has them yet */
    static int of(int usual, int otherwise, Set<Integer> spoken) {
        return IntStream.concat(IntStream.of(usual), IntStream.range(otherwise, otherwise + 1000))
            .filter(port -> !spoken.contains(port) && isFree(port))
            .findFirst()
            .orElse(otherwise);
    }

    /** Those on the loopback where the usual one is another's. */
    static Map<String, Integer> onLoopback(Set<Integer> spoken) {
        var different = new LinkedHashMap<String, Integer>();
        var all = new HashSet<>(spoken);
        USUAL.forEach((name, port) -> {
            int free = of(port, port + 10, all);
            all.add(free);
            if (free != port) different.put(name, free);
        });
        return different;
    }

    /** A port below 1024 that only root may take is the engine's to take. */
    private static boolean isFree(int port) {
        return LocalPort.taken(String.valueOf(port)).filter(why -> !why.contains("ermission")).isEmpty();
    }
}
