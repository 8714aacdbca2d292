package lib.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import lib.config.Config;
import lib.core.Failure;

/** What earlier runs of init, or a person, wrote in a project: it is right, and asked for again by nobody. */
public record Existing(Optional<Config> config, Optional<String> colours) {
    private static final Pattern SERVICE = Pattern.compile("extends: \\{file: [^,]+, service: ([^}\\s]+)}");

    public static Existing in(Path folder) {
        var config = Files.exists(folder.resolve("bluegreen.yaml"))
            ? Optional.of(Config.load(folder, Map.of()))
            : Optional.<Config>empty();
        return new Existing(config, read(folder.resolve(ColoursFile.NAME)));
    }

    private static Optional<String> read(Path file) {
        if (!Files.exists(file)) return Optional.empty();
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file, e.toString());
        }
    }

    /** What a person gives now, and what is written already where they give nothing. */
    Asked and(Asked given) {
        return new Asked(given.name().or(() -> config.map(Config::app)),
            given.service().or(this::service),
            given.port().or(() -> config.map(c -> c.ports().app())),
            given.health().or(() -> config.map(c -> c.health().path())),
            given.http().or(() -> config.map(c -> c.ports().http())),
            given.https().or(() -> config.map(c -> c.ports().https())),
            given.hosts().isEmpty() ? config.map(c -> c.proxy().hosts()).orElse(List.of()) : given.hosts(),
            given.follow().or(() -> config.map(c -> c.follow().services())));
    }

    /** The one that blue takes its definition from. */
    private Optional<String> service() {
        return colours.flatMap(text -> SERVICE.matcher(text).results().findFirst()).map(m -> m.group(1));
    }
}
