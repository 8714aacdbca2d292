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
import lib.cli.Project;
import lib.config.Config;
import lib.core.Colour;
import lib.core.Console;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.http.Probe;
import lib.nginx.Reach;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "health",
    description = "Probe one URL until it is healthy. A 200 from the wrong version is not healthy.",
    footer = {"  health http://127.0.0.1:3010 --expect-version 1.0.1 --expect-deployment green",
        "  health -C ../shop green       its own port and health.path; without a colour: as users reach it"})
class Health implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "URL",
        description = "without a path: health.path of the project, else /api/health; blue, green, or none: the project's ports")
    Optional<String> given = Optional.empty();
    @Option(names = "--timeout", defaultValue = "30s", paramLabel = "DURATION",
        description = "for all tries together (${DEFAULT-VALUE})")
    Duration timeout;
    @Option(names = "--retries", defaultValue = "5", paramLabel = "N",
        description = "after the first try, with exponential backoff (${DEFAULT-VALUE})")
    int retries;
    @Option(names = "--status-only",
        description = "a 200 is healthy, whatever it says: for an app with health.require: []")
    boolean statusOnly;
    @Option(names = "--expect-version", paramLabel = "VERSION", description = "anything else is not healthy")
    Optional<String> version;
    @Option(names = "--expect-deployment", paramLabel = "COLOUR", description = "anything else is not healthy")
    Optional<String> deployment;
    @Mixin Project cli;

    public Integer call() throws InterruptedException {
        if (retries < 0) throw Failure.usage("--retries " + retries + " is negative").next("--retries 0   tries once");
        var colour = given.flatMap(Colour::named);
        var named = given.filter(_ -> colour.isEmpty()).map(this::url);
        // A whole URL needs no project, and so none that is in order.
        var project = named.filter(Health::hasPath).isPresent() ? Optional.<Config>empty() : cli.found();
        var url = named.map(u -> hasPath(u) ? u : u.resolve(project.map(c -> c.health().path()).orElse("/api/health")))
            .orElseGet(() -> of(project.orElseThrow(this::noUrl), colour));
        boolean status = !statusOnly && project.map(c -> c.health().require().contains("status")).orElse(true);
        return probe(url, new Probe.Expected(status, version, deployment));
    }

    private int probe(URI url, Probe.Expected expected) throws InterruptedException {
        var console = cli.console();
        var step = console.step("health").limit(timeout);
        step.note(url + ", up to " + Console.seconds(timeout));
        var last = Probe.await(url, expected, new Probe.Patience(timeout, timeout, retries + 1), seen -> {
            seen.wrong(expected).ifPresent(step::note);
            var event = new LinkedHashMap<String, Object>();
            event.put("url", url.toString());
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

    private static boolean hasPath(URI url) { return !url.getPath().isEmpty() && !url.getPath().equals("/"); }

    /** Where the project is reached: a colour on its own port, or whatever users get. */
    private static URI of(Config project, Optional<Colour> colour) {
        var reach = Reach.of(project);
        return URI.create(colour.map(c -> Reach.healthUrl(project, c))
            .orElseGet(() -> "http://" + reach.httpAddress() + ":" + reach.http() + project.health().path()));
    }

    private URI url(String text) {
        try {
            var url = new URI(text);
            if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) return url;
            throw new URISyntaxException(text, "no address of a server");
        } catch (URISyntaxException e) {
            throw Failure.usage("'" + text + "' is not a URL to probe", "it needs http:// or https:// and a host",
                example()).causedBy(e);
        }
    }

    private Failure noUrl() {
        return Failure.usage("which URL?", "there is no bluegreen.yaml here to tell", example());
    }

    /** Blue's own port, as it is by default, or in this project. */
    private String example() {
        return "health http://127.0.0.1:" + cli.found().map(c -> c.ports().blue()).orElse(3009);
    }

    public static void main(String... args) { Cli.run(new Health(), args); }
}
