package container;

import static lib.core.Colour.BLUE;
import static lib.core.Colour.GREEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import lib.docker.Engine;
import lib.nginx.Picture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is seen in one look into Nginx's container. */
class PictureTest {
    private static final String JOURNAL = "/etc/nginx/active/journal.jsonl";
    private static Edge edge;

    @BeforeAll static void up() throws IOException { edge = new Edge(); }
    @AfterAll static void down() { edge.close(); }

    private static Picture whole() { return Picture.of(Engine.here(), edge.nginx.getContainerId()); }

    private static void journal(String line) { edge.nginx.sh("printf '%s' '" + line + "' >" + JOURNAL); }

    @Test void the_generations_the_journal_and_who_holds_the_lock() {
        edge.serve(GREEN, false);
        journal("{\"run\":\"deploy-1\",\"step\":\"run\",\"phase\":\"begin\"}\n");
        var seen = whole();
        assertThat(seen.disk()).isEqualTo(new Picture.Disk(edge.serving().number(), edge.serving().number()));
        assertThat(seen.runs()).singleElement().satisfies(run -> assertThat(run.name()).isEqualTo("deploy-1"));
        assertThat(seen.holder()).isPresent();
    }

    /** A crash while it was written. */
    @Test void a_torn_last_line_of_the_journal_hides_nothing_behind_it() throws IOException {
        edge.serve(GREEN, true);
        edge.get("/");
        journal("{\"run\":\"deploy-1\",\"step\":\"run\",\"phase\":\"begin\"}\n{\"run\":\"dep");
        assertThat(whole().runs()).hasSize(1);
        assertThat(whole().requests()).isPresent();
    }

    @Test void the_newest_requests_while_nginx_may_fail_over() throws Exception {
        edge.serve(BLUE, true);
        edge.get("/newest");
        Thread.sleep(1200);             // Nginx keeps a line back for a second
        assertThat(whole().requests().orElseThrow().lines().getLast()).contains("\"uri\":\"/newest\"");
        edge.serve(BLUE, false);
        assertThat(whole().requests()).isEmpty();
    }

    /** A failover may be over: what is seen should reach back some seconds. */
    @Test void of_a_busy_site_more_requests_are_seen_of_the_rotated_file_as_well() {
        String now = "$(date +%s).5", longAgo = "1000.5";
        assertThat(newest(3000, now)).hasSize(5000).startsWith("old").endsWith("new");
        assertThat(newest(3000, longAgo)).hasSize(1000).containsOnly("new");
        assertThat(newest(400, now)).hasSize(800).startsWith("old");
    }

    /** From a file that was rotated and the one that is written, of so many lines each. */
    private static List<String> newest(int each, String at) {
        String fill = "fill() { yes '\"at\":'" + at + "' '$2 | head -n " + each + " >$1; }; ";
        return edge
            .nginx.sh("mkdir -p /tmp/logs && cd /tmp/logs && " + fill
                + "fill access.jsonl.1 old; fill access.jsonl new; LOGS=/tmp/logs sh " + Edge.SCRIPTS
                + "logs.sh newest")
            .lines()
            .skip(1)
            .map(line -> line.substring(line.indexOf(' ') + 1))
            .toList();
    }

    @Test void a_link_that_leads_nowhere() {
        edge.serve(BLUE, true);
        long number = edge.serving().number();
        edge.nginx.sh("cd /etc/nginx/active && ln -sfn gen-999 current");
        try {
            assertThat(whole().disk()).isEqualTo(new Picture.Disk(0, number));
        } finally {
            edge.nginx.sh("cd /etc/nginx/active && ln -sfn gen-" + number + " current");
        }
    }
}
