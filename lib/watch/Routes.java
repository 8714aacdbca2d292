package lib.watch;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import lib.nginx.AccessLog;

/** The requests of one colour in a span of time: all of them, and by route. */
public final class Routes {
    /** More names than that are no routes but somebody's search for a hole, or users' names: they count together. */
    private static final int MOST = 30;
    static final String OTHER = "other routes";
    /** Made once: there may be 20,000 requests a second. */
    private static final Pattern ID = Pattern.compile("[0-9]+|(?=.*[0-9])[0-9a-fA-F-]{8,}|.{41,}"),
        STRANGE = Pattern.compile("[^!-~]");

    private final Window all = new Window();
    private final Map<String, Window> byRoute = new TreeMap<>();

    public Window all() { return all; }
    public Map<String, Window> byRoute() { return byRoute; }
    /** An empty window for a route that was not seen. */
    public Window route(String name) { return byRoute.getOrDefault(name, new Window()); }

    public void add(AccessLog request) { both(name(request.uri()), w -> w.add(request.status(), request.millis())); }
    void addAbandoned(AccessLog request, boolean late) {
        both(name(request.uri()), w -> w.addAbandoned(late, request.millis()));
    }
    void addFailedOver(AccessLog request) { both(name(request.uri()), Window::addFailedOver); }

    public void add(Routes other) {
        all.add(other.all);
        other.byRoute.forEach((name, w) -> of(name).add(w));
    }

    private void both(String name, Consumer<Window> change) {
        change.accept(all);
        change.accept(of(name));
    }

    private Window of(String name) {
        return byRoute.computeIfAbsent(byRoute.containsKey(name) || byRoute.size() < MOST ? name : OTHER,
            _ -> new Window());
    }

    /**
     * The first two segments of a path; what looks like a number or an id is "*": /api/orders/17/items is /api/orders,
     * /orders/17 is /orders/*.
     */
    public static String name(String uri) {
        var name = new StringBuilder();
        String[] segments = uri.split("/", 4);
        for (int i = 1; i < Math.min(3, segments.length); i++) {
            if (segments[i].isEmpty()) continue;
            boolean id = ID.matcher(segments[i]).matches();
            name.append('/').append(id ? "*" : STRANGE.matcher(segments[i]).replaceAll("?"));
        }
        return name.isEmpty() ? "/" : name.toString();
    }
}
