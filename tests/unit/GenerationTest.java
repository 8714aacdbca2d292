package lib.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Version;
import org.junit.jupiter.api.Test;

class GenerationTest {
    @Test void a_generation_is_read_as_it_was_written() {
        var g = new Generation(17, Colour.BLUE, 5, true, Version.of("1.0.1"), Way.INSTANT);
        assertThat(Generation.read(g.json())).contains(g);
        assertThat(Generation.read("{\"active\":\"unknown\",\"generation\":0}").orElseThrow().active()).isNull();
        assertThat(Generation.read("<html>")).isEmpty();
    }

    @Test void only_nginx_s_open_connections_to_the_colour_count_as_held() {
        String table = """
              sl  local_address rem_address   st
               0: 020012AC:9C40 040012AC:0BC0 01 00000000:00000000
               1: 020012AC:9C41 040012AC:0BC0 06 00000000:00000000
               2: 020012AC:9C42 050012AC:0BC0 01 00000000:00000000
               3: 020012AC:9C43 040012AC:0BC1 01 00000000:00000000
            """;
        assertThat(Holding.established(table, List.of("172.18.0.4"), 3008)).isEqualTo(1);
        assertThat(Holding.established(table, List.of("172.18.0.4", "172.18.0.5"), 3008)).isEqualTo(2);
    }
}
