package lib.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;

/**
 * Files of bluegreen that are not Java. However it is called, its jar carries them (//FILES in lib/all.java). A name is
 * the path in bluegreen's repository: "nginx/nginx.conf".
 */
public final class Resource {
    private Resource() {}

    public static String text(String name) {
        try (var in = Resource.class.getResourceAsStream("/" + name)) {
            if (in == null) throw new IllegalArgumentException("bluegreen's jar carries no " + name);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all that a folder ("nginx") has, in the order of the alphabet. */
    public static List<String> names(String folder) {
        try (var jar = new JarFile(jar().toFile())) {
            return jar.stream()
                .filter(e -> !e.isDirectory())
                .map(ZipEntry::getName)
                .filter(name -> name.startsWith(folder + "/"))
                .sorted()
                .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path jar() {
        try {
            return Path.of(Resource.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bluegreen's own: 0.1.0. */
    public static String version() {
        return Json.read(text("package.json")).orElseThrow().path("version").asText();
    }

    private static final Map<String, String> EDITIONS = new ConcurrentHashMap<>();

    /** Of a folder: version and checksum of its names and contents, 0.1.0-3f2a91c07b5e. */
    public static String edition(String folder) {
        return EDITIONS.computeIfAbsent(folder, f -> version() + "-" + checksum(f));
    }

    private static String checksum(String folder) {
        String all = names(folder).stream().map(name -> name + "\0" + text(name) + "\0").collect(Collectors.joining());
        return Sha256.of(all).substring(0, 12);
    }
}
