package lib.init;

import java.util.List;
import java.util.Optional;

/** What a person gave by flags; what is empty is looked for, and asked for where nothing tells. */
public record Asked(Optional<String> name, Optional<String> service, Optional<Integer> port, Optional<String> health,
    Optional<String> http, Optional<String> https, List<String> hosts, Optional<List<String>> follow) {

    /** Of what no file tells: a terminal's answer, or a failure that names the flag. */
    public interface Question { String ask(String what, String flag, String proposed); }
}
