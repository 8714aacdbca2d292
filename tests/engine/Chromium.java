import java.io.File;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import lib.process.Command;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The system's Chromium, without a window; its console and its requests are kept in the driver's logs. */
final class Chromium {
    private Chromium() {}

    /** The driver is found on PATH, so that Selenium asks no server for one. */
    static ChromeDriver start() throws Exception {
        Logger.getLogger("org.openqa.selenium").setLevel(Level.SEVERE);
        var driver = Command.of(Duration.ofSeconds(5), "sh", "-c", "command -v chromedriver").run().out().strip();
        var service = new ChromeDriverService.Builder().usingDriverExecutable(new File(driver)).build();
        var profile = Files.createTempDirectory("bgtest-chromium");
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(() -> Command.of(Duration.ofSeconds(10), "rm", "-rf", profile.toString()).run()));
        var options = new ChromeOptions()
            .addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--user-data-dir=" + profile);
        options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL"));
        return new ChromeDriver(service, options);
    }
}
