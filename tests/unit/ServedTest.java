package lib.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.core.Colour;
import lib.core.Version;
import lib.journal.Journal;
import org.junit.jupiter.api.Test;

/** Which versions have been good under traffic, and so may be gone back to, by the journals alone. */
class ServedTest {
    private static Journal.Run run(String name, String... lines) {
        return Journal.runs(
            String.join("\n", Arrays.stream(lines).map(l -> "{\"run\":\"" + name + "\"," + l + "}").toList()))
            .getFirst();
    }

    private static Journal.Run deployed(String version, String colour, String... more) {
        return run("deploy-" + version, Arrays.asList(
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"" + version + "\",\"to\":\"" + colour + "\"",
            "\"step\":\"build\",\"phase\":\"done\",\"id\":\"sha256:" + version + "\"",
            String.join("}\n{\"run\":\"deploy-" + version + "\",", more)).toArray(String[]::new));
    }

    private static final String SWITCHED = "\"step\":\"switch\",\"phase\":\"done\"",
        WATCHED = "\"step\":\"watch\",\"phase\":\"done\",\"verdict\":\"pass\"",
        DOUBTFUL = "\"step\":\"watch\",\"phase\":\"done\",\"verdict\":\"inconclusive\"",
        ROLLED_BACK = "\"step\":\"rollback\",\"phase\":\"done\"",
        ENDED = "\"step\":\"run\",\"phase\":\"end\",\"code\":0";

    private final Journal.Run one = deployed("1", "blue", SWITCHED, ENDED);

    @Test void a_deploy_that_was_watched_to_its_end_is_the_way_back_of_the_next() {
        assertThat(Served.before(List.of(one, deployed("2", "green", SWITCHED, WATCHED)), Version.of("2")))
            .contains(new Served("1", Optional.of("sha256:1"), Colour.BLUE));
    }

    @Test void one_that_was_cut_off_rolled_back_or_never_switched_has_not_served() {
        for (var never : List.of(deployed("2", "green", SWITCHED), deployed("2", "green", SWITCHED, ROLLED_BACK),
            deployed("2", "green", SWITCHED, DOUBTFUL),
            deployed("2", "green", "\"step\":\"health\",\"phase\":\"failed\"")))
            assertThat(Served.newestFirst(List.of(one, never))).extracting(Served::version).containsExactly("1");
    }

    @Test void one_that_was_watched_and_rolled_back_later_has_not_served() {
        var resumed = run("abort-2",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"2\",\"to\":\"green\",\"fromVersion\":\"1\"",
            ROLLED_BACK, ENDED);
        assertThat(Served.newestFirst(List.of(one, deployed("2", "green", SWITCHED, WATCHED), resumed)))
            .extracting(Served::version)
            .containsExactly("1");
    }

    @Test void a_deploy_without_a_switch_has_not_served() {
        var stayed = run("deploy-2",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"2\",\"to\":\"green\",\"noSwitch\":true", ENDED);
        assertThat(Served.newestFirst(List.of(one, stayed))).hasSize(1);
    }

    @Test void a_switch_by_name_makes_it_one_that_served() {
        var named = run("switch-1",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"2\",\"to\":\"green\",\"imageId\":\"sha256:2\"",
            SWITCHED);
        assertThat(Served.newestFirst(List.of(one, named))).extracting(Served::version).containsExactly("2", "1");
    }

    @Test
    void one_that_was_cut_off_in_its_watch_has_served_when_it_went_on_for_as_long_as_it_should_have_been_watched() {
        var cut = run("deploy-2",
            "\"at\":\"2026-01-01T10:00:00Z\",\"step\":\"run\",\"phase\":\"begin\",\"version\":\"2\",\"to\":\"green\",\"monitor\":\"120000ms\"",
            "\"at\":\"2026-01-01T10:01:00Z\"," + SWITCHED,
            "\"at\":\"2026-01-01T10:01:30Z\",\"step\":\"run\",\"phase\":\"end\",\"code\":130");
        assertThat(Served.before(List.of(one, cut, after(cut, "10:02:30")), Version.of("3")))
            .hasValueSatisfying(s -> assertThat(s.version()).isEqualTo("1"));
        assertThat(Served.before(List.of(one, cut, after(cut, "10:03:30")), Version.of("3")))
            .hasValueSatisfying(s -> assertThat(s.version()).isEqualTo("2"));
    }

    /** The next deploy, which finds the other one's version serving. */
    private static Journal.Run after(Journal.Run cut, String time) {
        return run("deploy-3",
            "\"at\":\"2026-01-01T" + time
                + "Z\",\"step\":\"run\",\"phase\":\"begin\",\"version\":\"3\",\"to\":\"blue\",\"fromVersion\":\""
                + cut.asked("version") + "\"",
            SWITCHED, WATCHED, ENDED);
    }

    @Test void what_a_script_moved_to_because_the_other_colour_was_dead_is_not_good_for_that() {
        var byItself = run("switch-1",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"2\",\"to\":\"green\",\"byItself\":true", SWITCHED);
        assertThat(Served.newestFirst(List.of(one, byItself))).extracting(Served::version).containsExactly("1");
        var two = deployed("2", "green", SWITCHED, WATCHED);
        assertThat(Served.newestFirst(List.of(two, one, byItself)))
            .as("it was good before, and carried the traffic last")
            .extracting(Served::version)
            .containsExactly("2", "1");
    }

    @Test void an_abort_judges_nothing_the_version_was_good_before() {
        var again = run("deploy-9",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"1\",\"to\":\"blue\",\"fromVersion\":\"2\"", SWITCHED);
        var abort = run("abort-9",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"1\",\"to\":\"blue\",\"fromVersion\":\"2\"", ROLLED_BACK,
            ENDED);
        assertThat(
            Served.before(List.of(one, deployed("2", "green", SWITCHED, WATCHED), again, abort), Version.of("2")))
            .contains(new Served("1", Optional.of("sha256:1"), Colour.BLUE));
    }

    @Test void a_version_that_was_left_for_a_reason_is_no_way_back() {
        var two = deployed("2", "green", SWITCHED, WATCHED);
        var left = run("switch-1",
            "\"step\":\"run\",\"phase\":\"begin\",\"version\":\"1\",\"to\":\"blue\",\"fromVersion\":\"2\",\"reason\":\"5xx\"",
            ROLLED_BACK);
        assertThat(Served.before(List.of(one, two, left), Version.of("1"))).isEmpty();
        assertThat(Served.before(List.of(one, two), Version.of("1")))
            .hasValueSatisfying(s -> assertThat(s.version()).isEqualTo("2"));
    }

    @Test void both_journals_tell_of_each_run_once_as_the_longer_one_does() {
        var known = Map.of(1, deployed("1", "blue"), 2, one);
        assertThat(Journal.all(List.of(known.get(1)), List.of(known.get(2)))).singleElement().isEqualTo(one);
    }
}
