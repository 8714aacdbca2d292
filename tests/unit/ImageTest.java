package lib.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import lib.core.Json;
import lib.journal.Journal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTest {
    private static Journal.Run run(String name, String... lines) {
        return Journal.Run.of(name, List.of(lines).stream().map(l -> Json.read(l).orElseThrow()).toList());
    }
    private static String built(String id) { return "{\"step\":\"build\",\"phase\":\"done\",\"id\":\"" + id + "\"}"; }

    @Test void the_images_that_deploys_used_are_listed_the_last_use_first() {
        var runs = List.of(run("deploy-1", built("a")), run("deploy-2", built("b")), run("smoke-3", built("c")),
            run("switch-4", "{\"step\":\"switch\",\"phase\":\"done\"}"),
            run("deploy-5", built("a")), run("deploy-6", "{\"step\":\"build\",\"phase\":\"failed\"}"),
            run("deploy-7", "{\"step\":\"build\",\"phase\":\"done\"}"));
        assertThat(OldImages.usedNewestFirst(runs)).containsExactly("a", "b");
        assertThat(OldImages.usedNewestFirst(List.of())).isEmpty();
    }

    @Test void the_image_of_the_way_back_stays_however_many_deploys_were_cut_off_since() {
        String begin = "{\"step\":\"run\",\"phase\":\"begin\",\"version\":\"%s\",\"to\":\"blue\"}";
        var runs = List.of(
            run("deploy-1", begin.formatted("1"), built("good"),
                "{\"step\":\"watch\",\"phase\":\"done\",\"verdict\":\"pass\"}"),
            run("deploy-2", begin.formatted("2"), built("b")), run("deploy-3", begin.formatted("3"), built("c")));
        assertThat(OldImages.usedNewestFirst(runs)).containsExactly("good", "c", "b");
    }

    @ParameterizedTest @CsvSource({"2026-11-25T01:45:08.02Z,0001-01-01T00:00:00Z,2026-11-25T01:45:08.02Z",
        "2026-11-25T01:45:08Z,2026-11-25T03:00:00.5+01:00,2026-11-25T02:00:00.5Z",
        "'',2026-11-25T02:00:00Z,2026-11-25T02:00:00Z", "'','',1970-01-01T00:00:00Z"})
    void an_image_is_as_new_as_the_later_of_its_build_and_its_last_name(String created, String tagged, Instant at) {
        var image = Json.read(
            "{\"Id\":\"a\",\"Created\":\"" + created + "\",\"Metadata\":{\"LastTagTime\":\"" + tagged + "\"}}")
            .orElseThrow();
        assertThat(OldImages.Dated.of(image)).isEqualTo(new OldImages.Dated("a", at));
    }
}
