//DEPS org.yaml:snakeyaml:2.5
package lib.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lib.core.Failure;
import lib.core.Text;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/** bluegreen.yaml: what it gives, and what each of its environments gives. What is refused is told with its line. */
final class ConfigFile {
    /** No configuration has more: bytes; levels (environments, their name, compose, files are four); aliases. */
    private static final int LARGEST = 1 << 20, DEEPEST = 10, ALIASES = 20;
    private static final Set<Tag> PLAIN = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP);

    private static final LoaderOptions OPTIONS = new LoaderOptions();

    private final String name;
    private final Values own = new Values();
    private final Map<String, Values> environments = new LinkedHashMap<>();

    private ConfigFile(Path file) { this.name = file.getFileName().toString(); }

    /** One that is not there gives nothing. */
    static ConfigFile read(Path file) {
        var read = new ConfigFile(file);
        if (Files.isReadable(file)) read.parse(read.text(file));
        return read;
    }

    Values own() { return own; }

    Values environment(String environment) {
        if (environments.get(environment) instanceof Values section) return section;
        throw Failure.usage("no environment '" + environment + "'",
            environments.isEmpty()
                ? name + " has no section environments:"
                : "known: " + String.join(", ", environments.keySet()));
    }

    /** Nodes are read, because those know their line. */
    private void parse(String text) {
        try {
            requireModest(text);
            Node root = new Composer(parser(text), new Resolver(), OPTIONS).getSingleNode();
            if (root != null) all(mapping(root));
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

    /** Not through its class Yaml, which looks into every jar for a logger: 28 ms. */
    private static Parser parser(String text) { return new ParserImpl(new StreamReader(text), OPTIONS); }

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
        var parser = parser(text);
        while (parser.peekEvent() != null) {
            Event e = parser.getEvent();
            if (e instanceof CollectionEndEvent) depth--;
            if (e instanceof CollectionStartEvent && ++depth > DEEPEST)
                throw Failure.usage(at(e.getStartMark()) + ": nested more than " + DEEPEST + " deep",
                    "it is no configuration");
            if (e instanceof AliasEvent && ++aliases > ALIASES)
                throw Failure.usage(at(e.getStartMark()) + ": more than " + ALIASES + " aliases",
                    "it is no configuration");
        }
    }

    private void all(MappingNode root) {
        var seen = new HashSet<String>();
        for (var entry : root.getValue()) {
            String key = key(entry.getKeyNode(), "", seen);
            if (key.equals("environments")) environments(mapping(entry.getValueNode()));
            else put(key, entry, own);
        }
    }
    private void environments(MappingNode node) {
        var seen = new HashSet<String>();
        for (var entry : node.getValue()) {
            var section = new Values();
            String environment = key(entry.getKeyNode(), "environments.", seen);
            section("", mapping(entry.getValueNode()), section);
            environments.put(environment, section);
        }
    }
    private void section(String prefix, MappingNode node, Values values) {
        var seen = new HashSet<String>();
        for (var entry : node.getValue()) put(prefix + key(entry.getKeyNode(), prefix, seen), entry, values);
    }

    private void put(String key, NodeTuple entry, Values values) {
        String where = at(entry.getKeyNode());
        switch (entry.getValueNode()) {
            case Node list when Keys.find(key).orElse(null) instanceof Key.Items items ->
                values.set(key, items(items, list));
            case MappingNode inner when Keys.isSection(key) -> section(key + ".", inner, values);
            case SequenceNode list -> values.put(key, join(list), where);
            case ScalarNode scalar when key.equals("build") -> values.put("build.context", plain(scalar), where);
            case ScalarNode scalar -> values.put(key, plain(scalar), where);
            default -> throw Keys.unknown(key, where);
        }
    }
    private List<Values> items(Key.Items key, Node node) {
        return switch (node) {
            case SequenceNode list -> list.getValue().stream().map(item -> item(key, mapping(item))).toList();
            case ScalarNode none when none.getValue().isEmpty() -> List.of();
            default -> throw Failure.usage(at(node) + ": " + key.name() + " must be a list",
                "lines that begin with '- '");
        };
    }
    private Values item(Key.Items key, MappingNode node) {
        var item = Values.unset(key.fields());
        var seen = new HashSet<String>();
        for (var entry : node.getValue()) {
            String field = key(entry.getKeyNode(), "", seen);
            if (!(entry.getValueNode() instanceof ScalarNode value))
                throw Failure.usage(at(entry.getValueNode()) + ": a plain value is expected here");
            key.put(item, field, plain(value), at(entry.getKeyNode()));
        }
        return item;
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
