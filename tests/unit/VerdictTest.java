package lib.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import lib.config.Config;
import lib.config.Doubt;
import lib.core.Colour;
import lib.nginx.AccessLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Judging, without an engine. Green is watched; the thresholds are 1 %, 200 ms, twice and 50 ms, 100 requests. */
class VerdictTest {
    private static final Config.Thresholds LIMITS = new Config.Thresholds(Duration.ofMillis(200), 0.01, 0);
    private static final Config.Judging JUDGING = new Config.Judging(2, Duration.ofMillis(50), 100, Doubt.KEEP,
        Doubt.ROLLBACK);
    private static final Sample.Probes GOOD = new Sample.Probes(1, 0, 10, null),
        BAD = new Sample.Probes(0, 1, 0, "HTTP 502");

    /** Requests of one route: so many, of which the first ones fail, all but one in twenty as fast as given. */
    private static Routes requests(String uri, int count, int failed, double ms) {
        return requests(new Routes(), uri, count, failed, 500, ms);
    }

    private static Routes requests(Routes to, String uri, int count, int failed, int status, double ms) {
        for (int i = 0; i < count; i++)
            to.add(new AccessLog(Instant.EPOCH, "green", 7, "GET", uri, i < failed ? status : 200,
                i % 20 == 0 ? ms / 2 : ms, true, List.of("1.2.3.4:3008")));
        return to;
    }

    private static Sample sample(Routes green, Sample.Probes probes) {
        return new Sample(Instant.EPOCH, 2, 7, Map.of(Colour.GREEN, green), probes);
    }

    private static Judgement judgement(Routes before, int samples, IntFunction<Routes> each) {
        var all = new ArrayList<Sample>();
        for (int i = 0; i < samples; i++) all.add(sample(each.apply(i), GOOD));
        return new Judgement(LIMITS, JUDGING, false, Colour.GREEN, Instant.MIN, before, all);
    }
    private static Judgement probed(Sample.Probes... probes) {
        var all = new ArrayList<Sample>();
        for (var p : probes) all.add(sample(new Routes(), p));
        return new Judgement(LIMITS, JUDGING, false, Colour.GREEN, Instant.MIN, new Routes(), all);
    }
    private static final Routes NOTHING = new Routes();

    private static void passes(Judgement j) { assertThat(j.whole()).isInstanceOf(Verdict.Pass.class); }
    private static void fails(Judgement j, String... reasons) {
        assertThat(j.whole()).isInstanceOf(Verdict.Fail.class);
        assertThat(j.whole().text()).contains(reasons);
    }

    @Test void a_good_version_passes_and_says_what_was_seen() {
        var j = judgement(requests("/a", 500, 0, 30), 10, _ -> requests("/a", 100, 0, 32));
        assertThat(j.whole())
            .isEqualTo(
                new Verdict.Pass(List.of("1,000 requests, none failed, p95 32 ms, before 30 ms", "10 probes good")));
    }

    @Test void fewer_requests_than_asked_for_are_inconclusive() {
        assertThat(judgement(NOTHING, 9, _ -> requests("/a", 11, 0, 30)).whole())
            .isInstanceOfSatisfying(Verdict.Inconclusive.class,
                v -> assertThat(v.text()).contains("only 99 requests, 100 are needed"));
        assertThat(judgement(NOTHING, 10, _ -> requests("/a", 10, 0, 30)).whole()).isInstanceOf(Verdict.Pass.class);
    }

    // Failed requests.

    @Test void two_percent_on_one_route_fail_although_the_whole_is_below_one_percent() {
        var j = judgement(NOTHING, 10, _ -> {
            var both = requests("/a/b", 400, 0, 20);
            both.add(requests("/orders/17", 100, 2, 20));
            return both;
        });
        fails(j, "/orders/*: 20 of 1,000 (2.00 %) failed (5xx), allowed are 1.0 %");
        assertThat(j.whole().text()).doesNotContain("all requests").doesNotContain("/a/b");
        assertThat(j.early()).isEmpty();
    }

    @Test void two_failed_of_a_hundred_are_chance_and_so_are_all_of_a_few() {
        passes(judgement(NOTHING, 10, i -> requests("/a", 10, i < 2 ? 1 : 0, 20)));
        assertThat(judgement(NOTHING, 2, _ -> requests("/a", 2, 2, 20)).whole())
            .isInstanceOf(Verdict.Inconclusive.class);
    }

