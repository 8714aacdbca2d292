package lib.docker;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;

/** The app's images: built, from a registry, or there already. */
public record Images(Config config, Engine engine, ImageBuilder builder, Registry registry) {
    /** A build that takes longer hangs, and so does a pull. */
    private static final Duration BUILD = Duration.ofMinutes(30);
    private static final int LAST_WORDS = 20;

    public Optional<Image> find(String reference) { return Image.find(engine, reference); }

    /** @param script for the next command to type */
    public Image of(String version, Image.Source source, String script, Consumer<String> progress) {
        String reference = reference(version, source);
        if (isBuilt(source)) return build(reference, version, progress);
        if (isPulled(reference, source)) return pull(reference, progress);
        return runnable(existing(reference, version, script));
    }

    /**
     * What can be known before anything is started.
     * @throws Failure (pre-flight) when there is nothing to build from, or no such image
     */
    public void require(String version, Image.Source source, String script) {
        String reference = reference(version, source);
        if (isBuilt(source)) requireDockerfile();
        else if (!isPulled(reference, source)) runnable(existing(reference, version, script));
    }

    private boolean isBuilt(Image.Source source) {
        return source instanceof Image.Source.Build && config.buildContext().isPresent();
    }

    /**
     * A tag may have moved: what a registry gave is asked for there each time. Not what never came from one, nor what a
     * digest or an id names; a name without a path is taken for the engine's own where it is there.
     */
    private boolean isPulled(String reference, Image.Source source) {
        if (source instanceof Image.Source.Tagged) return false;
        var here = find(reference);
        if (here.isEmpty()) return true;
        return reference.contains("/") && !reference.contains("@") && here.get().digest().isPresent();
    }

    private Image pull(String reference, Consumer<String> progress) {
        var here = find(reference).flatMap(Image::digest);
        var pulled = registry.pull(reference, BUILD, progress);
        if (!pulled.ok()) throw Registry.failure(reference, pulled, BUILD, here);
        return runnable(find(reference)
            .orElseThrow(() -> Failure.preflight("the pull left no image " + reference).next("docker images")));
    }

    /** An image for another processor would end at once, where it has replaced what was a way back. */
    private Image runnable(Image image) {
        var engine = this.engine.version();
        String here = engine.path("Os").asText("linux") + "/" + engine.path("Arch").asText();
        if (image.platform().equals(here)) return image;
        throw Failure.preflight(image.reference() + " is for " + image.platform() + ", the engine is " + here,
            "nothing was started on it",
            "docker buildx build --platform " + here + " --push --tag " + image.reference() + " .");
    }

    private void requireDockerfile() {
        if (config.buildContext().isEmpty())
            throw Failure.usage("build.context is none: nothing is built here",
                "the image comes from a registry",
                "deploy --version VERSION   pulls " + config.image() + ":VERSION");
        if (!Files.isReadable(config.dockerfile()))
            throw Failure.preflight("no Dockerfile at " + config.dockerfile(),
                "build.context and build.dockerfile in bluegreen.yaml name it",
                "deploy --image NAME:TAG   uses an image that exists");
    }

    private Image existing(String reference, String version, String script) {
        return find(reference)
            .orElseThrow(() -> Failure.preflight("there is no image " + reference)
                .next(script + " --version " + version + "   (without --no-build)"));
    }

    /** What {@link #of} would do, for --plan. */
    public String plan(String version, Image.Source source) {
        String reference = reference(version, source);
        if (isBuilt(source)) return reference + " from " + config.buildContext().orElseThrow();
        return isPulled(reference, source)
            ? "nothing, " + reference + " is pulled"
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
