package lib.docker;

import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Text;
import lib.secrets.Redaction;

/** An image that can be deployed: what it is called, and the id that no later tag can move. */
public record Image(String reference, String id) {

    /** A version becomes an image tag, a label and a file name: only what a tag may be. */
    public static void requireVersion(String version) {
        if (version == null) throw Failure.usage("which version?", null, "deploy --version 1.0.1");
        if (!isVersion(version))
            throw Failure.usage("'" + Text.brief(version) + "' is not a version",
                "it becomes an image tag: letters, digits, _ . - and at most 128 of them", "deploy --version 1.0.1");
    }

    /** Also of what comes back, from a label or from the generation's file: others may have written it. */
    public static boolean isVersion(String text) { return text != null && text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"); }

    /** @throws Failure (usage) for what docker would take for an option or for two lines */
    public static Optional<Image> find(String reference) {
        if (!reference.matches("[A-Za-z0-9\\[][A-Za-z0-9._:/@\\[\\]-]{0,400}"))
            throw Failure.usage("'" + Text.brief(reference) + "' is not an image", "a name with its tag or digest is expected, or an id", "docker images");
        var result = Docker.call("image", "inspect", "--format", "{{.Id}}", reference);
        return result.ok() ? Optional.of(new Image(reference, result.out().strip())) : Optional.empty();
    }

    /** Where the image of a version comes from: a build, the tag that it has by its version, or a name that was given. */
    public sealed interface Source {
        record Build() implements Source {}
        record Tagged() implements Source {}
        record Named(String reference) implements Source {}

        static Source of(Optional<String> named, boolean noBuild) {
            return named.<Source>map(Named::new).orElseGet(() -> noBuild ? new Tagged() : new Build());
        }
        default Optional<String> named() { return this instanceof Named(String reference) ? Optional.of(reference) : Optional.empty(); }
        /** Its options on a command line. */
        default String options() {
            return switch (this) {
                case Build _ -> "";
                case Tagged _ -> " --no-build";
                case Named(String reference) -> " --image " + reference;
            };
        }
    }

    /** @param script for the next command to type */
    public static Image of(Config config, String version, Source source, String script, Consumer<String> progress) {
        String reference = reference(config, version, source);
        if (source instanceof Source.Build) return build(config, reference, version, progress);
        return existing(reference, version, source, script);
    }

    /** What can be known before anything is started. @throws Failure (pre-flight) when there is nothing to build from, or no such image */
    public static void require(Config config, String version, Source source, String script) {
        if (source instanceof Source.Build) requireDockerfile(config);
        else existing(reference(config, version, source), version, source, script);
    }

    private static void requireDockerfile(Config config) {
        if (!Files.isReadable(config.dockerfile()))
            throw Failure.preflight("no Dockerfile at " + config.dockerfile(), "build.context and build.dockerfile in bluegreen.yaml name it",
                "deploy --image NAME:TAG   uses an image that exists");
    }

    private static Image existing(String reference, String version, Source source, String script) {
        return find(reference).orElseThrow(() -> Failure.preflight("there is no image " + reference, null,
            source.named().isPresent() ? "docker pull " + reference : script + " --version " + version + "   (without --no-build)"));
    }

    /** What {@link #of} would do, for --plan. */
    public static String plan(Config config, String version, Source source) {
        String reference = reference(config, version, source);
        return source instanceof Source.Build ? reference + " from " + config.buildContext() : "nothing, " + reference + " is used";
    }

    private static String reference(Config config, String version, Source source) {
        return source.named().orElseGet(() -> config.image() + ":" + version);
    }

    /** A build that takes longer hangs. */
    private static final Duration BUILD = Duration.ofMinutes(30);
    private static final int LAST_WORDS = 20;

    /** The configured build, with the version as build argument VERSION. @throws Failure (pre-flight) with the build's last words */
    public static Image build(Config config, String reference, String version, Consumer<String> progress) {
        return build(config, reference, version, BUILD, progress);
    }

    static Image build(Config config, String reference, String version, Duration limit, Consumer<String> progress) {
        requireDockerfile(config);
        var command = Docker.command(limit, "build", "--progress", "plain", "--tag", reference, "--file", config.dockerfile().toString(),
            "--build-arg", "VERSION=" + version, "--label", "bluegreen.app=" + config.app());
        for (var arg : config.buildArgs().entrySet()) command = command.and("--build-arg", buildArg(arg));
        var redaction = Redaction.of(config).and(config.buildArgs().values());
        var built = command.with(secret(config.buildArgs())).and(config.buildContext().toString()).run(line -> progress.accept(redaction.apply(line)));
        Docker.requireEngine(built);
        if (!built.ok()) {
            var said = redaction.apply(built.err()).lines().toList();
            throw Failure.preflight("the image " + reference + " was not built" + (built.ended() ? "" : " within " + Console.seconds(limit)),
                String.join("\n", said.subList(Math.max(0, said.size() - LAST_WORDS), said.size())), null);
        }
        return find(reference).orElseThrow(() -> Failure.preflight("the build left no image " + reference, null, "docker images"));
    }

    /** Everybody on the machine can see a command's arguments: a secret's value goes through the environment. */
    private static String buildArg(Map.Entry<String, String> arg) {
        return Redaction.looksSecret(arg.getKey()) ? arg.getKey() : arg.getKey() + "=" + arg.getValue();
    }

    private static Map<String, String> secret(Map<String, String> buildArgs) {
        var all = new HashMap<>(buildArgs);
        all.keySet().removeIf(name -> !Redaction.looksSecret(name));
        return all;
    }

    public Map<String, String> labels() {
        var labels = new HashMap<String, String>();
        Json.read(Docker.call("image", "inspect", "--format", "{{json .Config.Labels}}", id).out())
            .ifPresent(n -> n.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText())));
        return labels;
    }

    /** A name of its own for what a colour runs, so that no clean-up by hand takes it for unused. */
    public void keepFor(Config config, Colour colour) { Docker.call("tag", id, config.image() + ":bluegreen-" + colour); }

    public String shortId() { return id.substring("sha256:".length(), "sha256:".length() + 12); }
}
