package lib.nginx;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import lib.config.Config;
import lib.config.Proxy;
import lib.core.Sha256;

/**
 * The proxy keys as files of Nginx's configuration, of the names that they have in nginx/. Each value was checked when
 * it was read, so that it is one word to Nginx, and ends nothing.
 */
final class SettingsFiles {
    /** After a reload old workers live so long: above keepalive_min_timeout, for answers that take their time. */
    private static final Duration OLD_WORKERS = Duration.ofSeconds(90), LONGER = Duration.ofSeconds(30);
    private static final List<String> UPSTREAMS = List.of("blue", "green", "blue-backed", "green-backed", "any");
    private static final String SHA = "sha256:";
    private static final String HEAD = "# By bluegreen.yaml, section %s; docs/proxy.md tells what each does.\n";

    private final Config config;
    private final Proxy proxy;
    private final Map<String, byte[]> own;

    private SettingsFiles(Config config, Map<String, byte[]> own) {
        this.config = config;
        this.proxy = config.proxy();
        this.own = own;
    }

    /**
     * @param own the project's own, by the names that they have here: own.conf, 502.html, 503.html, tls.crt, tls.key
     */
    static Map<String, byte[]> of(Config config, Map<String, byte[]> own) {
        return new SettingsFiles(config, own).all();
    }

    /** What differs where the settings differ; no secret. */
    static Map<String, String> told(Config config, Map<String, byte[]> own) {
        return new SettingsFiles(config, own).told();
    }

    private Map<String, byte[]> all() {
        var all = rendered();
        all.put("settings-control.conf", bytes(control()));
        return all;
    }

    private Map<String, byte[]> rendered() {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("settings-main.conf", bytes(ofMain()));
        files.put("settings-http.conf", bytes(http()));
        files.put("settings-server.conf", bytes(server()));
        files.putAll(own);
        return files;
    }

    private String ofMain() {
        var longest = proxy.readTimeout().plus(LONGER);
        return HEAD.formatted("proxy") + """
            # After a reload, old workers end by then: longer than keepalive_min_timeout and than proxy_read_timeout.
            worker_shutdown_timeout %s;
            """.formatted(time(longest.compareTo(OLD_WORKERS) > 0 ? longest : OLD_WORKERS));
    }

    private String http() {
        return HEAD.formatted("proxy") + """
            client_max_body_size %d;
            proxy_request_buffering %s;
            proxy_read_timeout %s;
            large_client_header_buffers 4 %d;
            proxy_buffer_size %d;
            proxy_buffers 8 %d;
            """
            .formatted(proxy.bodySize(), onOff(!proxy.streamUploads()), time(proxy.readTimeout()),
                proxy.headerSize(), proxy.headerSize(), Math.max(16 << 10, proxy.headerSize()))
            + gzip() + sent()
            + hosts() + visitor() + redirect() + way();
    }

    /** Event streams are no text to it, and what the app compressed stays as it is. */
    private String gzip() {
        if (!proxy.gzip()) return "gzip off;\n";
        return """
            gzip on;
            gzip_proxied any;
            gzip_vary on;
            gzip_min_length 1024;
            gzip_types text/plain text/css text/xml text/javascript application/javascript application/json
                    application/manifest+json application/xml application/rss+xml application/wasm image/svg+xml;
            """;
    }

    /** Whether a request may not be sent a second time. */
    private String sent() {
        if (!proxy.streamUploads())
            return "\n# Whether an app has something of a request, which then is not ours to repeat.\n"
                + "map $upstream_bytes_sent $sent { ~[1-9] 1; default 0; }\n";
        return """

            # What of a streamed body has gone by is nowhere any more: only a request without one can be repeated.
            map $request_method$content_length $bodied { GET 0; HEAD 0; default 1; }
            map $upstream_bytes_sent $sent { ~[1-9] 1; default $bodied; }
            """;
    }

    /**
     * An address, and a name without a dot, is asked by who is near: a balancer's probe, the deploy's, another service.
     */
    private String hosts() {
        if (proxy.hosts().isEmpty()) return "";
        var text = new StringBuilder("\nmap $host $misdirected {\n    hostnames;\n    default 1;\n");
        proxy.hosts().stream()
            .map(h -> h.toLowerCase(Locale.ROOT))
            .distinct()
            .forEach(h -> text.append("    ").append(h).append(" 0;\n"));
        return text.append("    ~^[0-9.]+$ 0; ~^\\[ 0; ~^[^.]*$ 0;\n}\n").toString();
    }

