package lib.docker;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lib.config.Config;
import lib.core.Text;

/**
 * What an image says of its database: label {@code bluegreen.schema}, the number it migrates to, and
 * {@code bluegreen.schema.lowest}, the lowest number of another version that can still run on that database
 * (default: the same number). Two versions may run side by side, or one follow the other in either direction, when
 * the newer one's lowest is not above the older one's number.
 */
public record Schema(int number, int lowest) {

    /** Empty without the label, or when it is not a number. */
    public static Optional<Schema> of(Map<String, String> labels) {
        String number = labels.get("bluegreen.schema");
        if (number == null || unreadable(labels).isPresent()) return Optional.empty();
        return Optional.of(new Schema(Integer.parseInt(number),
            Integer.parseInt(labels.getOrDefault("bluegreen.schema.lowest", number))));
    }

    private static Optional<String> unreadable(Map<String, String> labels) {
        return Stream.of("bluegreen.schema", "bluegreen.schema.lowest")
            .filter(l -> labels.containsKey(l) && !labels.get(l).matches("[0-9]{1,9}"))
            .map(l -> "label " + l + " says '" + Text.brief(labels.get(l)) + "', where a whole number is expected")
            .findFirst();
    }

    /** Of what is in the two colours, running or not. */
    public static Optional<String> conflict(Config config, Map<String, Container> containers) {
        var blue = Optional.ofNullable(containers.get(config.blueService()));
        var green = Optional.ofNullable(containers.get(config.greenService()));
        return blue.flatMap(b -> green.flatMap(
            g -> conflict("blue (" + b.version() + ")", b.labels(), "green (" + g.version() + ")", g.labels())));
    }

    /**
     * Why two versions cannot share the database; empty when they can, or when one of them says nothing. What cannot be
     * read is a conflict: --force passes it.
     */
    public static Optional<String> conflict(String aName, Map<String, String> a, String bName, Map<String, String> b) {
        if (unreadable(a).isPresent()) return unreadable(a).map(why -> aName + ": " + why);
        if (unreadable(b).isPresent()) return unreadable(b).map(why -> bName + ": " + why);
        var first = of(a);
        var second = of(b);
        if (first.isEmpty() || second.isEmpty()) return Optional.empty();
        boolean firstIsNewer = first.get().number >= second.get().number;
        var newer = firstIsNewer ? first.get() : second.get();
        var older = firstIsNewer ? second.get() : first.get();
        if (newer.lowest <= older.number) return Optional.empty();
        return Optional.of("%s brings the database to schema %d, which versions below %d cannot run on; %s is %d"
            .formatted(firstIsNewer ? aName : bName, newer.number, newer.lowest, firstIsNewer ? bName : aName,
                older.number));
    }
}
