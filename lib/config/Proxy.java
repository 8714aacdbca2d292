package lib.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What Nginx does for the app beside choosing its colour. {@code idleTimeout}: of what is open for long; {@code
 * unbuffered}: beginnings of paths; {@code trusted}: networks of proxies in front; paths are absolute.
 */
public record Proxy(long bodySize, boolean streamUploads, Duration readTimeout, Duration idleTimeout,
    List<String> unbuffered, boolean grpc, long headerSize, boolean gzip, Duration hsts, List<String> trusted,
    List<String> hosts, Optional<Path> include, Optional<Path> page502, Optional<Path> page503, boolean colourHealth,
    Optional<Certificate> certificate) {

    /** Two files in PEM: the certificate with those that it is signed by, and its private key. */
    public record Certificate(Path chain, Path key) {}
}