    @Test void one_bad_moment_is_no_verdict_however_many_failed_in_it() {
        passes(judgement(NOTHING, 10, i -> requests("/a", 100, i == 4 || i == 5 ? 60 : 0, 20)));
    }

    @Test void a_route_that_failed_as_often_before_is_not_this_version_s_fault() {
        passes(judgement(requests("/a", 1000, 50, 20), 10, _ -> requests("/a", 100, 5, 20)));
        fails(judgement(requests("/a", 1000, 50, 20), 10, _ -> requests("/a", 100, 9, 20)),
            "before 50 of 1,000 (5.00 %)");
    }

    @Test void a_fifth_of_all_failing_three_times_in_a_row_is_certain_at_once() {
        assertThat(judgement(NOTHING, 2, _ -> requests("/a", 50, 15, 20)).early()).isEmpty();
        assertThat(judgement(NOTHING, 3, _ -> requests("/a", 50, 15, 20)).early()).isPresent();
        assertThat(judgement(NOTHING, 4, i -> requests("/a", 50, i == 2 ? 0 : 15, 20)).early())
            .as("a pause between")
            .isEmpty();
    }

    @Test void five_percent_are_certain_after_five_samples() {
        assertThat(judgement(NOTHING, 4, _ -> requests("/a", 200, 10, 20)).early()).isEmpty();
        assertThat(judgement(NOTHING, 5, _ -> requests("/a", 200, 10, 20)).early()).isPresent();
    }

    @Test void what_the_other_colour_had_to_answer_counts_as_failed() {
        fails(judgement(NOTHING, 5, _ -> {
            var routes = requests("/a", 50, 0, 20);
            for (int i = 0; i < 50; i++)
                routes.addFailedOver(
                    new AccessLog(Instant.EPOCH, "green", 7, "GET", "/a", 200, 5, true, List.of("x", "y")));
            return routes;
        }), "failed (served by blue)");
    }

    private static Routes abandoned(int of, int some, boolean late) {
        var routes = requests("/a", of - some, 0, 20);
        for (int i = 0; i < some; i++)
            routes.addAbandoned(
                new AccessLog(Instant.EPOCH, "green", 7, "GET", "/a", 499, late ? 2500 : 50, false, List.of("x")),
                late);
        return routes;
    }

    @Test void four_percent_that_gave_up_waiting_fail() {
        fails(judgement(NOTHING, 10, _ -> abandoned(100, 4, true)),
            "40 of 1,000 (4.00 %) failed (gave up waiting), allowed are 1.0 %");
        assertThat(abandoned(100, 4, true).all().json().path("gaveUp").asInt()).isEqualTo(4);
        assertThat(abandoned(100, 4, true).all().percentile(100))
            .as("they waited so long at least")
            .isGreaterThan(2400);
    }

    @Test void who_clicks_away_is_nobody_s_fault() {
        passes(judgement(requests("/a", 500, 0, 20), 10, _ -> abandoned(100, 40, false)));
        assertThat(abandoned(100, 40, false).all().percentile(50)).as("no answer, no time").isGreaterThan(15);
    }

    @Test void in_what_ways_they_failed() {
        fails(judgement(NOTHING, 10, _ -> requests(abandoned(100, 4, true), "/a", 100, 4, 503, 20)),
            "failed (5xx, or gave up waiting)");
    }

    @Test void a_route_that_answers_404_now_is_gone() {
        fails(judgement(requests("/a", 500, 0, 20), 5, _ -> requests(new Routes(), "/a", 100, 100, 404, 20)),
            "/a: 500 of 500 (100.00 %) answered 4xx, before 0 of 500");
        passes(judgement(requests("/a", 500, 0, 20), 5, _ -> requests(new Routes(), "/a", 100, 10, 404, 20)));
        passes(judgement(NOTHING, 5, _ -> requests(new Routes(), "/wp-login", 100, 100, 404, 20)));
    }

    // Latency.

    @Test void three_times_slower_fails_below_the_threshold() {
        fails(judgement(requests("/a", 500, 0, 40), 10, _ -> requests("/a", 100, 0, 120)),
            "/a is slower: p95 120 ms, before 40 ms (3.0 times)");
    }

