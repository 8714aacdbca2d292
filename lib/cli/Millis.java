package lib.cli;

import java.time.Duration;
import lib.config.Config;
import picocli.CommandLine.ITypeConverter;

/** A plain number is milliseconds. */
public final class Millis implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) { return Config.duration(text.matches("\\d+") ? text + "ms" : text); }
}
