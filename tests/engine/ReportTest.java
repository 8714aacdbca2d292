import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import lib.config.Config;
import lib.core.Json;
import lib.process.Command;
import lib.report.Recorded;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.print.PrintOptions;

/** The report as a browser shows it, from a recorded deploy under load that was rolled back. */
class ReportTest {
    @TempDir static Path project;
    private static ChromeDriver page;
    private static Path report;

    @BeforeAll static void open() throws Exception {
        Files.writeString(project.resolve("bluegreen.yaml"), "app: shop\n");
        var config = Config.load(project, Map.of());
        Recorded.first(config);
        report = Recorded.deploy(config, false).report();
        page = Chromium.start();
        show(1000, "light", "screen");
    }
    @AfterAll static void close() { if (page != null) page.quit(); }

    private static void show(int width, String scheme, String media) {
        page.executeCdpCommand("Emulation.setDeviceMetricsOverride",
            Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 600));
        page.executeCdpCommand("Emulation.setEmulatedMedia",
            Map.of("media", media, "features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        page.get(report.toUri().toString());
    }
    private static long number(String script) { return ((Number) page.executeScript("return " + script)).longValue(); }
    private static List<String> requests() {
        return page.manage().logs()
            .get("performance")
            .getAll()
            .stream()
            .map(LogEntry::getMessage)
            .flatMap(m -> Json.read(m).stream())
            .filter(n -> n.at("/message/method").asText().equals("Network.requestWillBeSent"))
            .map(n -> n.at("/message/params/request/url").asText())
            .toList();
    }

    @Test void it_says_what_happened() {
        show(1000, "light", "screen");
        assertThat(page.findElement(By.tagName("h1")).getText()).isEqualTo("blue 1.0.0 → green 2.0.0 → blue 1.0.0");
        assertThat(page.findElement(By.className("lead")).getText())
            .isEqualTo("741 failed, verdict fail, back on blue.");
        assertThat(page.findElement(By.className("why")).getText())
            .startsWith("2.0.0 was rolled back: 1.9 % of green's requests failed");
        assertThat(page.findElement(By.tagName("body")).getText())
            .contains("migrate: nothing left to do")
            .contains(Recorded.GREEN_ID)
            .contains("Nothing changed in bluegreen.yaml");
    }

    @Test void nothing_is_fetched_and_the_console_is_silent() {
        requests();                                    // of the tests before
        page.manage().logs().get("browser");
        show(1000, "light", "screen");
        assertThat(requests()).isNotEmpty().containsOnly("file://" + report);
        assertThat(page.manage().logs().get("browser").getAll()).isEmpty();
        assertThat(number("performance.getEntriesByType('resource').length")).isZero();
    }

    @Test void the_charts_hold_every_tick_with_its_numbers() throws Exception {
        show(1000, "light", "screen");
        var first = Json.read(Files.readAllLines(
            project.resolve(".deployment/metrics").resolve(report.getFileName().toString().replace(".html", ".jsonl")))
            .getFirst()).orElseThrow();
        for (String chart : List.of("traffic", "latency", "errors")) {
            assertThat(number("document.querySelectorAll('#" + chart + " svg.wide .hit').length"))
                .as(chart)
                .isEqualTo(34);
            assertThat(number("document.querySelectorAll('#" + chart + " svg.wide .mark').length"))
                .as(chart + ": switch and rollback")
                .isEqualTo(2);
        }
        assertThat(
            page.executeScript("return document.querySelector('#latency .wide .hit title').textContent").toString())
            .contains("p95 " + first.at("/blue/p95").asText() + " ms");
        assertThat(number(
            "[...document.querySelectorAll('table.n tbody tr')].reduce((sum, row) => sum + Number(row.cells[7].textContent), 0)"))
            .as("5xx in the table")
            .isEqualTo(741);
        assertThat(number("document.querySelectorAll('#errors svg.wide .bar.e5').length")).isEqualTo(14);
        assertThat(page.executeScript(
            "return [...document.querySelectorAll('#traffic svg.wide text')].map(t => t.textContent)").toString())
            .contains("req/s", "blue 1.0.0", "green 2.0.0", "switch", "rollback", "time from the switch");
    }

    private static Command.Result status(Path folder, Map<String, String> environment) {
        return Command.of(Duration.ofMinutes(1), Bluegreen.HOME.resolve("bluegreen").toString(), "status", "-C",
            folder.toString(), "--open").with(environment).run();
    }

    @Test void status_open_opens_the_last_report_or_says_where_it_is(@TempDir Path empty) throws Exception {
        var nowhere = Map.of("DISPLAY", "", "WAYLAND_DISPLAY", "");
        assertThat(status(empty, nowhere)).satisfies(said -> {
            assertThat(said.code()).isEqualTo(3);
            assertThat(said.out()).contains("there is no report yet").contains("--version VERSION");
        });
        assertThat(status(project, nowhere)).satisfies(said -> {
            assertThat(said.code()).isZero();
            assertThat(said.out()).contains("report  " + report).contains("no browser");
        });
        Path opener = empty.resolve("xdg-open");
        Files.writeString(opener, "#!/bin/sh\necho \"$1\" >" + empty.resolve("opened") + "\n");
        opener.toFile().setExecutable(true);
        assertThat(status(project, Map.of("DISPLAY", ":1", "PATH", empty + ":" + System.getenv("PATH"))).out())
            .contains("report  " + report)
            .doesNotContain("no browser");
        assertThat(Files.readString(empty.resolve("opened"))).isEqualTo(report + "\n");
    }

    /** Luminance as WCAG 2 defines it; every element with text of its own, against the ground behind it. */
    private static final String POOR_CONTRAST = """
        const rgb = s => (s.match(/[\\d.]+/g) || []).map(Number);
        const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
        const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length == 3 || c[3] > 0) return c; } };
        const all = [...document.querySelectorAll('main *')].filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) && e.getClientRects().length && e.tagName != 'title');
        if (all.length < 150) throw new Error('only ' + all.length + ' elements');
        return all.map(e => { const a = light(rgb(e instanceof SVGElement ? getComputedStyle(e).fill : getComputedStyle(e).color)), b = light(ground(e));
            return [e.textContent, (Math.max(a, b) + .05) / (Math.min(a, b) + .05)]; }).filter(r => !(r[1] >= 4.5)).map(r => r.join(': '));
        """;

    @ParameterizedTest @ValueSource(strings = {"light", "dark"})
    void text_has_the_contrast_of_WCAG_AA(String scheme) {
        show(1000, scheme, "screen");
        assertThat(page.executeScript("return getComputedStyle(document.body).backgroundColor"))
            .isEqualTo(scheme.equals("light") ? "rgb(255, 255, 255)" : "rgb(15, 17, 21)");
        assertThat((List<?>) page.executeScript(POOR_CONTRAST)).isEmpty();
    }

    @ParameterizedTest @CsvSource({"320,narrow,wide", "390,narrow,wide", "1000,wide,narrow"})
    void it_fits_its_width(int width, String drawn, String not) {
        show(width, "dark", "screen");
        assertThat(number("document.documentElement.scrollWidth"))
            .isEqualTo(number("document.documentElement.clientWidth"))
            .isBetween(width - 20L, (long) width);
        assertThat(number("document.querySelectorAll('svg." + drawn + "').length")).isEqualTo(3);
        assertThat(page.findElement(By.cssSelector("#traffic svg." + drawn)).isDisplayed()).isTrue();
        assertThat(page.findElement(By.cssSelector("#traffic svg." + not)).isDisplayed()).isFalse();
        assertThat(number("Math.round(10 * Math.min(...[...document.querySelectorAll('svg." + drawn
            + " text')].map(t => t.getBoundingClientRect().height)))"))
            .as("a tenth of px, of the lowest text")
            .isGreaterThanOrEqualTo(100);
    }

    @Test void it_prints_dark_on_white_even_from_a_dark_screen() {
        show(1000, "dark", "print");
        assertThat(page.executeScript("return getComputedStyle(document.body).backgroundColor"))
            .isEqualTo("rgb(255, 255, 255)");
        page.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("media", "screen"));
        var pdf = Base64.getDecoder().decode(page.print(new PrintOptions()).getContent());
        assertThat(new String(pdf, 0, 5, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        assertThat(pdf.length).isGreaterThan(20_000);
    }
}
