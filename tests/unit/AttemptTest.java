package lib.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.config.Way;
import lib.core.Colour;
import lib.core.Version;
import lib.docker.Image;
import lib.journal.Journal;
import lib.nginx.Generation;
import lib.nginx.Picture;
import lib.stack.Stack;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which deploy can be resumed or aborted, by the journal alone. */
class AttemptTest {
    private static final Attempt ATTEMPT = new Attempt("2", Colour.GREEN, new Image.Source.Build(), false, Way.RELOAD,
        Duration.ofSeconds(90), true,
        Optional.of(Version.of("1")), Optional.of(new Attempt.Was("sha256:old", Version.of("0"), true)), true, 7);

    @TempDir Path project;
    private Config config;
    private Journal journal;

    @BeforeEach void begun() {
        config = Config.load(project, Map.of());
        journal = Journal.of(config, "deploy");
        journal.write("run", "begin", without(ATTEMPT.facts()));
        journal.write("build", "begin", Map.of());
        journal.write("build", "done", Map.of("id", "sha256:new"));
    }

    /** The picture with a generation that serves now. */
    private Observed live(long number) {
        var serving = Generation.all(number, Colour.BLUE, true, Version.of("1"), Way.INSTANT);
        return new Observed(new Stack(config), serving, Map.of(), new State.Read.Missing(),
            () -> new Picture(Map.of()), () -> new Observed.Journals(Journal.runs(config), Optional.empty()));
    }

    private static Map<String, Object> without(Map<String, Object> facts) {
        facts.values().removeIf(v -> v == null);
        return facts;
    }

    @Test void a_deploy_that_was_killed_is_found_with_all_it_set_out_to_do() {
        journal.write("start", "begin", Map.of());
        var cut = Attempt.interrupted(live(7)).orElseThrow();
        assertThat(cut.attempt()).isEqualTo(ATTEMPT);
        assertThat(cut.where()).isEqualTo("at start");
        assertThat(cut.imageId()).contains("sha256:new");
    }

    /** As it was noted before there was a fact of its own for it, too. */
    @ParameterizedTest @CsvSource({"false,,false", "true,,true", ",null,false", ",1,false", ",,true"})
    void what_served_without_a_known_version_is_not_nothing(String first, String fromVersion, boolean nothing)
        throws IOException {
        var other = Config.load(Files.createDirectory(project.resolve("other")), Map.of());
        var facts = ATTEMPT.facts();
        facts.put("first", first);
        facts.put("fromVersion", fromVersion);
        Journal.of(other, "deploy").write("run", "begin", without(facts));
        var read = Attempt.lastUndone(Journal.runs(other)).orElseThrow().attempt();
        assertThat(read.first()).isEqualTo(nothing);
        assertThat(read.fromVersion().filter(Version::isKnown))
            .isEqualTo(
                Optional.ofNullable(fromVersion).filter(v -> !v.equals("null")).map(Version::of));
    }

    @Test void one_that_a_signal_ended_is_interrupted_as_well() {
        journal.write("run", "end", Map.of("code", 143));
        assertThat(Attempt.interrupted(live(7)))
            .hasValueSatisfying(c -> assertThat(c.where()).isEqualTo("after build"));
    }

    @Test void one_that_failed_has_told_so_but_can_be_undone() {
        journal.write("run", "end", Map.of("code", 5));
        assertThat(Attempt.interrupted(live(7))).isEmpty();
        assertThat(Attempt.undone(live(7))).isPresent();
    }

    @Test void one_that_came_to_its_end_is_neither() {
        journal.write("run", "end", Map.of("code", 0));
        assertThat(Attempt.undone(live(7))).isEmpty();
    }

    @Test void a_rollback_is_an_end() {
        journal.write("run", "end", Map.of("code", 6));
        assertThat(Attempt.undone(live(7))).isEmpty();
    }

    @Test void a_switch_since_then_has_made_it_stale_but_not_one_that_was_refused() {
        var other = Journal.of(config, "switch");
        other.write("run", "begin", Map.of("to", "blue"));
        assertThat(Attempt.undone(live(7))).isPresent();
        other.write("switch", "begin", Map.of("generation", 8));
        assertThat(Attempt.undone(live(7))).isEmpty();
    }

    @Test void somebody_elses_generation_has_made_it_stale_but_not_one_of_its_own() {
        journal.write("switch", "begin", Map.of("generation", 8));
        assertThat(Attempt.undone(live(8))).isPresent();
        assertThat(Attempt.undone(live(9))).isEmpty();
    }

    @Test void what_its_own_abort_and_a_trial_in_the_standby_installed_is_nobody_elses() {
        var abort = Journal.of(config, "abort");
        abort.write("run", "begin", without(ATTEMPT.facts()));
        abort.write("rollback", "done", Map.of("generation", 8));
        Journal.of(config, "smoke").write("failover", "done", Map.of("generation", 9));
        assertThat(Attempt.undone(live(8))).isPresent();
        assertThat(Attempt.undone(live(9))).isPresent();
        assertThat(Attempt.undone(live(10))).isEmpty();
    }

    @Test void cut_off_again_after_a_resume_it_goes_on_from_where_that_one_began() {
        journal.write("switch", "done", Map.of("generation", 8));
        var cut = Attempt.undone(live(8)).orElseThrow().attempt();
        var again = Journal.runs(without(cut.from(live(8).serving()).facts())
            .entrySet()
            .stream()
            .map(e -> "\"" + e.getKey() + "\":\"" + e.getValue() + "\"")
            .collect(java.util.stream
                .Collectors.joining(",", "{\"run\":\"deploy-9\",\"step\":\"run\",\"phase\":\"begin\",", "}")));
        assertThat(Attempt.lastUndone(again).orElseThrow().isSuperseded(live(8).serving())).isFalse();
        assertThat(Attempt.lastUndone(again).orElseThrow().isSuperseded(live(9).serving())).isTrue();
    }

    @Test void hooks_on_the_way_are_not_run_again_but_those_of_its_end_are() {
        for (String hook : List.of("pre-deploy", "post-switch", "on-failure", "post-rollback"))
            journal.write("hook", "done", Map.of("hook", hook));
        assertThat(Attempt.undone(live(7)).orElseThrow().hooks())
            .containsExactlyInAnyOrder("pre-deploy", "post-switch");
    }

    @Test void a_standby_that_was_put_back_is_nothing_to_be_told_of_but_may_be_resumed() {
        journal.write("restore", "done", Map.of());
        journal.write("run", "end", Map.of("code", 130));
        assertThat(Attempt.interrupted(live(7))).isEmpty();
        assertThat(Attempt.undone(live(7))).isPresent();
    }

    @Test void a_step_beside_another_leaves_the_other_one_in_hand() {
        journal.write("drain", "begin", Map.of());
        journal.write("watch", "begin", Map.of());
        journal.write("drain", "done", Map.of());
        assertThat(Attempt.interrupted(live(7)).orElseThrow().where()).isEqualTo("at watch");
    }

    @Test void an_abort_that_was_killed_itself_leaves_it_to_be_aborted_again() {
        var abort = Journal.of(config, "abort");
        abort.write("run", "begin", without(ATTEMPT.facts()));
        assertThat(Attempt.undone(live(7))).isPresent();
        abort.write("run", "end", Map.of("code", 0));
        assertThat(Attempt.undone(live(7))).isEmpty();
    }
}
