package lib.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import lib.core.LocalPort;
import lib.core.Size;

/** What a value must look like, in words and as a check, and what it is read as. */
public record Type<T>(String says, Predicate<String> accepts, Function<String, T> read, Secret secret) {

    static final Type<String> TEXT = text("a text", "(?s).*");
    /** Of a key whose values have names below it. */
    static final Type<String> NAMES = text("names with values", "");
    static final Type<String> NAME = text("a name: letters, digits, . _ - and /", "[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}");
    static final Type<String> PATH = text("a path", "\\P{Cntrl}{1,400}");
    /** Empty: nothing is built. A folder of that name is ./none. */
    static final Type<Optional<String>> CONTEXT = text("a path, or none", "\\P{Cntrl}{1,400}")
        .as(text -> text.equals("none") ? Optional.empty() : Optional.of(text));
    // Both go into Nginx's configuration: nothing that means something there, or to sed.
    // Nginx escapes a % of a path again.
    static final Type<String> URL_PATH = text(
        "a path that begins with /, of letters, digits, . _ ~ - and /, perhaps with ?query",
        "/[A-Za-z0-9._~/-]{0,400}(\\?([A-Za-z0-9._~/=&-]|%[0-9A-Fa-f]{2}){0,400})?");
    static final Type<String> URL_FOLDER = text(
        "a folder such as /static/: begins and ends with /, of letters, digits, . _ ~ - and /",
        "/((?!\\.\\.?/)[A-Za-z0-9._~-]{1,100}/){1,20}");
    static final Type<String> WEBHOOK = new Type<>("an address that begins with https:// or http://",
        matches("https?://[^\\s/]+\\S*"), text -> text, Secret.ALL);      // the rest of such an address is its password

    static final Type<Integer> PORT = number("a port from 1 to 65535", "[1-9][0-9]{0,4}").where(Type::isPort);
    static final Type<String> BIND = text("a port, or ADDRESS:PORT",
        "([0-9.]+:|\\[[0-9a-fA-F:]+\\]:)?[1-9][0-9]{0,4}").where(Type::isPort);
    static final Type<Integer> COUNT = number("a number from 2 to 999", "[2-9]|[1-9][0-9]{1,2}");
    static final Type<Integer> NUMBER = number("a number from 1 to 999999", "[1-9][0-9]{0,5}");
    static final Type<Integer> STATUS = number("an HTTP status from 200 to 599", "[2-5][0-9]{2}");
    static final Type<Long> SIZE = text("a size such as 500MB, 5GB", "(?i)[0-9]{1,15}(\\.[0-9]{1,6})?\\s?[KMGT]?i?B")
        .as(Size::parse);
    static final Type<Boolean> ON_OFF = text("on or off", "on|off|true|false")
        .as(text -> text.equals("on") || text.equals("true"));
    static final Type<Double> SHARE = text("a percentage from 0% to 100%", "(100|[0-9]{1,2}(\\.[0-9]+)?)%?")
        .as(text -> Double.parseDouble(text.replace("%", "")) / 100);
    static final Type<Double> FACTOR = text("a factor above 1, such as 2x or 1.5x",
        "([2-9]|[1-9][0-9]{1,2}|[1-9][0-9]?\\.[0-9]{1,2})x?").as(text -> Double.parseDouble(text.replace("x", "")));

    static final Type<Duration> TIME = text("a duration such as 500ms, 30s, 3m, 24h",
        "(?=.)(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?(?:\\d+ms)?").as(Config::duration);
    static final Type<Duration> PATIENCE = TIME.within("a duration from 1s to 24h",
        time -> time.toSeconds() >= 1 && time.compareTo(Duration.ofHours(24)) <= 0);
    /** Empty: for ever. */
    static final Type<Optional<Duration>> STAY = text("always, stopped, or a duration such as 30m",
        "always|stopped|(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?").as(text -> switch (text) {
            case "always" -> Optional.empty();
            case "stopped" -> Optional.of(Duration.ZERO);
            default -> Optional.of(Config.duration(text));
        });

    static final Type<List<String>> PATHS = text("a list of paths", "[\\P{Cntrl}\n]{0,4000}").as(Type::list);
    static final Type<List<String>> URL_PATHS = PATHS.within(
        "a list of paths that begin with /, of letters, digits, . _ ~ - and /",
        paths -> paths.stream().allMatch(path -> path.matches("/[A-Za-z0-9._~/-]{0,400}")));
    static final Type<List<String>> NETWORKS = PATHS.within("a list of networks such as 10.0.0.0/8, or addresses",
        networks -> networks.stream().allMatch(Network::isOne));
    static final Type<List<String>> HOSTS = PATHS.within("a list of host names such as shop.example or *.shop.example",
        names -> names.stream().allMatch(n -> n.matches("(\\*[.])?[A-Za-z0-9-]{1,63}([.][A-Za-z0-9-]{1,63}){1,9}")));
    static final Type<List<String>> NAME_LIST = text("a list of names: letters, digits, . _ and -",
        "([A-Za-z0-9._-]|,|\\s){0,2000}").as(Type::list);
    /** An argument may have a comma, so only YAML gives more than the executable. */
    static final Type<List<String>> COMMAND = new Type<>("an executable, or a list: the executable and its arguments",
        matches("(?s).*"), text -> text.isBlank() ? List.of() : List.of(text.split("\n")), Secret.ARGUMENTS);

    /** @param range of it, in words */
    static Type<Long> size(long least, long most, String range) {
        return SIZE.within("a size such as 16MiB, " + range, bytes -> bytes >= least && bytes <= most);
    }

    /** A list of some of these words, as they are written. */
    static Type<List<String>> some(int most, String... words) {
        return text("a list of " + String.join(", ", words),
            "(" + String.join("|", words) + "|,|\\s){0," + most + "}").as(Type::list);
    }

    /** Exactly one of these, as it is printed. */
    @SafeVarargs static <T> Type<T> oneOf(T... values) {
        Map<String, T> named = new LinkedHashMap<>();
        for (T value : values) named.put(value.toString(), value);
        var words = List.copyOf(named.keySet());
        return new Type<>(String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast(),
            named::containsKey, named::get, Secret.NOTHING);
    }

    /** The same, and nothing may be given, too. */
    Type<Optional<T>> orNone() {
        return new Type<>(says, text -> text.isEmpty() || accepts.test(text),
            text -> text.isEmpty() ? Optional.empty() : Optional.of(read.apply(text)), secret);
    }

    private <U> Type<U> as(Function<T, U> then) { return new Type<>(says, accepts, read.andThen(then), secret); }
    private Type<T> where(Predicate<String> too) { return new Type<>(says, accepts.and(too), read, secret); }

    /** Some of its values. */
    private Type<T> within(String says, Predicate<T> fits) {
        return new Type<>(says, text -> accepts.test(text) && fits.test(read.apply(text)), read, secret);
    }

    private static Type<String> text(String says, String pattern) {
        return new Type<>(says, matches(pattern), text -> text, Secret.NOTHING);
    }
    private static Type<Integer> number(String says, String pattern) {
        return text(says, pattern).as(Integer::valueOf);
    }
    private static Predicate<String> matches(String pattern) { return Pattern.compile(pattern).asMatchPredicate(); }
    private static boolean isPort(String text) {
        return LocalPort.number(text) <= 65535;
    }
    /** A YAML list comes with an item a line; in a flag or variable, commas part them. */
    private static List<String> list(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s*[,\n]\\s*"));
    }
}
