package lib.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be a version: it becomes an image's tag. */
class VersionTest {
    @ParameterizedTest @ValueSource(strings = {"; rm -rf /", "../x", "", "-rf", "a b", "1.0\n", "$(id)", "ä"})
    void a_hostile_version_is_refused(String version) {
        assertThat(catchThrowableOfType(Failure.class, () -> Version.required(version)).code)
            .isEqualTo(ExitCode.USAGE);
    }

    @Test void a_version_of_128_characters_is_the_longest() {
        Version.required("1".repeat(128));
        assertThat(catchThrowableOfType(Failure.class, () -> Version.required("1".repeat(300)))).isNotNull();
    }
}
