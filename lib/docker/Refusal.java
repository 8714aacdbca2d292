package lib.docker;

import com.github.dockerjava.api.exception.DockerException;
import lib.core.Failure;
import lib.core.Json;
import lib.secrets.Redaction;

/** An answer of the engine that is none of what was asked for. */
final class Refusal {
    private Refusal() {}

    /** What the engine said, as the docker command shows it. It may repeat arguments: what looks secret is hidden. */
    static String text(DockerException refusal) {
        String body = String.valueOf(refusal.getMessage()).replaceFirst("^Status \\d+: ", "").strip();
        var message = Json.read(body).map(n -> n.path("message").asText(""));
        String said = message.filter(m -> !m.isEmpty()).orElse(body);
        return Redaction.plain().apply("Error response from daemon: " + said);
    }

    static Failure failure(String what, DockerException refusal) {
        String said = text(refusal);
        return EngineError.of(said).orElseGet(() -> Failure.preflight(what + " was refused", said));
    }
}
