package lib.checks;

import static lib.checks.Check.fail;
import static lib.checks.Check.pass;
import static lib.checks.Check.skip;
import static lib.checks.Check.warn;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import lib.checks.Check.Outcome;
import lib.config.Reference;
import lib.core.Colour;
import lib.core.Console;
import lib.core.Failure;
import lib.core.Json;
import lib.core.Size;
import lib.docker.Container;
import lib.docker.References;
import lib.stack.Replaced;
import lib.traffic.Hooks;

/** The configuration, the engine and the machine it is on. */
final class HostChecks {
    static final List<Check> ALL = List.of(new Check("environment", HostChecks::environment),
        new Check("secrets", HostChecks::secrets),
        new Check("docker", HostChecks::docker), new Check("disk", HostChecks::disk),
        new Check("memory", HostChecks::memory),
        new Check("architecture", HostChecks::architecture), new Check("clock", HostChecks::clock),
        new Check("ports", HostChecks::ports),
        new Check("hooks", HostChecks::hooks), new Check("engine restart", EngineRestart::look));

    private HostChecks() {}

    /** It exists, or the configuration would not have been read: exit code 2. */
    private static Outcome environment(Facts facts) {
        if (!Files.exists(facts.file))
            return warn("no " + facts.file.getFileName() + ": every key has its default",
                "copy bluegreen.yaml from the repository, and set what differs");
        return pass(facts
            .environment.map(name -> name + ", in " + facts.file.getFileName())
            .orElse(facts.file.getFileName() + ", without --env"));
    }

    /** No reference is read for it: that may ask a person, or somebody else's machine. */
    private static Outcome secrets(Facts facts) throws IOException {
        var files = new ArrayList<>(
            List.of(facts.config.folder().resolve("compose.env"), facts.config.project().resolve(".env")));
        var references = new TreeMap<>(facts.config.references());
        references.putAll(facts.config.buildReferences());
        for (var named : references.entrySet()) {
            var missing = References.missing(named.getKey(), named.getValue());
            if (missing.isPresent()) return fail(missing.get().whatAndWhy(), missing.get().next().orElseThrow());
            if (named.getValue() instanceof Reference.InFile(String _, Path file)) files.add(file);
        }
        var secret = facts.config.variables().keySet().stream()
            .filter(k -> k.matches("(?i).*(PASSWORD|SECRET|TOKEN|KEY).*"))
            .toList();
        if (Files.exists(facts.file) && secret.stream().anyMatch(Files.readString(facts.file)::contains))
            files.add(facts.file);
        var open = new ArrayList<Path>();
        boolean world = false;
        for (Path file : files) {
            if (!Files.exists(file) || !Files.getFileStore(file).supportsFileAttributeView("posix")) continue;
            var modes = Files.getPosixFilePermissions(file);
            boolean others = modes.contains(PosixFilePermission.OTHERS_READ);
            // The app's own, which git makes readable: worth a word, and no reason to stop.
            world |= others && !file.equals(facts.config.project().resolve(".env"));
            if (others || modes.contains(PosixFilePermission.GROUP_READ)) open.add(file);
        }
        if (open.isEmpty()) return pass("readable by their owner only");
        String names = String.join(", ", open.stream().map(p -> p.getFileName().toString()).toList());
        String fix = "chmod 600 " + String.join(" ", open.stream().map(Path::toString).toList())
            + (open.contains(facts.file)
                ? "   (or give " + String.join(", ", secret) + " in the environment instead)"
                : "");
        return world
            ? fail("everybody on this machine can read " + names, fix)
            : warn("others can read " + names, fix);
    }

    private static Outcome docker(Facts facts) {
        String engine = facts.engine().path("ServerVersion").asText();
        var said = facts.stack.compose().version(facts.left());
        String compose = said.out().strip().replaceFirst("^v", "");
        if (!said.ok() || !compose.matches("([2-9]|\\d\\d)\\..*"))
            return fail("docker compose v2 is needed" + (said.ok() ? ", this is " + compose : ": " + said.last()),
                "https://docs.docker.com/compose/install/");
        return pass("engine " + engine + ", compose " + compose);
    }

