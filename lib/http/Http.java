package lib.http;

import java.net.http.HttpClient;

/** How the JDK's client is made, for probes and notifications. */
public final class Http {
    static {
        // Seconds, for all clients, read with the first. By default a connection is kept for 30: through Tunnel that is one
        // from Nginx's container to the old colour, and its drain would wait for it.
        System.setProperty("jdk.httpclient.keepalive.timeout", "1");
    }

    private Http() {}

    /** Redirects are not followed: what another address says of itself is no proof. */
    public static HttpClient.Builder client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER);
    }
}
