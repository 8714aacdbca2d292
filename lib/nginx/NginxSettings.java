package lib.nginx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import lib.config.Config;
import lib.config.Proxy;
import lib.core.Failure;
import lib.core.Json;
import lib.http.Connection;

/**
 * What bluegreen.yaml says of Nginx beside the colours. {@code files}: in place of those of nginx/, by name; one of
 * them may be a private key. {@code told}: what the workers answer on the control port when they run them, by key.
 */
public record NginxSettings(Map<String, byte[]> files, Map<String, String> told) {
    /** In base64 it is a variable of a process, which may have 128 KB. */
    private static final int LARGEST = 64 << 10;
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** @throws Failure (pre-flight) when a file of the project's cannot be read, or its certificate is not valid */
    public static NginxSettings of(Config config) {
        var proxy = config.proxy();
        var own = new LinkedHashMap<String, byte[]>();
        proxy.include().ifPresent(file -> own.put("own.conf", read("proxy.include", file)));
        proxy.page502().ifPresent(file -> own.put("502.html", read("proxy.page-502", file)));
        proxy.page503().ifPresent(file -> own.put("503.html", read("proxy.page-503", file)));
        proxy.certificate().ifPresent(given -> {
            own.put("tls.crt", valid(given, read("tls.certificate", given.chain())));
            own.put("tls.key", read("tls.key", given.key()));
        });
        return new NginxSettings(SettingsFiles.of(config, own), SettingsFiles.told(config, own));
    }

    private static byte[] read(String key, Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(LARGEST + 1);
            if (text.length > LARGEST)
                throw Failure.preflight(key + ": " + file + " has more than " + LARGEST + " bytes",
                    "what is larger belongs to the app, or to another host");
            return text;
        } catch (IOException e) {
            throw Failure.preflight(key + ": cannot read " + file, e.toString()).causedBy(e);
        }
    }

    /** Browsers would refuse it. Whether the key is its own, OpenSSL in the container tells (settings.sh). */
    private static byte[] valid(Proxy.Certificate given, byte[] chain) {
        try {
            var first = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(chain));
            var now = Instant.now();
            if (first.getNotAfter().toInstant().isBefore(now))
                throw Failure.preflight(
                    "tls.certificate: " + given.chain() + " expired " + first.getNotAfter().toInstant(),
                    "it is not taken over", "put the renewed one in its place");
            if (first.getNotBefore().toInstant().isAfter(now))
                throw Failure.preflight(
                    "tls.certificate: " + given.chain() + " is not valid before " + first.getNotBefore().toInstant(),
                    "it is not taken over");
            return chain;
        } catch (CertificateException e) {
            throw Failure.preflight("tls.certificate: " + given.chain() + " is no certificate in PEM",
                String.valueOf(e.getMessage())).causedBy(e);
        }
    }

    /** What the workers run, as they say it on the control port; empty when they run a configuration from before. */
    static Map<String, String> running(Config config) {
        try (var control = new Connection("127.0.0.1", Reach.of(config).control(), ANSWER)) {
            var said = new HashMap<String, String>();
            Json.read(control.get("/settings").body())
                .ifPresent(n -> n.properties().forEach(e -> said.put(e.getKey(), e.getValue().asText())));
            return said;
        } catch (IOException e) {
            throw Failure.preflight("Nginx does not answer on its control port 127.0.0.1:" + config.ports().control(),
                e.toString(), "status").causedBy(e);
        }
    }

    /**
     * Where the workers run something else, a line each, for a person; empty: nowhere.
     * @throws Failure when they do not answer
     */
    public List<String> differences(Config config) {
        var runs = running(config);
        if (runs.isEmpty()) return List.of("Nginx runs a configuration from before these settings");
        var lines = new ArrayList<String>();
        var keys = new TreeSet<>(told.keySet());
        keys.remove("rendered");
        for (String key : keys) {
            String now = runs.getOrDefault(key, ""), wanted = told.get(key);
            if (!now.equals(wanted)) lines.add(key + ": " + shown(now) + " → " + shown(wanted));
        }
        if (lines.isEmpty() && !told.get("rendered").equals(runs.get("rendered")))
            lines.add("Nginx runs what another version of bluegreen made of the same settings");
        return lines;
    }
    private static String shown(String value) { return value.isEmpty() ? "none" : value; }

    /** The environment of settings.sh. */
    public Map<String, String> variables() {
        var all = new LinkedHashMap<String, String>();
        files.values().forEach(text -> all.put("FILE_" + (all.size() + 1), Base64.getEncoder().encodeToString(text)));
        return all;
    }

    /** Its arguments, in the same order. */
    public List<String> names() { return List.copyOf(files.keySet()); }

    @Override public String toString() { return "NginxSettings" + told; }      // a file is a secret
}
