package lib.checks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.checks.Check.Outcome;
import lib.core.Colour;
import lib.docker.Container;

/** Whether the colours and what they need can see each other: where they share no network, no name leads there. */
final class Networks {
    /** The host of a URL, or a value that is nothing but a name, perhaps with a port. */
    private static final Pattern HOST = Pattern.compile("(?:@|://)([A-Za-z0-9._-]+)|^([A-Za-z0-9._-]+)(?::\\d+)?$");

    private Networks() {}

    static Outcome check(Facts facts) {
        var config = facts.config;
        var app = facts.service(config.blueService());
        var needed = needed(facts, app);
        if (needed.isEmpty()) return Check.skip("the app waits for no service, and names none");
        for (String name : needed) {
            if (Collections.disjoint(networks(app), networks(facts.service(name))))
                return Check.fail(config.blueService() + " and " + name + " share no network in the compose files",
                    "networks: of " + config.blueService() + " needs one of " + String.join(", ",
                        networks(facts.service(name))));
            var apart = apart(facts, name);
            if (apart.isPresent())
                return Check.fail(apart.get() + " run on no common network",
                    "when an interruption is all right: " + facts.stack.composing("up", "--detach", "--no-deps", name));
        }
        return Check.pass(config.blueService() + " reaches " + String.join(", ", needed));
    }

    /** Of the compose files: what it depends on, and whose names are in its environment. */
    private static Set<String> needed(Facts facts, JsonNode app) {
        var services = facts.compose().path("services");
        var named = Stream.concat(app.path("depends_on").propertyStream().map(Map.Entry::getKey),
            app.path("environment")
                .valueStream()
                .flatMap(v -> HOST.matcher(v.asText()).results())
                .map(m -> m.group(1) == null ? m.group(2) : m.group(1)));
        var own = facts.config.services();
        return named.filter(n -> services.has(n) && !own.contains(n))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Set<String> networks(JsonNode service) {
        return service.path("networks").propertyStream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    /** A service that runs is never recreated, so it may be on the networks of before. */
    private static Optional<String> apart(Facts facts, String name) {
        var service = Optional.ofNullable(facts.containers().get(name)).filter(Container::running);
        return Stream.of(Colour.values())
            .flatMap(c -> facts.running(c).stream())
            .filter(c -> service.filter(s -> Collections.disjoint(joined(facts, c), joined(facts, s))).isPresent())
            .map(c -> c.service() + " and " + name)
            .findFirst();
    }

    private static Set<String> joined(Facts facts, Container c) {
        return facts.stack.engine()
            .inspect(c.id())
            .map(n -> n.at("/NetworkSettings/Networks")
                .propertyStream()
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet()))
            .orElse(Set.of());
    }
}