    /** Who asks, and by what: as proxies in front tell it. */
    private String visitor() {
        if (proxy.trusted().isEmpty())
            return "\nmap $scheme $visitor_scheme { default $scheme; }\n";
        String networks = proxy.trusted().stream().map(" %s 1;"::formatted).collect(Collectors.joining());
        return """

            geo $realip_remote_addr $in_front { default 0;%s }
            map $in_front$http_x_forwarded_proto $visitor_scheme { 1https https; 1http http; default $scheme; }
            """.formatted(networks);
    }

    /**
     * 308 keeps a POST a POST. A proxy in front has HTTPS on a port of its own: the usual one. Browsers that have seen
     * HSTS come by HTTPS only until then; other names of the domain are not ours: no includeSubDomains. Who asks by the
     * app's own port is inside, and stays there.
     */
    private String redirect() {
        var port = config.redirectPort();
        String direct = port.map(p -> p.equals("443") ? "$host" : "$host:" + p).orElse("\"\"");
        String hsts = port.isPresent() && !proxy.hsts().isZero() ? "max-age=" + proxy.hsts().toSeconds() : "\"\"";
        String asked = "$server_port$visitor_scheme", plain = "80http " + direct + ";";
        if (port.isPresent() && !proxy.trusted().isEmpty()) {
            asked = "$in_front-" + asked;
            plain = "1-80http $host; 1-443http $host; 0-" + plain;
        }
        return "\nmap " + asked + " $https_host { " + plain + " default \"\"; }\n"
            + "map $visitor_scheme $hsts { https " + hsts + "; default \"\"; }\n";
    }

    /** Which location of its own a request needs; empty: none. */
    private String way() {
        String last = proxy.unbuffered().isEmpty() ? "\"\"" : "$named";
        var text = new StringBuilder("\n");
        if (!proxy.unbuffered().isEmpty()) {
            text.append("map $uri $named {\n    default \"\";\n");
            proxy.unbuffered()
                .forEach(p -> text.append("    \"~^").append(p.replace(".", "[.]")).append("\" stream;\n"));
            text.append("}\n");
        }
        text.append("map $http_accept $eventful { ~text/event-stream stream; default ").append(last).append("; }\n");
        text.append(
            "map $upgrade $" + (proxy.grpc() ? "plain" : "way") + " { websocket stream; default $eventful; }\n");
        if (!proxy.grpc()) return text.toString();
        text.append("map $content_type $way { ~^application/grpc grpc; default $plain; }\n\n");
        text.append("# HTTP/2, so no connection of the other upstreams.\n");
        UPSTREAMS.forEach(name -> text.append(upstream(name)));
        return text.toString();
    }

    private String upstream(String name) {
        int port = config.ports().app();
        String first = name.replace("-backed", ""), other = first.equals("green") ? "blue" : "green";
        String only = name.equals("any") ? "blue" : first;
        String second = name.equals("any") || name.endsWith("-backed")
            ? "    server app-" + (name.equals("any") ? "green" : other) + ":" + port + " resolve max_fails=0"
                + (name.equals("any") ? "" : " backup") + ";\n"
            : "";
        return """
            upstream grpc-app-%s {
                zone grpc-app-%s 64k;
                server app-%s:%d resolve max_fails=0;
            %s    keepalive 256;
                keepalive_timeout 1500ms;
            }
            """.formatted(name, name, only, port, second);
    }

    private String server() {
        String where = proxy.certificate().isPresent() ? "" : "/etc/nginx/certs/";
        String text = HEAD.formatted("proxy and tls")
            + "ssl_certificate %stls.crt;\nssl_certificate_key %stls.key;\n".formatted(where, where);
        text += trusted();
        if (!proxy.hosts().isEmpty()) text += "if ($misdirected) { return 421; }\n";
        if (proxy.colourHealth()) text += "include colours.conf;\n";
        return text + streams() + (proxy.grpc() ? grpc() : "");
    }

    /** The public server's alone: whoever may ask the control port is known by the address that it has. */
    private String trusted() {
        if (proxy.trusted().isEmpty()) return "";
        return proxy.trusted().stream().map("set_real_ip_from %s;\n"::formatted).collect(Collectors.joining())
            + "real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n";
    }

