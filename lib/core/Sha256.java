package lib.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256, as hexadecimal digits. */
public final class Sha256 {
    private Sha256() {}

    /** Of a text in UTF-8: 64 digits. */
    public static String of(String text) { return of(List.of(text.getBytes(StandardCharsets.UTF_8))); }

    /** Of these one behind the other. */
    public static String of(Iterable<byte[]> parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            parts.forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);        // every Java has it
        }
    }
}
