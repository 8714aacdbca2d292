package lib.docker;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;

/** The app's images: built, or there already. */
public record Images(Config config, Engine engine, ImageBuilder builder) {
    /** A build that takes longer hangs. */
    private static final Duration BUILD = Duration.ofMinutes(30);
    private static final int LAST_WORDS = 20;

    public Optional<Image> find(String reference) { return Image.find(engine, reference); }

    /** @param script for the next command to type */
    public Image of(String version, Image.Source source, String script, Consumer<String> progress) {
        String reference = reference(version, source);
        if (source instanceof Image.Source.Build) return build(reference, version, progress);
        return existing(reference, version, source, script);
    }

    /** What can be known before anything is started. @throws Failure (pre-flight) when there is nothing to build from, or no such image */
    public void require(String version, Image.Source source, String script) {
        if (source instanceof Image.Source.Build) requireDockerfile();
        else existing(reference(version, source), version, source, script);
    }

    private void requireDockerfile() {
        if (!Files.isReadable(config.dockerfile()))
            throw Failure.preflight("no Dockerfile at " + config.dockerfile(),
                "build.context and build.dockerfile in bluegreen.yaml name it",
                "deploy --image NAME:TAG   uses an image that exists");
    }

    private Image existing(String reference, String version, Image.Source source, String script) {
        return find(reference)
            .orElseThrow(() -> Failure.preflight("there is no image " + reference)
                .next(source.named().isPresent()
                    ? "docker pull " + reference
                    : script + " --version " + version + "   (without --no-build)"));
    }

    /** What {@link #of} would do, for --plan. */
    public String plan(String version, Image.Source source) {
        String reference = reference(version, source);
        return source instanceof Image.Source.Build
            ? reference + " from " + config.buildContext()
            : "nothing, " + reference + " is used";
    }

    private String reference(String version, Image.Source source) {
        return source.named().orElseGet(() -> config.image() + ":" + version);
    }

    /** @throws Failure (pre-flight) with the build's last words */
    public Image build(String reference, String version, Consumer<String> progress) {
        return build(reference, version, BUILD, progress);
    }

    Image build(String reference, String version, Duration limit, Consumer<String> progress) {
        requireDockerfile();
        var built = builder.build(reference, version, limit, progress);
        if (!built.ok()) {
            var said = built.err().lines().toList();
            throw Failure.preflight(
                "the image " + reference + " was not built"
                    + (built.ended() ? "" : " within " + Console.seconds(limit)),
                String.join("\n", said.subList(Math.max(0, said.size() - LAST_WORDS), said.size())));
        }
        return find(reference)
            .orElseThrow(() -> Failure.preflight("the build left no image " + reference).next("docker images"));
    }

    /** A name of its own for what a colour runs, so that no clean-up by hand takes it for unused. */
    public void keepFor(Colour colour, String id) { engine.tag(id, config.image() + ":bluegreen-" + colour); }
}
