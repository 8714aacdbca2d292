package container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Taking the lock, while the picture that comes with it is slow, torn or cut off. */
class TakeTest {
    private static final String LOCK = "sh " + Edge.SCRIPTS + "lock.sh ", NOTE = "{\"token\":\"ours\"}";
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }
    @BeforeEach void nobody_holds_it() { edge.nginx.sh(LOCK + "seize"); }

    private static void picture(String script) {
        edge.nginx.sh("printf '%s' \"" + script + "\" >" + Edge.SCRIPTS + "picture.sh");
    }

    /** What it says before it waits for a line of the journal. */
    private static String taken(String verb) {
        return edge.nginx.sh("{ echo '" + NOTE + "'; sleep 1; } | " + LOCK + verb);
    }

    @Test void what_ends_within_a_line_leaves_the_note_a_line_of_its_own() {
        picture("printf '{torn'");
        assertThat(taken("take").lines()).containsExactly("{torn", NOTE);
    }

    @Test void one_that_fails_is_no_lock_lost() {
        picture("echo '## generations'; exit 1");
        assertThat(taken("take").lines()).last().isEqualTo(NOTE);
    }

    @Test void who_looks_at_it_can_be_seized() {
        picture("sleep 8");
        String said = edge
            .nginx.sh("{ echo '" + NOTE + "'; sleep 9; } | " + LOCK + "take & sleep 0.5; " + LOCK
                + "seize; echo seized $?; " + LOCK + "holder || echo free");
        assertThat(said.lines()).containsExactly("seized 0", "free");
    }

    @Test void a_checkout_of_an_older_version_gets_its_note_back_first() {
        picture("echo '## generations'");
        assertThat(taken("hold").lines()).containsExactly(NOTE);
    }
}
