package lib.report;

import java.util.List;

/** The sections of a report about what is different now: generations, images, configuration. */
record Changes(Story story, StringBuilder page) {

    /** @param earlier the run that {@code then} is of; both null: there is none; @param most bytes of HTML for the files' lines */
    void all(Snapshot now, String earlier, Snapshot then, int most) {
        generations();
        images();
        configuration(now, earlier, then, most);
    }

    private void add(String... html) { for (String s : html) page.append(s); }

    private void generations() {
        var all = story.generations();
        if (all.isEmpty()) return;
        add("<section><header><h2>What it changed in Nginx</h2></header>\n<table><thead><tr><th>Generation</th><th>Traffic</th><th>Confirmed in</th></tr></thead><tbody>\n");
        for (var m : all.subList(0, Math.min(all.size(), 40)))
            add("<tr><td>" + m.generation(), "</td><td>", traffic(m), "</td><td>" + m.took().toMillis(),
                " ms</td></tr>\n");
        add("</tbody></table></section>\n");
    }

    private String traffic(Story.Move m) {
        if (m.to() == null) return "?";
        String backed = m.backed() == null ? "" : m.backed() ? ", " + m.to().other() + " is its backup" : ", no backup";
        if (m.from() != null && m.from() != m.to())
            return m.from() + " → " + m.to() + (m.back() ? ", rollback" : "") + backed;
        return (story.moves().contains(m) ? m.to() + ", the first version" : "stays on " + m.to()) + backed;
    }

    private void images() {
        var images = story.images();
        if (images.isEmpty()) return;
        add("<section><header><h2>Images</h2></header>\n<table><thead><tr><th>Colour</th><th>Version</th><th>Image</th></tr></thead><tbody>\n");
        images.forEach((c, r) -> add("<tr data-colour=\"", c.toString(), "\"><td><span class=\"swatch ", c.toString(),
            "\"></span>", c.toString(), "</td><td>", r.version() == null ? "?" : Page.head(r.version(), 300),
            "</td><td><code>", Page.head(r.id(), 300), "</code></td></tr>\n"));
        add("</tbody></table></section>\n");
    }

    private void configuration(Snapshot now, String earlier, Snapshot then, int most) {
        add("<section id=\"configuration\"><header><h2>Configuration</h2>",
            earlier == null ? "" : "<div class=\"key\">compared with " + Page.escape(earlier) + "</div>",
            "</header>\n");
        if (then == null) {
            add("<p class=\"soft\">",
                earlier == null
                    ? "This is the first run whose configuration was kept: there is nothing to compare it with."
                    : "The one of " + Page.escape(earlier) + " cannot be read.",
                "</p></section>\n");
            return;
        }
        var keys = Snapshot.keys(then, now);
        var texts = Snapshot.texts(then, now);
        if (keys.isEmpty() && texts.isEmpty())
            add("<p class=\"soft\">Nothing changed in bluegreen.yaml, its flags and variables, nginx/, or the compose files.</p>");
        if (!keys.isEmpty()) {
            add("<table><thead><tr><th>Key</th><th>Before</th><th>Now</th></tr></thead><tbody>\n");
            for (var c : keys.subList(0, Math.min(keys.size(), 60)))
                add("<tr><td><code>", Page.head(c.key(), 120), "</code></td><td>", shown(c.before(), "not shown"),
                    "</td><td>", shown(c.after(), c.before() == null ? "set, not shown" : "changed, not shown"),
                    "</td></tr>\n");
            add("</tbody></table>\n");
        }
        int left = most;
        for (var text : texts.entrySet()) {
            if (left <= 0) {
                add("<p class=\"small soft\">More files changed; they are left out to keep this page small.</p>");
                break;
            }
            int before = page.length();
            add("<h3><code>", Page.head(text.getKey(), 200), "</code></h3>");
            lines(text.getValue(), left);
            left -= page.length() - before;
        }
        add("</section>\n");
    }

    /** A fingerprint stands for what is not told, and is not told itself: short secrets could be guessed by it. */
    private static String shown(String value, String hidden) {
        if (value == null) return "<span class=\"soft\">not set</span>";
        if (value.startsWith("#")) return "<span class=\"soft\">" + hidden + "</span>";
        int arguments = value.matches(".* #[0-9a-f]{8}") ? value.lastIndexOf(" #") : -1;
        if (arguments > 0)
            return Page.head(value.substring(0, arguments), 300) + " <span class=\"soft\">arguments " + hidden
                + "</span>";
        return value.isEmpty() ? "<span class=\"soft\">empty</span>" : Page.head(value, 300);
    }

    private void lines(List<String> lines, int most) {
        int end = page.length() + most;
        add("<pre>");
        for (String line : lines) {
            if (page.length() > end) {
                add("<span class=\"at\">…</span>");
                break;
            }
            String css = line.startsWith("+")
                ? "add"
                : line.startsWith("-") ? "del" : line.startsWith("@@") ? "at" : "";
            add(css.isEmpty() ? "" : "<span class=\"" + css + "\">", Page.head(line, 400),
                css.isEmpty() ? "\n" : "</span>\n");
        }
        add("</pre>\n");
    }
}