    @ParameterizedTest @CsvSource({"2,6", "30,75", "100,190", "190,199"})
    void what_nobody_feels_or_is_less_than_twice_passes(double before, double now) {
        passes(judgement(requests("/a", 500, 0, before), 10, _ -> requests("/a", 100, 0, now)));
    }

    @Test void over_the_threshold_fails_without_a_before() {
        fails(judgement(NOTHING, 10, _ -> requests("/a", 100, 0, 250)), "all requests: p95 is 25",
            "the threshold 200 ms");
    }

    @Test void a_site_that_was_over_it_before_is_only_compared() {
        passes(judgement(requests("/a", 500, 0, 300), 10, _ -> requests("/a", 100, 0, 320)));
        fails(judgement(requests("/a", 500, 0, 300), 10, _ -> requests("/a", 100, 0, 900)), "/a is slower");
    }

    @Test void thresholds_said_on_the_command_line_hold_however_it_was_before() {
        var slow = judgement(requests("/a", 500, 0, 300), 10, _ -> requests("/a", 100, 0, 320));
        assertThat(slow.whole().text()).contains("(the threshold is 200 ms), before");
        fails(new Judgement(LIMITS, JUDGING, true, Colour.GREEN, Instant.MIN, slow.before(), slow.samples()),
            "all requests: p95 is 32", "the threshold 200 ms");
        var failing = judgement(requests("/a", 1000, 50, 20), 10, _ -> requests("/a", 100, 5, 20));
        fails(new Judgement(LIMITS, JUDGING, true, Colour.GREEN, Instant.MIN, failing.before(), failing.samples()),
            "all requests: 50 of 1,000 (5.00 %)");
    }

    @Test void one_slow_blip_passes_and_a_slow_half_does_not_make_a_slow_whole() {
        passes(judgement(NOTHING, 10, i -> requests("/a", 100, 0, i == 5 || i == 6 ? 3000 : 30)));
        passes(judgement(NOTHING, 10, i -> requests("/a", 100, 0, i < 5 ? 400 : 30)));
        fails(judgement(NOTHING, 10, i -> requests("/a", 100, 0, i < 6 ? 400 : 30)), "p95");
    }

    @Test void eight_seconds_of_slowness_are_a_busy_machine_s_and_ten_are_not() {
        passes(judgement(requests("/a", 500, 0, 20), 4, _ -> requests("/a", 100, 0, 150)));
        fails(judgement(requests("/a", 500, 0, 20), 5, _ -> requests("/a", 100, 0, 150)), "/a is slower");
    }

    @Test void a_slow_start_of_a_cold_version_passes() {
        passes(judgement(requests("/a", 500, 0, 20), 12, i -> requests("/a", 100, 0, i < 5 ? 150 : 22)));
    }

    @Test void the_first_seconds_after_a_switch_are_not_judged_by_their_latency() {
        var all = new ArrayList<Sample>();
        for (int i = 1; i <= 9; i++)
            all.add(new Sample(Instant.ofEpochSecond(2 * i), 2, 7,
                Map.of(Colour.GREEN, requests("/a", 100, 0, i <= 5 ? 900 : 20)), GOOD));
        fails(new Judgement(LIMITS, JUDGING, false, Colour.GREEN, Instant.MIN, NOTHING, all), "p95");
        passes(new Judgement(LIMITS, JUDGING, false, Colour.GREEN, Instant.ofEpochSecond(5), NOTHING, all));
    }

    @Test void far_over_the_threshold_for_twenty_seconds_is_certain() {
        assertThat(judgement(NOTHING, 9, _ -> requests("/a", 100, 0, 900)).early()).isEmpty();
        assertThat(judgement(NOTHING, 10, _ -> requests("/a", 100, 0, 900)).early()).isPresent();
    }

    @Test void few_requests_a_sample_are_judged_together() {
        fails(judgement(requests("/a", 100, 0, 20), 40, _ -> requests("/a", 3, 0, 150)), "/a is slower");
    }

