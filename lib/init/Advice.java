package lib.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import lib.core.Failure;

/** What a person has to know of a project before its first deploy, a sentence each. */
public final class Advice {
    private Advice() {}

    public static List<String> of(Found found) {
        return Stream.of(entries(found), app(found), migration(found), overrides(found), image(found), ignored(found))
            .flatMap(List::stream)
            .toList();
    }

    private static List<String> entries(Found found) {
        if (found.entries().isEmpty()) return List.of();
        return List.of(String.join(", ", found.entries())
            + ": bluegreen's Nginx takes its place and its ports; what it did besides passing requests on is yours to"
            + " bring along (init --eject copies Nginx's configuration)");
    }

    private static List<String> app(Found found) {
        if (found.app().isEmpty()) return List.of();
        var app = found.app().get();
        var all = new ArrayList<String>();
        var lost = app.ports().stream()
            .map(p -> p.inside())
            .filter(p -> p != found.port())
            .map(String::valueOf)
            .toList();
        if (!lost.isEmpty())
            all.add("port " + String.join(", ", lost) + " of " + app.name()
                + " is not published any more: two colours cannot have it");
        var more = app.ports()
            .stream()
            .filter(p -> p.inside() == found.port())
            .flatMap(p -> p.published().stream())
            .filter(p -> !p.equals(found.http()) && !p.equals(found.https()))
            .toList();
        if (!more.isEmpty())
            all.add(String.join(", ", more) + " led to " + app.name() + " too, and leads to nobody: " + found.http()
                + " does");
        if (app.replicas() > 1)
            all.add(app.name() + " has " + app.replicas() + " replicas; a colour is one container");
        if (!app.addresses().isEmpty())
            all.add(String.join(", ", app.addresses()) + " was " + app.name()
                + "'s own, and leads to nobody; its name leads to what serves");
        var routed = found.outerRouting();
        if (!routed.isEmpty())
            all.add(
                "by " + String.join(", ", routed) + " of " + app.name() + ", another proxy sends it visitors, and would"
                    + " send them to both colours: they have none of it. Give it to " + found.nginxService()
                    + ", with its port 80, in "
                    + ColoursFile.NAME + " before the first deploy");
        return all;
    }

    private static List<String> migration(Found found) {
        if (found.migration().isEmpty())
            return Framework.in(found.context())
                .flatMap(f -> f.framework().migration())
                .map(command -> "a database of its own? migrate: [" + command
                    + "] in bluegreen.yaml brings it to each version, once")
                .stream()
                .toList();
        var job = found.migration().get();
        var own = new TreeMap<>(job.environment());
        found.app().ifPresent(app -> own.entrySet().removeAll(app.environment().entrySet()));
        return own.isEmpty()
            ? List.of()
            : List.of("migrate: runs with the app's variables, and without these of " + job.name() + ": "
                + String.join(", ", own.keySet()));
    }

    private static List<String> overrides(Found found) {
        var files = found.compose().stream()
            .flatMap(c -> c.files().stream())
            .map(f -> f.getFileName().toString())
            .toList();
        if (files.size() < 2) return List.of();
        return List.of("the colours take what " + files.getFirst() + " says of the app, and nothing of "
            + String.join(", ", files.subList(1, files.size())) + ": what belongs to them goes into "
            + ColoursFile.NAME);
    }

    private static List<String> image(Found found) {
        var all = new ArrayList<String>();
        for (String volume : found.dockerfile().map(Dockerfile::volumes).orElse(List.of()))
            if (!isMounted(found, volume))
                all.add("the image declares the volume " + volume + ": each colour has one of its own, unless you name"
                    + " one in " + ColoursFile.NAME);
        for (String name : found.secretArguments())
            all.add(
                "the build argument " + name + " is not written down, as it may be a secret: build: {args: {" + name
                    + ": 'env:" + name + "'}} in bluegreen.yaml takes it from the environment");
        return all;
    }

    private static List<String> ignored(Found found) {
        var all = new ArrayList<String>();
        if (found.dockerfile().isPresent() && copiesAll(found) && !isIgnored(found))
            all.add("put .deployment* into .dockerignore: it may hold passwords, and changes with each deploy;"
                + " so may files of secrets");
        if (Files.exists(found.folder().resolve(".git"))
            && !holds(found.folder().resolve(".gitignore"), "/?\\.deployment/?\\*?"))
            all.add("put .deployment/ and .deployment-state.json into .gitignore: they are of this machine");
        return all;
    }

    private static boolean isMounted(Found found, String folder) {
        return found.app().stream()
            .flatMap(a -> a.definition().path("volumes").valueStream())
            .anyMatch(v -> folder.contains(v.path("target").asText("?")));
    }

    private static boolean copiesAll(Found found) {
        return found.dockerfile().orElseThrow().instructions().stream()
            .anyMatch(i -> i.matches("(?i)(COPY|ADD)\\s.*[. ]\\s.*"));
    }

    private static boolean isIgnored(Found found) {
        return holds(found.context().resolve(".dockerignore"), "\\*|\\.\\*|(\\*\\*)?/?\\.deployment/?\\*{0,2}");
    }

    private static boolean holds(Path file, String line) {
        if (!Files.exists(file)) return false;
        try {
            return Files.readAllLines(file).stream().anyMatch(l -> l.strip().matches(line));
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file, e.toString());
        }
    }
}
