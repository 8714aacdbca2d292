package lib.core;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A password inside a URL: / @ # and the like would end it there, so they are written as %2F %40 %23. */
public final class PercentEncoding {
    private static final String PASSWORD = "_PASSWORD";

    private PercentEncoding() {}

    /** Only letters, digits and - . _ ~ stay, so that it fits any part of a URL. */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("*", "%2A")
            .replace("%7E", "~");
    }

    /** A "%" that is none of an encoding stands for itself. */
    public static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /**
     * For each NAME_PASSWORD a NAME_PASSWORD_URL, which compose files put into URLs. One that is given stays as it is.
     */
    public static Map<String, String> forUrls(Map<String, String> variables) {
        var all = new TreeMap<String, String>();
        variables.forEach((name, value) -> {
            if (name.endsWith(PASSWORD) && !variables.containsKey(name + "_URL"))
                all.put(name + "_URL", encoded(value));
        });
        return all;
    }
}
