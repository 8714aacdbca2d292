package lib.config;

import lib.core.Failure;
import lib.core.Text;

/** A value under a key of its own, or in each item of a list. {@code fallback}: the text where nobody gives one. */
public record Field<T>(String name, Type<T> type, String fallback, String meaning) {

    T in(Values values) { return type.read().apply(values.text(name)); }

    /** @param shown the name to call it by; @param where for the person: "bluegreen.yaml line 3" */
    void check(String shown, String text, String where) {
        if (type.accepts().test(text)) return;
        String wrong = type.secret() == Secret.ALL ? "not an address" : "'" + Text.brief(text) + "'";
        throw Failure.usage(where + ": " + shown + " is " + wrong, "it must be " + type.says());
    }
}
