package lib.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import lib.core.Console;
import lib.core.Failure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hint is what works when it is pasted, however the script was called. */
class CalledTest {
    @ParameterizedTest @CsvSource({"deploy,true,jbang switch.java --rollback",
        "bluegreen,true,jbang bluegreen.java switch --rollback", "deploy,false,bluegreen switch --rollback",
        "bluegreen,false,bluegreen switch --rollback"})
    void a_hint_names_the_script_as_it_was_called(String script, boolean isHere, String hint) {
        var bytes = new ByteArrayOutputStream();
        new Console(false, false, Called.as(script, isHere), new PrintStream(bytes, true, StandardCharsets.UTF_8))
            .failure(Failure.usage("no").next("switch --rollback"), false);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("next:  " + hint + "\n");
    }
}
