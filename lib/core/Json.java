//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.0
package lib.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/** JSON as the scripts use it: one line out, a tree in. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** Its tables take 35 ms to make, which can be beside the reading of a command line. */
    public static void prepare() { read("{\"ready\":true}"); }

    public static ObjectNode object() { return MAPPER.createObjectNode(); }

    public static JsonNode of(Object value) { return MAPPER.valueToTree(value); }

    public static String line(Map<String, ?> fields) { return of(fields).toString(); }

    /** An object's, as an event takes them. */
    public static Map<String, Object> fields(String object) {
        return MAPPER.convertValue(read(object).orElseThrow(),
            new com.fasterxml.jackson.core.type.TypeReference<Map<String, Object>>() {});
    }

    /** Empty when the text is not JSON. */
    public static Optional<JsonNode> read(String text) {
        try {
            return Optional.ofNullable(MAPPER.readTree(text)).filter(n -> !n.isMissingNode());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