    /** Where the engine keeps its images, wherever the engine is. */
    private static Outcome disk(Facts facts) throws IOException {
        var free = free(facts);
        if (free.isEmpty()) return skip("no image on the engine yet to look from");
        long image = facts.newestImage().map(n -> n.path("Size").asLong()).orElse(0L);
        long needed = Math.max(facts.config.thresholds().disk(), 2 * image);
        String has = Size.text(free.getAsLong()) + " free for images";
        if (free.getAsLong() < needed)
            return fail(
                has + ", " + Size.text(needed) + " are needed"
                    + (2 * image == needed ? ": twice the newest image" : ""),
                "docker system df, then docker image prune or docker builder prune (or set thresholds.disk)");
        return pass(has + (image == 0 ? "" : ", the newest image has " + Size.text(image)));
    }

    /** A container's root is a layer on the engine's data root: what df says there holds for all images. */
    private static OptionalLong free(Facts facts) throws IOException {
        var nginx = Optional.ofNullable(facts.containers().get(facts.config.nginxService())).filter(Container::running);
        if (nginx.isPresent()) return available(facts.exec(nginx.get(), "df", "-P", "-k", "/").out());
        var images = Stream.concat(Stream.of(facts.service(facts.config.nginxService()).path("image").asText("")),
            facts.newestImage().map(n -> n.path("Id").asText()).stream());
        for (String image : images.filter(i -> !i.isEmpty()).toList()) {
            var said = facts.stack.engine().run(image, "none", facts.left(), "df", "-P", "-k", "/");
            if (said.ok()) return available(said.out());
        }
        Path root = Path.of(facts.engine().path("DockerRootDir").asText("/"));
        return !facts.stack.engine().isRemote() && Files.exists(root)
            ? OptionalLong.of(Files.getFileStore(root).getUsableSpace())
            : OptionalLong.empty();
    }

    /** Bytes from df -P -k; empty when this is no such table. */
    static OptionalLong available(String df) {
        var lines = df.strip().lines().toList();
        if (lines.size() < 2) return OptionalLong.empty();
        String[] fields = lines.getLast().strip().split("\\s+");
        return fields.length >= 6 && fields[3].matches("\\d{1,16}")
            ? OptionalLong.of(Long.parseLong(fields[3]) * 1024)
            : OptionalLong.empty();
    }

    /** Both colours run side by side, during each switch and as long as one is the other's backup. */
    private static Outcome memory(Facts facts) {
        long total = facts.engine().path("MemTotal").asLong();
        long limit = Stream.of(Colour.values())
            .mapToLong(c -> limit(facts.service(facts.config.service(c))))
            .max()
            .orElse(0);
        if (2 * limit > total)
            return fail("two colours may take 2 × " + Size.text(limit) + ", the engine has " + Size.text(total),
                "lower the memory limit in the compose files, or take a larger machine");
        var running = Stream.of(Colour.values()).flatMap(c -> facts.running(c).stream()).toList();
        if (running.isEmpty())
            return pass(Size.text(total)
                + (limit == 0 ? ", no limit is set for a colour" : ", for two colours of at most " + Size.text(limit)));
        long used = running.stream().mapToLong(c -> used(facts, c)).max().orElse(0);
        if (running.size() == 2) return pass("both colours run, the larger one takes " + Size.text(used));
        var nginx = facts.nginx();
        long free = facts.exec(nginx, "cat", "/proc/meminfo")
            .out()
            .lines()
            .filter(l -> l.startsWith("MemAvailable:"))
            .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
            .findFirst()
            .orElse(total);
        if (free < used)
            return fail("the running colour takes " + Size.text(used) + ", only " + Size.text(free)
                + " are left for a second one", "make room: docker stats");
        return pass(Size.text(free) + " left, the running colour takes " + Size.text(used));
    }

