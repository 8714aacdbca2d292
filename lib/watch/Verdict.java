package lib.watch;

import java.util.List;
import java.util.Locale;

/** What watching came to. Each reason is a sentence for a person. */
public sealed interface Verdict {
    List<String> reasons();
    record Pass(List<String> reasons) implements Verdict {}
    record Fail(List<String> reasons) implements Verdict {}
    /** Too little was seen to say. */
    record Inconclusive(List<String> reasons) implements Verdict {}

    /** Nothing was seen: neither the log nor the engine could be read. It says nothing about the version. */
    record Unwatched(List<String> reasons) implements Verdict {}

    /** "pass", "fail", "unwatched" or "inconclusive", as in the metrics. */
    default String name() { return getClass().getSimpleName().toLowerCase(Locale.ROOT); }
    default String text() { return String.join("; ", reasons()); }

    static Fail fail(String... reasons) { return new Fail(List.of(reasons)); }
    static Unwatched unwatched(String... reasons) { return new Unwatched(List.of(reasons)); }
    static Inconclusive inconclusive(String... reasons) { return new Inconclusive(List.of(reasons)); }
}
