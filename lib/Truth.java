package lib;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The picture all scripts begin with: what the workers answer, which containers there are, what the state file
 * says. Where they disagree the workers are right.
 */
public record Truth(Config config, Generation serving, Map<String, Docker.Container> containers, State.Read file) {

    /** Needs a running Nginx. @throws Failure (pre-flight, unconfirmed) */
    public static Truth read(Config config) {
        var stack = new Stack(config);
        var containers = stack.containers();
        return new Truth(config, new Nginx(config, stack.nginx(containers)).serving(), containers, State.read(config.project()));
    }

    public Optional<Docker.Container> container(Color color) { return Optional.ofNullable(containers.get(config.service(color))); }

    public boolean running(Color color) { return container(color).filter(Docker.Container::running).isPresent(); }

    /** The colour that has the traffic; empty when the workers have no generation, or a first deploy is to come. */
    public Optional<Color> active() {
        return Optional.ofNullable(serving.active()).filter(c -> running(c) || running(c.other()));
    }

    /** The version the workers route to: as the generation says, else as the container's label does. */
    public String version(Color color) {
        if (color == serving.active() && serving.version() != null) return serving.version();
        return container(color).map(Docker.Container::version).orElse(null);
    }

    /** Where the state file differs from the truth; empty when it agrees. */
    public List<String> drift() {
        var found = new ArrayList<String>();
        switch (file) {
            case State.Read.Missing _ -> { if (active().isPresent() && serving.version() != null) found.add("the state file is missing"); }
            case State.Read.Newer(String format) -> found.add("the state file is from a newer bluegreen (format " + format + ")");
            case State.Read.Corrupt(String reason) -> found.add("the state file is unreadable: " + reason);
            case State.Read.Known(State s) -> {
                if (serving.active() != null && s.active() != serving.active())
                    found.add("the state file says " + s.active() + ", the workers serve " + serving.active());
                else if (serving.active() != null && s.generation() != serving.number())
                    found.add("the state file says generation " + s.generation() + ", the workers serve " + serving.number());
                else if (s.version() != null && serving.version() != null && !s.version().equals(serving.version()))
                    found.add("the state file says version " + s.version() + ", the workers serve " + serving.version());
            }
        }
        return found;
    }
}
