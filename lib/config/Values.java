package lib.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was given, as texts by key, each checked; what comes later wins. */
final class Values {
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, List<Values>> lists = new HashMap<>();

    /** Each field as it is where nobody says anything. */
    static Values unset(List<Field<?>> fields) {
        var values = new Values();
        fields.forEach(f -> values.set(f.name(), f.fallback()));
        return values;
    }

    String text(String name) { return texts.get(name); }

    /** By what follows the prefix. */
    Map<String, String> under(String prefix) {
        var all = new LinkedHashMap<String, String>();
        texts.forEach((name, text) -> { if (name.startsWith(prefix)) all.put(name.substring(prefix.length()), text); });
        return Map.copyOf(all);
    }

    List<Values> items(String name) { return lists.getOrDefault(name, List.of()); }

    /** @param where for the person: "bluegreen.yaml line 3" */
    void put(String name, String text, String where) {
        switch (Keys.find(name).orElseThrow(() -> Keys.unknown(name, where))) {
            case Key.Single(var field, _) -> field.check(name, text, where);
            case Key.Names names -> names.check(name, text, where);
            case Key.Items _ -> throw Keys.unknown(name, where);
        }
        set(name, text);
    }

    /** What was checked already. */
    void set(String name, String text) { texts.put(name, text); }

    /** The whole list, so that an environment's replaces another. */
    void set(String name, List<Values> items) { lists.put(name, items); }

    void putAll(Values later) {
        texts.putAll(later.texts);
        lists.putAll(later.lists);
    }
}
