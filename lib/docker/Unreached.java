package lib.docker;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import lib.core.Failure;

/** Why no answer came: said as the docker command says it, so that a person is told the same of both. */
final class Unreached {
    private Unreached() {}

    /** @param host as in DOCKER_HOST */
    static Failure because(String host, Throwable error) {
        return EngineError.of(said(host, error)).orElseThrow(() -> new IllegalStateException(error));
    }

    /** @param complaint of the command that leads to the engine */
    static Failure because(String complaint) {
        return EngineError.of("error during connect: " + complaint).orElseThrow();
    }

    private static String said(String host, Throwable error) {
        Throwable root = root(error);
        String why = Optional.ofNullable(root.getMessage()).orElse("the connection was cut");
        if (why.contains("Permission denied"))
            return "permission denied while trying to connect to the Docker daemon socket at " + host + ": " + why;
        return switch (root) {
            case UnknownHostException unknown -> "error during connect: lookup " + name(unknown) + ": no such host";
            case SSLException _ -> "error during connect: tls: " + why;
            case GeneralSecurityException _ -> "error during connect: x509: " + why;
            case ConnectException _,NoRouteToHostException _,SocketException _ -> noDaemon(host, why);
            default -> "error during connect: " + host + ": " + why;
        };
    }

    private static String noDaemon(String host, String why) {
        return "Cannot connect to the Docker daemon at " + host + ". Is the docker daemon running? (" + why + ")";
    }

    /** "nohost: Name or service not known" */
    private static String name(UnknownHostException unknown) { return unknown.getMessage().replaceFirst(":.*", ""); }

    private static Throwable root(Throwable error) {
        return error.getCause() == null ? error : root(error.getCause());
    }
}
