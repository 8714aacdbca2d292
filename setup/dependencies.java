import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * The jars of others that run here: {@code pin} notes the ones that were resolved, with checksum and licence, which
 * each build then insists on (setup/build.sh); {@code sbom} says them as CycloneDX.
 */
class Dependencies {
    /**
     * A line of dependencies.txt. {@code scope}: "run" with the scripts, "test" only with what tests, formats or
     * measures.
     */
    record Pinned(String sha256, String coordinates, String scope, String licence) {
        static Pinned read(String line) {
            String[] words = line.split(" ", 4);
            return new Pinned(words[0], words[1], words[2], words[3]);
        }
        @Override public String toString() { return String.join(" ", sha256, coordinates, scope, licence); }

        String json() {
            String[] c = coordinates.split(":");
            String purl = "pkg:maven/" + c[0] + "/" + c[1] + "@" + c[2] + "?type=jar";
            return """
                    {"type": "library", "bom-ref": %s, "group": %s, "name": %s, "version": %s, "scope": %s, "purl": %s,
                     "hashes": [{"alg": "SHA-256", "content": %s}], "licenses": [%s]}"""
                .formatted(quoted(purl), quoted(c[0]), quoted(c[1]), quoted(c[2]),
                    quoted(scope.equals("run") ? "required" : "excluded"), quoted(purl), quoted(sha256),
                    Stream.of(licence.split(" / "))
                        .map(l -> "{\"license\": {\"name\": " + quoted(l) + "}}")
                        .collect(Collectors.joining(", ")));
        }
    }

    /**
     * pin: the list, of the class path of the scripts and then those of everything else; sbom: our version, then the
     * file dependencies.txt.
     */
    public static void main(String... args) throws IOException, GeneralSecurityException, SAXException {
        switch (args[0]) {
            case "pin" -> pin(Arrays.asList(args).subList(1, args.length)).forEach(System.out::println);
            case "sbom" -> System
                .out.println(sbom(args[1],
                    Files.readAllLines(Path.of(args[2]))
                        .stream()
                        .filter(l -> !l.startsWith("#"))
                        .map(Pinned::read)
                        .toList()));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static List<Pinned> pin(List<String> paths) throws IOException, GeneralSecurityException, SAXException {
        var scopes = new TreeMap<Path, String>();
        for (int i = 0; i < paths.size(); i++)
            for (String jar : new TreeSet<>(List.of(paths.get(i).split(":"))))
                if (jar.contains("/repository/")) scopes.putIfAbsent(Path.of(jar), i == 0 ? "run" : "test");
        var all = new TreeMap<String, Pinned>();
        for (var jar : scopes.entrySet()) {
            var pom = Path.of(jar.getKey().toString().replaceFirst("\\.jar$", ".pom"));
            String coordinates = coordinates(jar.getKey());
            all.put(coordinates, new Pinned(sha256(jar.getKey()), coordinates, jar.getValue(), licence(pom)));
        }
        return List.copyOf(all.values());
    }

    /** .../repository/GROUP/AS/FOLDERS/ARTIFACT/VERSION/ARTIFACT-VERSION.jar */
    private static String coordinates(Path jar) {
        var names = IntStream.range(0, jar.getNameCount()).mapToObj(i -> jar.getName(i).toString()).toList();
        int from = names.lastIndexOf("repository") + 1, version = names.size() - 2;
        return String.join(".", names.subList(from, version - 1)) + ":" + names.get(version - 1) + ":"
            + names.get(version);
    }

    private static String sha256(Path jar) throws IOException, GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
    }

    /** Its own, or its nearest parent's. @throws IOException none says one: a person must look */
    private static String licence(Path pom) throws IOException, SAXException {
        Element project = xml(pom);
        var names = child(project, "licenses")
            .stream()
            .flatMap(Dependencies::children)
            .flatMap(l -> child(l, "name").or(() -> child(l, "url")).stream())
            .map(name -> name.getTextContent().strip().replaceAll("\\s+", " "))
            .toList();
        if (!names.isEmpty()) return String.join(" / ", names);
        var parent = child(project, "parent").orElseThrow(() -> new IOException("no licence in " + pom));
        String group = text(parent, "groupId"), artifact = text(parent, "artifactId"),
            version = text(parent, "version");
        Path repository = Path.of(pom.toString().replaceFirst("(.*/repository)/.*", "$1"));
        return licence(repository.resolve(group.replace('.', '/'))
            .resolve(artifact)
            .resolve(version)
            .resolve(artifact + "-" + version + ".pom"));
    }

    private static Element xml(Path file) throws IOException, SAXException {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
        } catch (javax.xml.parsers.ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }
    private static Stream<Element> children(Element of) {
        var nodes = of.getChildNodes();
        return IntStream.range(0, nodes.getLength())
            .<Node>mapToObj(nodes::item)
            .filter(Element.class::isInstance)
            .map(Element.class::cast);
    }
    private static Optional<Element> child(Element of, String name) {
        return children(of).filter(e -> e.getTagName().equals(name)).findFirst();
    }
    private static String text(Element of, String name) throws IOException {
        return child(of, name).orElseThrow(() -> new IOException("no " + name)).getTextContent().strip();
    }

    /** The same for the same list: no time and no number of its own. */
    private static String sbom(String version, List<Pinned> all) {
        return """
            {
              "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
              "metadata": {"component": {"type": "application", "bom-ref": "bluegreen", "name": "bluegreen", "version": %s,
                "licenses": [{"license": {"id": "Apache-2.0"}}]}},
              "components": [
            %s
              ],
              "dependencies": [{"ref": "bluegreen", "dependsOn": [%s]}]
            }"""
            .formatted(quoted(version), all.stream().map(Pinned::json).collect(Collectors.joining(",\n")),
                all.stream()
                    .filter(p -> p.scope.equals("run"))
                    .map(p -> p.coordinates.split(":"))
                    .map(c -> quoted("pkg:maven/" + c[0] + "/" + c[1] + "@" + c[2] + "?type=jar"))
                    .collect(Collectors.joining(", ")));
    }

    private static String quoted(String text) { return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'; }
}