    @Test void a_canary_is_compared_with_the_other_colour_at_the_same_time() {
        var all = new ArrayList<Sample>();
        for (int i = 0; i < 10; i++)
            all.add(new Sample(Instant.EPOCH, 2, 7,
                Map.of(Colour.GREEN, requests("/a", 30, 0, 150), Colour.BLUE, requests("/a", 100, 0, 140)), GOOD));
        passes(new Judgement(LIMITS, JUDGING, false, Colour.GREEN, Instant.MIN, requests("/a", 500, 0, 20), all));
    }

    // Probes.

    @Test void three_dead_samples_in_a_row_are_certain() {
        assertThat(probed(GOOD, BAD, BAD).early()).isEmpty();
        assertThat(probed(GOOD, BAD, BAD, BAD).early().orElseThrow().text())
            .isEqualTo("3 failed probes in a row, the last: HTTP 502");
        assertThat(probed(BAD, BAD, GOOD, BAD).early()).isEmpty();
        assertThat(probed(BAD, BAD, Sample.Probes.NONE, BAD).early())
            .as("one that hangs has not ended yet")
            .isPresent();
    }

    @Test void some_failed_probes_fail_at_the_end_and_one_is_only_told() {
        fails(probed(GOOD, BAD, GOOD, BAD, GOOD, BAD, GOOD, BAD, GOOD, BAD, GOOD),
            "5 of 11 (45.45 %) probes failed, the last: HTTP 502");
        assertThat(probed(GOOD, GOOD, new Sample.Probes(1, 1, 5, "on a kept connection: closed")).whole().text())
            .contains("1 of 4 probes failed: on a kept connection");
    }

    @Test void without_traffic_slow_probes_fail() {
        var slow = new Sample.Probes(1, 0, 900, null);
        fails(probed(slow, slow, slow, GOOD), "the threshold is 200 ms");
        assertThat(probed(GOOD, GOOD, GOOD, slow).whole()).isInstanceOf(Verdict.Inconclusive.class);
    }

    // What it is made of.

    @ParameterizedTest
    @CsvSource({"/,/", "/index.html,/index.html", "/api/orders/17/items,/api/orders", "/orders/17,/orders/*",
        "/u/3f2b8c1e-9a4d-4b6e-8f00-0123456789ab,/u/*", "//x//y,/x", "'/a b/\u001b[31m','/a?b/?[31m'"})
    void a_route_is_the_first_two_segments(String uri, String route) { assertThat(Routes.name(uri)).isEqualTo(route); }

    @Test void a_scan_for_holes_does_not_become_a_thousand_routes() {
        var routes = new Routes();
        for (int i = 0; i < 1000; i++) requests(routes, "/x" + i + "y/z", 1, 0, 500, 5);
        assertThat(routes.byRoute()).hasSize(31);
        assertThat(routes.route(Routes.OTHER).requests()).isEqualTo(970);
        assertThat(routes.all().requests()).isEqualTo(1000);
    }

    @Test void windows_add_up_and_a_websocket_has_no_latency() {
        var one = new Window();
        for (int i = 1; i <= 100; i++) one.add(200, i);
        one.add(101, 3_600_000);
        one.add(503, 1);
        var two = new Window();
        two.add(one);
        two.add(one);
        assertThat(two.requests()).isEqualTo(204);
        assertThat(two.errors5xx()).isEqualTo(2);
        assertThat(two.p95()).isBetween(94.0, 96.0);
        assertThat(two.percentile(100)).isEqualTo(100);
        assertThat(new Window().p95()).isZero();
    }

    @Test void halved_samples_lose_nothing() {
        var samples = new ArrayList<Sample>();
        for (int i = 0; i < 5; i++) samples.add(sample(requests("/a", 10, 1, 20), i == 3 ? BAD : GOOD));
        var half = Sample.halved(samples);
        assertThat(half).hasSize(3);
        assertThat(Sample.sum(half, Colour.GREEN).route("/a").failed()).isEqualTo(5);
        assertThat(half.get(1).probes()).isEqualTo(new Sample.Probes(1, 1, 10, "HTTP 502"));
    }

    /** Wilson's interval: textbook values at 95 %. */
    @ParameterizedTest @CsvSource({"0,10,0", "5,100,0.0215", "20,1000,0.0130", "10,10,0.7225"})
    void the_lowest_share_behind_a_count(long some, long all, double lowest) {
        assertThat(Judgement.lowest(some, all)).isCloseTo(lowest, org.assertj.core.data.Offset.offset(0.0002));
    }
}
