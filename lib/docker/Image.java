package lib.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import lib.core.Failure;
import lib.core.Text;

/**
 * An image that can be deployed: what it is called, and the id that no later tag can move. {@code digest}: by which its
 * registry knows it, "NAME@sha256:..."; empty for one that never came from there. {@code platform}: "linux/amd64".
 */
public record Image(String reference, String id, Map<String, String> labels, Optional<String> digest,
    String platform) {

    /** @throws Failure (usage) for what docker would take for an option or for two lines */
    public static Optional<Image> find(Engine engine, String reference) {
        if (!reference.matches("[A-Za-z0-9\\[][A-Za-z0-9._:/@\\[\\]-]{0,400}"))
            throw Failure.usage("'" + Text.brief(reference) + "' is not an image",
                "a name with its tag or digest is expected, or an id", "docker images");
        return engine.image(reference)
            .map(n -> new Image(reference, n.path("Id").asText(), labels(n),
                digest(reference, n), n.path("Os").asText("linux") + "/" + n.path("Architecture").asText()));
    }

    /**
     * Where the image of a version comes from: a build, the tag that it has by its version, or a name that was given.
     */
    public sealed interface Source {
        record Build() implements Source {}
        record Tagged() implements Source {}
        record Named(String reference) implements Source {}

        static Source of(Optional<String> named, boolean noBuild) {
            return named.<Source>map(Named::new).orElseGet(() -> noBuild ? new Tagged() : new Build());
        }
        default Optional<String> named() {
            return this instanceof Named(String reference) ? Optional.of(reference) : Optional.empty();
        }
        /** Its options on a command line. */
        default String options() {
            return switch (this) {
                case Build _ -> "";
                case Tagged _ -> " --no-build";
                case Named(String reference) -> " --image " + reference;
            };
        }
    }

    /** An image has one for each name that it was pulled by. */
    private static Optional<String> digest(String reference, JsonNode image) {
        String name = reference.replaceFirst("@.*$", "").replaceFirst(":[^/:]*$", "");
        String familiar = name.replaceFirst("^docker\\.io/(library/)?", "");
        return image.path("RepoDigests")
            .valueStream()
            .map(JsonNode::asText)
            .filter(d -> d.startsWith(familiar + "@"))
            .findFirst();
    }

    private static Map<String, String> labels(JsonNode image) {
        return image.at("/Config/Labels")
            .properties()
            .stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> e.getValue().asText()));
    }

    /** For a line of a screen: the digest, where a registry knows it, else the id. */
    public String shortest() {
        return digest.map(d -> d.substring(d.indexOf('@') + 1, d.indexOf('@') + 1 + "sha256:".length() + 12))
            .orElseGet(this::shortId);
    }

    public String shortId() { return id.substring("sha256:".length(), "sha256:".length() + 12); }
}
