package lib.docker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import lib.core.Console;
import lib.core.Failure;
import lib.process.Command;
import lib.secrets.Redaction;

/** Where images come from that nobody builds here. */
public interface Registry {
    /**
     * Brings an image to the engine. Its exit code, and what was said.
     * @throws lib.core.Failure (pre-flight) when there is no engine
     */
    Command.Result pull(String reference, Duration limit, Consumer<String> progress);

    /**
     * By the docker command: it has the credentials of "docker login" and of the helpers that its configuration names.
     */
    static Registry ofDocker() {
        return (reference, limit, progress) -> {
            progress.accept("pulling " + reference);
            return DockerCommand.answered(DockerCommand.of(limit, "pull", reference).run(progress));
        };
    }

    /**
     * Why it did not come, by docker's last words, and what to type. {@code here}: the digest that the engine has under
     * that name.
     */
    static Failure failure(String reference, Command.Result said, Duration limit, Optional<String> here) {
        String why = Redaction.plain().apply(said.last());
        var cause = Cause.of(said.err());
        String what = !said.ended()
            ? reference + " did not come within " + Console.seconds(limit)
            : cause.map(c -> c.what.formatted(host(reference), reference)).orElse(reference + " was not pulled");
        String next = cause.map(c -> c.next.formatted(host(reference), reference)).orElse("docker pull " + reference);
        boolean away = !said.ended() || cause.filter(Cause.UNREACHED::equals).isPresent();
        return Failure.preflight(what, why,
            away && here.isPresent() ? next + "   or what is here: --image " + here.get() : next);
    }

    /** "docker.io" where the name has none: what comes before the first / and has a dot or a port. */
    static String host(String reference) {
        int slash = reference.indexOf('/');
        String first = slash < 0 ? "" : reference.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "docker.io";
    }

    /** {@code what} and {@code next}: with the registry's name and the image's. The first one that fits counts. */
    record Cause(Pattern says, String what, String next) {
        private static final Cause PLATFORM = new Cause(Pattern.compile("no matching manifest for"),
            "%2$s is not made for the engine's platform",
            "docker buildx build --platform linux/amd64,linux/arm64 --push --tag %2$s .");
        private static final Cause LOGIN = new Cause(
            Pattern.compile("(?i)unauthorized|no basic auth|authentication required|denied"),
            "%1$s does not give %2$s to you: a login is missing or has no right to it, or there is no such image",
            "docker login %1$s");
        private static final Cause UNKNOWN = new Cause(Pattern.compile("(?i)manifest unknown|name unknown|not found"),
            "%1$s has no %2$s", "docker push %2$s   where it is built, or correct the name");
        private static final Cause LIMIT = new Cause(Pattern.compile("toomanyrequests|429 Too Many"),
            "%1$s takes no more pulls for now", "docker login %1$s   (a login has a limit of its own)");
        private static final Cause FULL = new Cause(Pattern.compile("no space left"),
            "the engine's disk has no room for %2$s", "docker image prune");
        private static final Cause TLS = new Cause(Pattern.compile("x509:|tls: |HTTP response to HTTPS"),
            "the TLS of %1$s does not fit the engine",
            "its certificate into /etc/docker/certs.d/%1$s/ca.crt, on the engine's machine");
        private static final Cause UNREACHED = new Cause(
            Pattern.compile("(?i)dial tcp|no such host|connection re|timeout|deadline|\\bEOF\\b|no route|50[0-9] "),
            "%1$s is not reached from the engine", "curl -sSI https://%1$s/v2/   there tells why");

        static Optional<Cause> of(String said) {
            return List.of(PLATFORM, LIMIT, FULL, TLS, LOGIN, UNREACHED, UNKNOWN)
                .stream()
                .filter(c -> c.says.matcher(said).find())
                .findFirst();
        }
    }
}
