package lib.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.config.Config;
import lib.core.ExitCode;
import lib.core.Failure;
import lib.process.Command.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which images are asked for at a registry, and what is told of one that does not come. */
class RegistryTest {
    private static final String NAME = "registry.example.com:5000/acme/shop", ID = "sha256:" + "a".repeat(64),
        DIGEST = NAME + "@sha256:" + "d".repeat(64);

    @TempDir Path project;
    private final FakeEngine engine = new FakeEngine();
    private final List<String> pulled = new ArrayList<>();
    private Result answer = new Result(0, "", "");
    private String platform = "amd64";

    private Images images(String yaml) throws IOException {
        Files.writeString(project.resolve("bluegreen.yaml"), "app: shop\nimage: " + NAME + "\n" + yaml);
        ImageBuilder nobody = (_, _, _, _) -> { throw new AssertionError("nothing is built"); };
        return new Images(Config.load(project, Map.of()), engine, nobody, (reference, _, _) -> {
            pulled.add(reference);
            if (answer.ok()) engine.image(reference, ID, platform, List.of(DIGEST));
            return answer;
        });
    }

    private Image pull(String reference) throws IOException {
        var source = Image.Source.of(Optional.of(reference), false);
        images("").require("1.2.3", source, "deploy");
        return images("").of("1.2.3", source, "deploy", _ -> {});
    }

    @Test void without_a_build_the_version_is_pulled_and_its_digest_is_known() throws IOException {
        var images = images("build: none\n");
        var source = Image.Source.of(Optional.empty(), false);
        images.require("1.2.3", source, "deploy");
        assertThat(images.plan("1.2.3", source)).isEqualTo("nothing, " + NAME + ":1.2.3 is pulled");
        assertThat(pulled).isEmpty();
        var image = images.of("1.2.3", source, "deploy", _ -> {});
        assertThat(pulled).containsExactly(NAME + ":1.2.3");
        assertThat(image.id()).isEqualTo(ID);
        assertThat(image.digest()).contains(DIGEST);
        assertThat(catchThrowableOfType(Failure.class, () -> images.build(NAME + ":1", "1", _ -> {})).code)
            .isEqualTo(ExitCode.USAGE);
    }

    @Test void a_tag_of_a_registry_is_asked_for_again_but_not_a_digest_an_id_or_what_was_built_here()
        throws IOException {
        engine.image(NAME + ":1.2.3", ID, "amd64", List.of(DIGEST));
        engine.image(DIGEST, ID, "amd64", List.of(DIGEST));
        engine.image(ID, ID, "amd64", List.of(DIGEST));
        engine.image("acme/built:1", ID, "amd64", List.of());
        // containerd's store has one for each
        engine.image("built:1", ID, "amd64", List.of("built@sha256:" + "e".repeat(64)));
        for (String here : List.of(DIGEST, ID, "acme/built:1", "built:1"))
            assertThat(pull(here).id()).as(here).isEqualTo(ID);
        assertThat(pulled).isEmpty();
        pull(NAME + ":1.2.3");
        assertThat(pulled).containsExactly(NAME + ":1.2.3");
    }

    @Test void an_image_for_another_processor_is_refused_before_anything_is_started() throws IOException {
        platform = "arm64";
        var failure = catchThrowableOfType(Failure.class, () -> pull(NAME + ":1.2.3"));
        assertThat(failure.code).isEqualTo(ExitCode.PREFLIGHT);
        assertThat(failure).hasMessage(NAME + ":1.2.3 is for linux/arm64, the engine is linux/amd64");
        assertThat(failure.next().orElseThrow()).contains("--platform linux/amd64");
    }

    /** As Docker 20.10 and 28 say it. */
    @ParameterizedTest @CsvSource(delimiter = '|', value = {
        "Error response from daemon: manifest for %s:1.2.3 not found: manifest unknown: manifest unknown|has no|docker push",
        "Error response from daemon: Get \"https://r/v2/\": unauthorized: authentication required|login|docker login registry.example.com:5000",
        "Error response from daemon: Head \"https://r/v2/x\": no basic auth credentials|login|docker login registry.example.com:5000",
        "Error response from daemon: pull access denied for x, repository does not exist or may require 'docker login': denied|login|docker login",
        "no matching manifest for linux/arm64/v8 in the manifest list entries|not made for the engine's platform|--platform",
        "Error response from daemon: Get \"https://r/v2/\": dial tcp 127.0.0.1:5000: connect: connection refused|is not reached|curl -sSI",
        "Error response from daemon: Get \"https://r/v2/\": dial tcp: lookup r: no such host|is not reached|curl -sSI",
        "Error response from daemon: Get \"https://r/v2/\": x509: certificate signed by unknown authority|TLS|certs.d/registry.example.com:5000",
        "toomanyrequests: You have reached your pull rate limit.|no more pulls|docker login",
        "write /var/lib/docker/tmp/x: no space left on device|no room|docker image prune",
        "Error response from daemon: what nobody has seen|was not pulled|docker pull"})
    void what_does_not_come_is_told_with_its_reason_and_what_to_type(String said, String what, String next)
        throws IOException {
        answer = new Result(1, "", said.formatted(NAME) + "\n");
        var failure = catchThrowableOfType(Failure.class, () -> pull(NAME + ":1.2.3"));
        assertThat(failure.code).isEqualTo(ExitCode.PREFLIGHT);
        assertThat(failure.getMessage()).contains(what);
        assertThat(failure.why()).contains(said.formatted(NAME));
        assertThat(failure.next().orElseThrow()).contains(next);
    }

    @Test void while_the_registry_is_away_what_is_here_can_be_named_by_its_digest() throws IOException {
        engine.image(NAME + ":1.2.3", ID, "amd64", List.of(DIGEST));
        answer = new Result(1, "", "dial tcp: i/o timeout");
        assertThat(catchThrowableOfType(Failure.class, () -> pull(NAME + ":1.2.3")).next().orElseThrow())
            .contains("--image " + DIGEST);
    }

    @Test void a_name_without_a_registry_is_dockers_own() {
        assertThat(List.of("shop:1", "acme/shop", "localhost/shop", "r.example/a/b:1@sha256:0", "host:5000/a"))
            .extracting(Registry::host)
            .containsExactly("docker.io", "docker.io", "localhost", "r.example", "host:5000");
    }
}