    private String streams() {
        String time = time(proxy.idleTimeout());
        return """

            # What is open for long and must not wait in a buffer: websockets, event streams, what proxy.unbuffered names.
            location @stream {
                proxy_buffering off;
                proxy_read_timeout %s;
                proxy_pass http://$upstream;
                error_page 502 504 = @again;
                error_page 503 @busy;
            }

            # When a dead colour's address leaves the DNS, requests that were about to try the backup get 502. Those of
            # which not a byte was sent are tried once more, POST too; what reached an app is not ours to repeat.
            location @again {
                if ($sent) { return 502; }
                proxy_buffering off;        # it may be a stream
                proxy_read_timeout %s;
                proxy_pass http://$upstream;
            }
            """.formatted(time, time);
    }

    /** A stream of messages has no size that a limit of bodies could mean; an app has one of its own for a message. */
    private String grpc() {
        String time = time(proxy.idleTimeout());
        return """

            location @grpc {
                client_max_body_size 0;
                grpc_read_timeout %s;
                grpc_send_timeout %s;
                grpc_set_header Host $http_host;
                grpc_set_header X-Real-IP $remote_addr;
                grpc_set_header X-Forwarded-For $remote_addr;
                grpc_set_header X-Forwarded-Proto $visitor_scheme;
                grpc_set_header X-Forwarded-Host $http_host;
                grpc_set_header X-Forwarded-Port "";
                grpc_set_header Forwarded "";
                grpc_set_header X-Request-ID $request_id;
                grpc_next_upstream error timeout;
                grpc_connect_timeout 2s;
                grpc_pass grpc://grpc-$upstream;
            }
            """.formatted(time, time);
    }

    private String control() {
        var told = told()
            .entrySet()
            .stream()
            .map(e -> "\"" + e.getKey() + "\":\"" + e.getValue() + "\"")
            .collect(Collectors.joining(","));
        return """
            # What the workers run, as they answer it themselves.
            location = /settings {
                default_type application/json;
                add_header Cache-Control no-store;
                return 200 '{%s}\\n';
            }
            """.formatted(told);
    }

    private Map<String, String> told() {
        var told = new LinkedHashMap<String, String>();
        told.put("redirect", config.redirectPort().map(p -> "https:" + p).orElse("none"));
        told.put("proxy.body-size", String.valueOf(proxy.bodySize()));
        told.put("proxy.stream-uploads", onOff(proxy.streamUploads()));
        told.put("proxy.read-timeout", time(proxy.readTimeout()));
        told.put("proxy.idle-timeout", time(proxy.idleTimeout()));
        told.put("proxy.unbuffered", list(proxy.unbuffered()));
        told.put("proxy.grpc", onOff(proxy.grpc()));
        told.put("proxy.header-size", String.valueOf(proxy.headerSize()));
        told.put("proxy.gzip", onOff(proxy.gzip()));
        told.put("proxy.hsts", time(proxy.hsts()));
        told.put("proxy.trusted", list(proxy.trusted()));
        told.put("proxy.hosts", list(proxy.hosts()));
        told.put("proxy.include", digest("own.conf"));
        told.put("proxy.page-502", digest("502.html"));
        told.put("proxy.page-503", digest("503.html"));
        told.put("proxy.colour-health", onOff(proxy.colourHealth()));
        told.put("tls.certificate", digest("tls.crt"));
        told.put("rendered", digest(rendered()));
        return told;
    }

    private String digest(String name) {
        return Optional.ofNullable(own.get(name)).map(text -> SHA + digest(Map.of(name, text))).orElse("");
    }

    /** One word of Nginx's configuration has at most 4,096 bytes. */
    private static String list(List<String> items) {
        String text = String.join(" ", items);
        return text.length() <= 400 ? text : SHA + digest(Map.of("", bytes(text)));
    }

    /** Of all but the private key, which the certificate tells. */
    private static String digest(Map<String, byte[]> files) {
        var parts = new ArrayList<byte[]>();
        files.forEach(
            (name, text) -> { if (!name.equals("tls.key")) parts.addAll(List.of(bytes(name + "\n"), text)); });
        return Sha256.of(parts).substring(0, 12);
    }

    private static String onOff(boolean on) { return on ? "on" : "off"; }
    private static String time(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }
    private static byte[] bytes(String text) { return text.getBytes(StandardCharsets.UTF_8); }
}
