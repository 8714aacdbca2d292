package lib.docker;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a list is narrowed to: one of the values. */
record Filter(String name, List<String> values) {
    /** @param filters NAME=VALUE, as docker's --filter takes them */
    static List<Filter> of(String... filters) {
        var values = Collectors.mapping((String[] f) -> f[1], Collectors.toList());
        Map<String, List<String>> byName = Arrays.stream(filters)
            .map(f -> f.split("=", 2))
            .collect(Collectors.groupingBy(f -> f[0], LinkedHashMap::new, values));
        return byName.entrySet().stream().map(e -> new Filter(e.getKey(), e.getValue())).toList();
    }
}
