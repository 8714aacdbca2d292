package lib.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Failure;
import lib.core.Version;
import lib.docker.Container;
import lib.docker.Schema;
import lib.journal.Journal;
import lib.nginx.Generation;
import lib.nginx.Nginx;
import lib.nginx.Picture;
import lib.stack.Stack;

/**
 * The picture all scripts begin with: what the workers answer, which containers there are, what the state file and the
 * journals say. Where they disagree the workers are right. {@code found} in the Nginx container, and {@code journals},
 * of all checkouts: read when they are asked for.
 */
public record Observed(Stack stack, Generation serving, Map<String, Container> containers, State.Read file,
    Supplier<Picture> found, Supplier<Journals> journals) {

    /** {@code runs}: oldest first. {@code unreadable}: why this checkout's own journal could not be read. */
    public record Journals(List<Journal.Run> runs, Optional<String> unreadable) {}

    /** Needs a running Nginx. @throws Failure (pre-flight, unconfirmed) */
    public static Observed read(Stack stack) {
        var containers = stack.containers();
        return of(stack, nginx(stack, containers).serving(), containers);
    }

    /** With the picture that came with the lock. */
    public static Observed read(Stack stack, Picture found) {
        var containers = stack.containers();
        return of(stack, nginx(stack, containers).serving(), containers, () -> found);
    }

    private static Nginx nginx(Stack stack, Map<String, Container> containers) {
        return new Nginx(stack.config(), stack.engine(), stack.nginx(containers));
    }

    /** With what was asked already. */
    public static Observed of(Stack stack, Generation serving, Map<String, Container> containers) {
        String nginx = containers.get(stack.config().nginxService()).id();
        return of(stack, serving, containers, new Once<>(() -> Picture.of(stack.engine(), nginx)));
    }

    private static Observed of(Stack stack, Generation serving, Map<String, Container> containers,
        Supplier<Picture> found) {
        return new Observed(stack, serving, containers, State.read(stack.config().project()), found,
            new Once<>(() -> journals(stack, found.get().runs())));
    }

    private static Journals journals(Stack stack, List<Journal.Run> shared) {
        try {
            return new Journals(Journal.all(Journal.runs(stack.config()), shared), Optional.empty());
        } catch (Failure f) {
            return new Journals(shared, Optional.of(f.whatAndWhy()));
        }
    }

    /** Read by the first who asks. */
    private static final class Once<T> implements Supplier<T> {
        private final Supplier<T> reading;
        private Optional<T> read = Optional.empty();

        Once(Supplier<T> reading) { this.reading = reading; }

        @Override public synchronized T get() {
            if (read.isEmpty()) read = Optional.of(reading.get());
            return read.get();
        }
    }

    public Config config() { return stack.config(); }

    public Picture picture() { return found.get(); }

    /** The number of a generation that would come next. */
    public long next() { return picture().disk().highest() + 1; }

    public List<Journal.Run> runs() { return journals.get().runs(); }
    public Optional<String> unreadable() { return journals.get().unreadable(); }

    public Optional<Container> container(Colour colour) {
        return Optional.ofNullable(containers.get(config().service(colour)));
    }

    /** Why the versions in the two colours cannot share the database; empty when they can. */
    public Optional<String> schemaConflict() { return Schema.conflict(config(), containers); }

    public boolean running(Colour colour) { return container(colour).filter(Container::running).isPresent(); }

    /** The colour that has the traffic; empty when the workers have no generation, or a first deploy is to come. */
    public Optional<Colour> active() {
        return Optional.ofNullable(serving.active()).filter(c -> running(c) || running(c.other()));
    }

    /** The version the workers route to: as the generation says, else as the container's label does. */
    public Version version(Colour colour) {
        if (colour == serving.active() && serving.version().isKnown()) return serving.version();
        return container(colour).map(Container::version).orElse(Version.UNKNOWN);
    }

    /** As the state file has it, or would have it. */
    public State state() {
        return file.state().orElseGet(() -> State.of(serving));
    }

    /** Where the state file differs from the observed; empty when it agrees. */
    public List<String> drift() {
        var found = new ArrayList<String>();
        switch (file) {
            case State.Read.Missing _ -> {
                if (active().isPresent() && serving.version().isKnown()) found.add("the state file is missing");
            }
            case State.Read.Newer(String format) ->
                found.add("the state file is from a newer bluegreen (format " + format + ")");
            case State.Read.Corrupt(String reason) -> found.add("the state file is unreadable: " + reason);
            case State.Read.Known(State s) -> {
                if (serving.active() != null && s.active() != serving.active())
                    found.add("the state file says " + s.active() + ", the workers serve " + serving.active());
                else if (serving.active() != null && s.generation() != serving.number())
                    found.add("the state file says generation " + s.generation() + ", the workers serve "
                        + serving.number());
                else if (s.version().isKnown()
                    && serving.version().isKnown()
                    && !s.version().equals(serving.version()))
                    found.add("the state file says version " + s.version() + ", the workers serve "
                        + serving.version());
            }
        }
        return found;
    }
}
