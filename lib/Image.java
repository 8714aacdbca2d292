package lib;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

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
    static boolean isVersion(String text) { return text != null && text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"); }

    /** @throws Failure (usage) for what docker would take for an option or for two lines */
    public static Optional<Image> find(String reference) {
        if (!reference.matches("[A-Za-z0-9\\[][A-Za-z0-9._:/@\\[\\]-]{0,400}"))
            throw Failure.usage("'" + Text.brief(reference) + "' is not an image", "a name with its tag or digest is expected, or an id", "docker images");
        var result = Docker.call("image", "inspect", "--format", "{{.Id}}", reference);
        return result.ok() ? Optional.of(new Image(reference, result.out().strip())) : Optional.empty();
    }

    /** The image of a version: the one that is named, or that exists, or that is built now. {@code script}: for the next command to type. */
    public static Image of(Config config, String version, String named, boolean noBuild, String script, Consumer<String> progress) {
        String reference = reference(config, version, named);
        if (named == null && !noBuild) return build(config, reference, version, progress);
        return find(reference).orElseThrow(() -> Failure.preflight("there is no image " + reference, "nothing was changed",
            named != null ? "docker pull " + reference : script + " --version " + version + "   (without --no-build)"));
    }

    /** What {@link #of} would do, for --plan. */
    public static String plan(Config config, String version, String named, boolean noBuild) {
        String reference = reference(config, version, named);
        return named != null || noBuild ? "nothing, " + reference + " is used" : reference + " from " + config.buildContext();
    }

    private static String reference(Config config, String version, String named) { return named != null ? named : config.image() + ":" + version; }

    /** The configured build, with the version as build argument VERSION. @throws Failure (pre-flight) with the build's last words */
    public static Image build(Config config, String reference, String version, Consumer<String> progress) {
        if (!Files.isReadable(config.dockerfile()))
            throw Failure.preflight("no Dockerfile at " + config.dockerfile(), "build.context and build.dockerfile in bluegreen.yaml name it",
                "deploy --image NAME:TAG   uses an image that exists");
        var command = Docker.command(Duration.ofMinutes(30), "build", "--progress", "plain", "--tag", reference,
            "--file", config.dockerfile().toString(), "--build-arg", "VERSION=" + version, "--label", "bluegreen.app=" + config.app());
        for (var arg : config.buildArgs().entrySet()) command = command.and("--build-arg", arg.getKey() + "=" + arg.getValue());
        var built = Docker.checked(command.and(config.buildContext().toString()), progress);
        if (!built.ok()) {
            var said = built.err().lines().toList();
            throw Failure.preflight("the image " + reference + " was not built",
                String.join("\n", said.subList(Math.max(0, said.size() - 20), said.size())) + "\nNothing was changed.", null);
        }
        return find(reference).orElseThrow(() -> Failure.preflight("the build left no image " + reference, "nothing was changed", "docker images"));
    }

    public Map<String, String> labels() {
        var labels = new HashMap<String, String>();
        Json.read(Docker.call("image", "inspect", "--format", "{{json .Config.Labels}}", id).out())
            .ifPresent(n -> n.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText())));
        return labels;
    }

    /** A name of its own for what a colour runs, so that no clean-up by hand takes it for unused. */
    public void keepFor(Config config, Color color) { Docker.call("tag", id, config.image() + ":bluegreen-" + color); }

    /**
     * Removes old images that were built for this app: all but the newest {@code images.keep} and those in use.
     * Returns how many. What somebody else still uses stays.
     */
    public static int prune(Config config, Set<String> inUse) {
        var listed = Docker.call("images", "--no-trunc", "--filter", "label=bluegreen.app=" + config.app(), "--format", "{{.ID}} {{.Repository}}:{{.Tag}}").out();
        var names = new LinkedHashMap<String, List<String>>();      // newest first, as docker lists them
        listed.lines().map(l -> l.split(" ", 2)).forEach(l -> names.computeIfAbsent(l[0], _ -> new ArrayList<>()).add(l[1].contains("<none>") ? l[0] : l[1]));
        int removed = 0;
        for (String id : names.keySet().stream().skip(config.keepImages()).filter(id -> !inUse.contains(id)).toList())
            if (names.get(id).stream().allMatch(name -> Docker.call("rmi", name).ok())) removed++;
        return removed;
    }

    public String shortId() { return id.substring("sha256:".length(), "sha256:".length() + 12); }
}
