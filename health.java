///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES lib/all.java

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.Callable;
import lib.cli.Cli;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.http.Probe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "health",
    description = "Probe one URL until it is healthy. A 200 from the wrong version is not healthy.",
    footer = "  health http://127.0.0.1:3010 --expect-version 1.0.1 --expect-deployment green")
class Health implements Callable<Integer> {
    @Parameters(paramLabel = "URL", description = "without a path: /api/health")
    String given;
    @Option(names = "--timeout", defaultValue = "30s", paramLabel = "DURATION",
        description = "for all tries together (${DEFAULT-VALUE})")
    Duration timeout;
    @Option(names = "--retries", defaultValue = "5", paramLabel = "N",
        description = "after the first try, with exponential backoff (${DEFAULT-VALUE})")
    int retries;
    @Option(names = "--plain", description = "a 200 is healthy, whatever it says: for an app with health.require: []")
    boolean plain;
    @Option(names = "--expect-version", paramLabel = "VERSION", description = "anything else is not healthy")
    Optional<String> version;
    @Option(names = "--expect-deployment", paramLabel = "COLOUR", description = "anything else is not healthy")
    Optional<String> deployment;
    @Mixin Cli cli;

    public Integer call() throws InterruptedException {
        URI url = url();
        if (retries < 0) throw Failure.usage("--retries " + retries + " is negative").next("--retries 0   tries once");
        URI whole = url.getPath().isEmpty() || url.getPath().equals("/") ? url.resolve("/api/health") : url;
        var expected = new Probe.Expected(!plain, version, deployment);
        var console = cli.console();
        var step = console.step("health");

        var last = Probe.await(whole, expected, new Probe.Patience(timeout, timeout, retries + 1), seen -> {
            seen.wrong(expected).ifPresent(step::note);
            var event = new LinkedHashMap<String, Object>();
            event.put("code", seen.code());
            event.put("healthy", seen.wrong(expected).isEmpty());
            event.put("ms", seen.took().toMillis());
            if (seen.status() != null) event.put("status", seen.status());
            if (seen.version() != null) event.put("version", seen.version());
            if (seen.deployment() != null) event.put("deployment", seen.deployment());
            seen.wrong(expected).ifPresent(w -> event.put("why", w));
            console.event("answer", event);
        });

        var wrong = last.wrong(expected);
        if (wrong.isEmpty()) step.done(last.summary());
        else step.fail(wrong.get());
        return wrong.isEmpty() ? ExitCode.DONE.code() : ExitCode.UNHEALTHY.code();
    }

    private URI url() {
        try {
            var url = new URI(given);
            if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) return url;
            throw new URISyntaxException(given, "no address of a server");
        } catch (URISyntaxException e) {
            throw Failure.usage("'" + given + "' is not a URL to probe", "it needs http:// or https:// and a host",
                "health http://127.0.0.1:3009").causedBy(e);
        }
    }

    public static void main(String... args) { Cli.run(new Health(), args); }
}
