//DEPS org.yaml:snakeyaml:2.5
package lib.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import lib.core.Failure;
import lib.core.Text;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/** bluegreen.yaml as text: dotted keys with their values, and each key's line when it is refused. */
record ConfigFile(String name) {
    /** No configuration has more: bytes; levels (environments, their name, compose, files are four); aliases. */
    private static final int LARGEST = 1 << 20, DEEPEST = 10, ALIASES = 20;
    private static final Set<Tag> PLAIN = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP);

    /** Adds the file's values and its sections of environments:. Nodes are read, because those know their line. */
    static void read(Path file, Map<String, String> values, Map<String, Map<String, String>> environments) {
        var own = new ConfigFile(file.getFileName().toString());
        own.parse(own.text(file), values, environments);
    }

    void parse(String text, Map<String, String> values, Map<String, Map<String, String>> environments) {
        try {
            requireModest(text);
            Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (root != null) walk("", mapping(root), values, environments);
        } catch (MarkedYAMLException e) {
            throw Failure.usage(at(e.getProblemMark()) + ": " + Text.brief(String.valueOf(e.getProblem())),
                "it is not valid YAML");
        } catch (ReaderException e) {
            throw Failure.usage(at(text, e.getPosition()) + ": a character that YAML does not allow",
                "it is not valid YAML");
        } catch (YAMLException e) {
            throw Failure.usage(name + ": " + Text.brief(String.valueOf(e.getMessage())), "it is not valid YAML");
        }
    }

    private String text(Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST)
                throw Failure.usage(name + " has more than " + LARGEST + " bytes", "it is no configuration");
            return utf8(bytes);
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file, String.valueOf(e.getMessage()));
        }
    }

    private String utf8(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError())
            throw Failure.usage(at(out.flip().toString(), out.length()) + ": it is not text in UTF-8",
                "it is not valid YAML");
        return out.flip().toString();
    }

    /** A bomb of nested or repeated nodes ends here, before nodes are made of it, with its line. */
    private void requireModest(String text) {
        int depth = 0, aliases = 0;
        for (Event e : new Yaml(new LoaderOptions()).parse(new StringReader(text))) {
            if (e instanceof CollectionEndEvent) depth--;
            if (e instanceof CollectionStartEvent && ++depth > DEEPEST)
                throw Failure.usage(at(e.getStartMark()) + ": nested more than " + DEEPEST + " deep",
                    "it is no configuration");
            if (e instanceof AliasEvent && ++aliases > ALIASES)
                throw Failure.usage(at(e.getStartMark()) + ": more than " + ALIASES + " aliases",
                    "it is no configuration");
        }
    }

    /** {@code environments} null: inside one already. */
    private void walk(String prefix, MappingNode node, Map<String, String> values,
        Map<String, Map<String, String>> environments) {
        var seen = new HashSet<String>();
        for (var entry : node.getValue()) {
            String key = prefix + key(entry.getKeyNode(), prefix, seen);
            if (key.equals("environments") && environments != null) {
                var names = new HashSet<String>();
                for (var section : mapping(entry.getValueNode()).getValue()) {
                    var own = new LinkedHashMap<String, String>();
                    String environment = key(section.getKeyNode(), "environments.", names);
                    walk("", mapping(section.getValueNode()), own, null);
                    environments.put(environment, own);
                }
            } else switch (entry.getValueNode()) {
                case MappingNode inner when Keys.isSection(key) -> walk(key + ".", inner, values, environments);
                case SequenceNode list when Keys.isList(key) -> items(key, list, values);
                case ScalarNode scalar when Keys.isList(key) && scalar.getValue().isEmpty() -> values.put(key, "0");
                case Node other when Keys.isList(key) ->
                    throw Failure.usage(at(other) + ": " + key + " must be a list", "lines that begin with '- '");
                case SequenceNode list -> Keys.put(values, key, join(list), at(entry.getKeyNode()));
                case ScalarNode scalar when Keys.isMap(key) && scalar.getValue().isEmpty() -> {}
                case ScalarNode scalar -> Keys.put(values, key, plain(scalar), at(entry.getKeyNode()));
                default -> throw Failure.usage(at(entry.getKeyNode()) + ": unknown key '" + Text.brief(key) + "'",
                    "did you mean '" + Keys.nearest(key) + "'?");
            }
        }
    }
    /** A list of mappings: its length under its own name, each item's values under NAME.INDEX.KEY. */
    private void items(String key, SequenceNode list, Map<String, String> values) {
        int index = 0;
        for (Node item : list.getValue()) {
            Keys.itemDefaults(values, key, index);
            var seen = new HashSet<String>();
            for (var entry : mapping(item).getValue()) {
                String name = key(entry.getKeyNode(), "", seen);
                if (!(entry.getValueNode() instanceof ScalarNode value))
                    throw Failure.usage(at(entry.getValueNode()) + ": a plain value is expected here");
                Keys.putItem(values, key, index, name, plain(value), at(entry.getKeyNode()));
            }
            index++;
        }
        values.put(key, String.valueOf(index));
    }
    private String key(Node n, String prefix, Set<String> seen) {
        if (!(n instanceof ScalarNode s)) throw Failure.usage(at(n) + ": a key is a plain word");
        if (!seen.add(s.getValue()))
            throw Failure.usage(at(n) + ": '" + Text.brief(prefix + s.getValue()) + "' is given twice",
                "only one can be meant");
        return s.getValue();
    }
    private String join(SequenceNode list) {
        var items = new ArrayList<String>();
        for (Node n : list.getValue()) {
            if (!(n instanceof ScalarNode s))
                throw Failure.usage(at(n) + ": a list of plain values is expected here");
            items.add(plain(s));
        }
        return String.join("\n", items);
    }
    /** A tag asks for a type of its own: nothing here has one. */
    private String plain(ScalarNode n) {
        if (!PLAIN.contains(n.getTag()))
            throw Failure.usage(at(n) + ": a plain value is expected here, not " + Text.brief(n.getTag().toString()));
        return n.getValue();
    }
    private MappingNode mapping(Node n) {
        if (n instanceof MappingNode m) return m;
        throw Failure.usage(at(n) + ": 'key: value' lines are expected here");
    }
    private String at(Node n) { return at(n.getStartMark()); }
    private String at(Mark mark) { return mark == null ? name : name + " line " + (mark.getLine() + 1); }
    private String at(String text, int position) {
        return name + " line " + (1 + text.chars().limit(position).filter(c -> c == '\n').count());
    }
}
