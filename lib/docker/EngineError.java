package lib.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Pattern;
import lib.core.Failure;
import lib.core.Text;

/** The engine was not reached: why, by what the docker command itself said, and what to type. */
public final class EngineError {
    /** How the docker command begins when it got no answer; what a process in a container says is none of it. */
    private static final Pattern OWN = Pattern.compile(
        "(?m).*(error during connect|Cannot connect to the Docker daemon|"
            + "permission denied while trying to connect|unable to resolve docker endpoint|"
            + "^Error response from daemon: (Client sent an HTTP request to an HTTPS server|<html>)).*");
    private static final String WHERE = "DOCKER_HOST, or the context: docker context ls";

    private EngineError() {}

    /** Empty when the engine answered. */
    public static Optional<Failure> of(String said) {
        var own = OWN.matcher(said);
        return own.find() ? Optional.of(explained(own.group().strip(), said)) : Optional.empty();
    }

    private static Failure explained(String line, String said) {
        if (line.contains("permission denied while trying to connect")) return notAllowed(line);
        if (line.contains("context not found"))
            return Failure.preflight("docker's context '" + between(line, "context \"", "\"") + "' does not exist",
                "DOCKER_CONTEXT or the docker configuration names it",
                "docker context ls   then: docker context use NAME");
        if (line.contains(".pem"))
            return Failure.preflight("a certificate for the engine is missing", line,
                "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem");
        if (line.matches(".*(tls: |x509: |HTTP request to an HTTPS|HTTP response to HTTPS).*")
            || said.contains("HTTPS port"))
            return Failure.preflight("the engine's TLS does not fit",
                said.strip().lines().limit(2).reduce((_, l) -> l).orElse(line),
                "DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH=FOLDER, with the ca.pem, cert.pem and key.pem of that engine");
        if (line.contains("command [ssh"))
            return Failure.preflight("the engine is not reached by ssh",
                said.contains("stderr=") ? between(said, "stderr=", "\n") : line,
                between(line, "command [", " docker system") + " true   (must work without a question)");
        if (line.contains("lookup "))
            return Failure.preflight(
                "the engine's machine is not known: " + between(line, "lookup ", " on ").replaceFirst(":.*", ""), line,
                WHERE);
        if (line.contains("unix://"))
            return Failure.preflight("Docker is not running", line, "systemctl start docker   (or: ./bluegreen setup)");
        return Failure.preflight("the engine does not answer", line, WHERE);
    }

    /** The socket is there, for others: its owner and its group. */
    private static Failure notAllowed(String line) {
        String user = System.getProperty("user.name");
        return Failure.preflight("Docker runs, but " + user + " may not use it",
            owner(between(line + " ", "unix://", " ").replaceFirst(":$", "")) + "\n" + line,
            "sudo usermod --append --groups docker " + user + "   then log in again; or once: sudo -E COMMAND");
    }

    private static String owner(String socket) {
        try {
            var of = Files.readAttributes(Path.of(socket), PosixFileAttributes.class);
            return socket + " is for " + of.owner().getName() + " and the group " + of.group().getName()
                + " (" + PosixFilePermissions.toString(of.permissions()) + ")";
        } catch (IOException | UnsupportedOperationException e) {
            return socket + " cannot be looked at: " + e;
        }
    }

    private static String between(String text, String from, String to) {
        int begin = text.indexOf(from) + from.length();
        int end = text.indexOf(to, begin);
        return Text.brief(text.substring(begin, end < 0 ? text.length() : end).strip());
    }
}
