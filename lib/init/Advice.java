package lib.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lib.core.Failure;

/** What a person has to know of a project before its first deploy, a sentence each. */
public final class Advice {
    private Advice() {}

    public static List<String> of(Found found) {
        var all = new ArrayList<String>();
        if (!found.entries().isEmpty())
            all.add(String.join(", ", found.entries())
                + ": bluegreen's Nginx takes its place and its ports; what it did"
                + " besides passing requests on is yours to bring along (init --eject copies Nginx's configuration)");
        found.app().ifPresent(app -> {
            var lost = app.ports().stream().map(p -> p.inside()).filter(p -> p != found.port()).toList();
            if (!lost.isEmpty())
                all.add("port " + lost.toString().replaceAll("[\\[\\]]", "") + " of " + app.name()
                    + " is not published any more: two colours cannot have it");
            var more = app.ports().stream()
                .filter(p -> p.inside() == found.port())
                .flatMap(p -> p.published().stream())
                .filter(p -> !p.equals(found.http()) && !p.equals(found.https()))
                .toList();
            if (!more.isEmpty())
                all.add(String.join(", ", more) + " led to " + app.name() + " too, and leads to nobody: "
                    + found.http() + " does");
            if (app.replicas() > 1)
                all.add(app.name() + " has " + app.replicas() + " replicas; a colour is one container");
        });
        found.migration().ifPresent(job -> {
            var own = new TreeMap<>(job.environment());
            found.app().ifPresent(app -> own.entrySet().removeAll(app.environment().entrySet()));
            if (!own.isEmpty())
                all.add("migrate: runs with the app's variables, and without these of " + job.name() + ": "
                    + String.join(", ", own.keySet()));
        });
        if (found.migration().isEmpty())
            Framework.in(found.context())
                .flatMap(f -> f.framework().migration)
                .ifPresent(command -> all.add("a database of its own? migrate: [" + command
                    + "] in bluegreen.yaml brings it to each version, once"));
        found.compose()
            .filter(c -> c.files().size() > 1)
            .ifPresent(c -> all.add("the colours take what "
                + c.files().getFirst().getFileName() + " says of the app, and nothing of "
                + c.files().stream().skip(1).map(f -> f.getFileName().toString()).collect(Collectors.joining(", "))
                + ": what belongs to them goes into " + ColoursFile.NAME));
        for (String volume : found.dockerfile().map(Dockerfile::volumes).orElse(List.of()))
            if (!isMounted(found, volume))
                all.add("the image declares the volume " + volume + ": each colour has one of its own, unless you name"
                    + " one in " + ColoursFile.NAME);
        for (String name : found.variableArguments())
            all.add("the build argument " + name + " comes from a variable, which is not read here: --set build.args."
                + name + "=VALUE gives it, or build.args in bluegreen.yaml");
        if (found.dockerfile().isPresent() && copiesAll(found) && !isIgnored(found))
            all.add(
                "put .deployment* into .dockerignore: it may hold passwords, and changes with each deploy; so may files of secrets");
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