    private static long limit(JsonNode service) {
        return Math.max(service.at("/deploy/resources/limits/memory").asLong(), service.path("mem_limit").asLong());
    }

    private static long used(Facts facts, Container container) {
        var memory = facts.stack.engine()
            .stats(container.id())
            .map(n -> n.path("memory_stats"))
            .orElseGet(Json::object);
        // Without what the kernel would give back: cgroup v2 has the first name, v1 the second.
        long cache = memory.at("/stats/inactive_file").asLong(memory.at("/stats/total_inactive_file").asLong());
        return Math.max(0, memory.path("usage").asLong() - cache);
    }

    private static Outcome architecture(Facts facts) {
        String engine = facts.stack.engine().version().path("Arch").asText();
        var image = facts.newestImage();
        if (image.isEmpty()) return skip("no image of " + facts.config.image() + " yet");
        String own = image.get().path("Architecture").asText();
        String name = image.get().at("/RepoTags/0").asText(facts.config.image());
        if (!own.equals(engine))
            return fail(name + " is for " + own + ", the engine is " + engine,
                "build it there, or: docker build --platform linux/" + engine);
        return pass(name + " and the engine: " + engine);
    }

    /** Moments of the engine and of here are compared in the journal and in metrics. */
    private static Outcome clock(Facts facts) {
        var before = Instant.now();
        var said = facts.stack.engine().info().path("SystemTime").asText();
        var after = Instant.now();
        var there = OffsetDateTime.parse(said).toInstant();
        // Between asking and the answer it may be any moment: only what lies outside is skew.
        var skew = there.isBefore(before)
            ? Duration.between(there, before)
            : there.isAfter(after) ? Duration.between(after, there) : Duration.ZERO;
        String reason = "the engine's clock and this one differ by " + Console.seconds(skew);
        if (skew.compareTo(Duration.ofSeconds(30)) > 0) return fail(reason, "let both follow NTP: timedatectl");
        return skew.compareTo(Duration.ofSeconds(2)) > 0
            ? warn(reason, "let both follow NTP: timedatectl")
            : pass("as here");
    }

    private static Outcome hooks(Facts facts) {
        var missing = Hooks.missing(facts.config);
        if (missing.isEmpty())
            return pass(facts.config.hooks().isEmpty()
                ? "none"
                : String.join(", ", new TreeSet<>(facts.config.hooks().keySet())));
        return fail(String.join("; ", missing), "hooks: in bluegreen.yaml, from the project's folder");
    }

    /** Only of what is not running yet: the rest has its port. */
    private static Outcome ports(Facts facts) {
        var p = facts.config.ports();
        var taken = new LinkedHashMap<String, Failure>();
        int free = 0;
        var needed = new LinkedHashMap<String, String>();
        for (Colour c : Colour.values())
            if (facts.running(c).isEmpty()) needed.put("ports." + c, "127.0.0.1:" + p.of(c));
        if (!(facts.containers().get(facts.config.nginxService()) instanceof Container n && n.running()))
            needed.putAll(p.ofNginx());
        for (var port : needed.entrySet()) {
            try {
                facts.stack.requireFree(port.getKey(), port.getValue());
                free++;
            } catch (Failure f) {
                taken.put(port.getValue(), f);
            }
        }
        if (taken.isEmpty())
            return pass(needed.isEmpty() ? "all in use by the stack itself" : free + " still needed, all free");
        String all = String.join(", ", taken.values().stream().map(Failure::getMessage).toList());
        var replaced = facts.stack.replaced();
        return taken.keySet().stream().allMatch(replaced::has)
            ? warn(all + ", by " + Replaced.names(replaced.publishing()) + ", which the colours replace",
                "deploy --adopt --version VERSION")
            : new Outcome.Fail(all, taken.values().iterator().next().next());
    }
}
