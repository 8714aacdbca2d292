package lib.cli;

import java.util.Optional;
import java.util.function.Supplier;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Image;
import picocli.CommandLine.Option;

/** Of the scripts that start a version: which, and where its image comes from. */
public final class Candidate {
    @Option(names = "--version", paramLabel = "VERSION",
        description = "tag of the image, and what /api/health must say")
    public Optional<String> version = Optional.empty();
    @Option(names = "--image", paramLabel = "IMAGE",
        description = "an image of a registry, pulled, or one that is here; nothing is built")
    public Optional<String> image = Optional.empty();
    @Option(names = "--no-build", description = "use the existing image with the version's tag")
    boolean noBuild;

    /** @throws Failure (usage) where none is named, or what is no version */
    public String required() {
        var named = version.orElseThrow(() -> Failure.usage("which version?").next("deploy --version 1.0.1"));
        Version.required(named);
        return named;
    }

    /** The same; without a name, the version of the image that was built last. */
    public String requiredOr(Supplier<Optional<String>> newest) {
        if (version.isEmpty() && image.isEmpty()) {
            version = newest.get();
            noBuild = version.isPresent();
        }
        return required();
    }

    public Image.Source source() { return Image.Source.of(image, noBuild); }
}
