package lib.init;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.core.LocalPort;
import lib.docker.ComposeProject;
import lib.docker.ComposeProject.Build;

/** bluegreen.yaml of a project: what it has to say, and no key whose default is right. */
public final class ProjectFile {
    private ProjectFile() {}

    public static String text(Found found) {
        var text = new StringBuilder("""
            # How this app is deployed. Every key, with its default: docs/configuration.md of bluegreen.
            app: %s
            """.formatted(found.name()));
        text.append(build(found));
        text.append("""
            health:
              path: %s
              require: []                   # an answer of 200 is enough. Better, once the app says them in JSON:
                                            # [status, version, deployment], so that a wrong image cannot pass
            ports:
              http: %s
              https: %s
              app: %d                     # where the app listens in its container
            """.formatted(found.health(), found.http(), found.https(), found.port()));
        var spoken = Stream.of(found.http(), found.https()).map(LocalPort::number).collect(Collectors.toSet());
        FreePorts.onLoopback(spoken).forEach((name, port) -> text.append("  %s: %d\n".formatted(name, port)));
        text.append(proxy(found));
        if (!found.nginxService().equals("nginx"))
            text.append("services:\n  nginx: %s                   # the compose file has another 'nginx'\n"
                .formatted(found.nginxService()));
        text.append("compose:\n  files: [%s]\n".formatted(files(found)));
        if (!found.follow().isEmpty())
            text.append("follow: [%s]                # go to the new version after the app\n"
                .formatted(String.join(", ", found.follow())));
        found.migration()
            .ifPresent(m -> text.append("migrate: [%s]    # once for a version, before it starts\n"
                .formatted(
                    m.command().stream().map(ProjectFile::quoted).collect(Collectors.joining(", ")))));
        return text.toString();
    }

    /** What was published itself had no limit before. */
    private static String proxy(Found found) {
        var lines = new ArrayList<String>();
        if (found.app().filter(a -> !a.ports().isEmpty()).isPresent())
            lines.add("  body-size: 1GiB             # what is larger is answered by 413\n");
        if (!found.hosts().isEmpty())
            lines.add("  hosts: [%s]        # any other name gets 421\n"
                .formatted(found.hosts().stream().map(ProjectFile::quoted).collect(Collectors.joining(", "))));
        return lines.isEmpty() ? "" : "proxy:\n" + String.join("", lines);
    }

    private static String files(Found found) {
        var there = found.compose()
            .stream()
            .flatMap(c -> c.files().stream())
            .map(f -> found.folder().relativize(f).toString());
        return Stream.concat(there, Stream.of(ColoursFile.NAME)).collect(Collectors.joining(", "));
    }

    private static String build(Found found) {
        var build = found.app().flatMap(ComposeProject.Service::build);
        if (build.isEmpty() && found.app().isPresent())
            return "image: %s\nbuild: none\n"
                .formatted(found.app().get().image().orElse("").replaceFirst("@.*|:[^:/]*$", ""));
        if (build.isEmpty()) return "";
        var text = new StringBuilder();
        Path dockerfile = build.get().dockerfile();
        Path context = build.get().context();
        if (!context.equals(found.folder()))
            text.append("  context: %s\n".formatted(found.folder().relativize(context)));
        if (!dockerfile.equals(context.resolve("Dockerfile")))
            text.append("  dockerfile: %s\n".formatted(found.folder().relativize(dockerfile)));
        build.flatMap(Build::target).ifPresent(target -> text.append("  target: %s\n".formatted(target)));
        var arguments = new TreeMap<>(build.get().arguments());
        arguments.keySet().removeAll(found.secretArguments());
        if (!arguments.isEmpty()) text.append("  args:\n");
        arguments.forEach((name, value) -> text.append("    %s: %s\n".formatted(name, quoted(value))));
        return text.isEmpty() ? "" : "build:\n" + text;
    }

    private static String quoted(String value) { return "'" + value.replace("'", "''") + "'"; }
}
