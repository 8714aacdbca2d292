import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Takes out of the class path what slows each start. Jars of old classes are rewritten: the JVM keeps no class of
 * before Java 6 in its AOT cache, as it has to work out the types on the stack at each start; picocli's are of Java 5,
 * and cost 0.15 s of CPU. And the program's own jar, which is the first that is looked into, gets what others look for.
 */
class Lean {
    /** The first version with types noted is 50; from 52 on nothing else will do. */
    private static final int OLD = 50, RECENT = 52;
    /** picocli looks for this one at its start, and learns that there is no Groovy by opening every jar: 26 ms. */
    private static final ClassDesc GROOVY = ClassDesc.of("groovy.lang.Closure");
    /** For the cookies of docker-java's HTTP client, which parses 300 KB of it: 20 ms. An engine sets none. */
    private static final String SUFFIXES = "org/publicsuffix/list/effective_tld_names.dat";

    /**
     * Prints the class path, with the rewritten jars in the place of the old ones.
     * @param args a folder for them, with the program's jar; where that will be in the end; and the class path
     */
    public static void main(String... args) throws IOException {
        var folder = Path.of(args[0]);
        var path = new ArrayList<String>();
        for (String jar : args[2].split(":")) {
            if (!isOld(jar)) path.add(jar);
            else path.add(args[1] + "/" + rewritten(Path.of(jar), folder).getFileName());
        }
        path.sort(Comparator.comparing(Lean::last));
        try (var program = FileSystems.newFileSystem(folder.resolve("program.jar"))) {
            put(program.getPath("groovy/lang/Closure.class"),
                ClassFile.of().build(GROOVY, of -> of.withVersion(RECENT, 0)));
            put(program.getPath(SUFFIXES), "com\n".getBytes(StandardCharsets.US_ASCII));
        }
        System.out.print(String.join(":", path));
    }

    /**
     * A class that no rehearsal has met is looked for in one jar after the other: first where some are, last in the
     * large.
     */
    private static int last(String jar) {
        return jar.matches(".*/(docker-java-transport|jackson)[^/]*") ? 0 : jar.contains("bouncycastle") ? 2 : 1;
    }

    private static void put(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static boolean isOld(String jar) throws IOException {
        if (!jar.endsWith(".jar")) return false;
        try (var zip = new ZipFile(jar)) {
            var first = zip.stream().filter(Lean::isClass).findFirst();
            return first.isPresent() && version(read(zip, first.get())) < OLD;
        }
    }

    private static boolean isClass(ZipEntry e) { return e.getName().matches("(?!META-INF|module-info).*[.]class"); }

    private static byte[] read(ZipFile zip, ZipEntry e) throws IOException {
        try (var in = zip.getInputStream(e)) {
            return in.readAllBytes();
        }
    }

    private static int version(byte[] of) { return (of[6] & 255) << 8 | of[7] & 255; }

    private static Path rewritten(Path jar, Path folder) throws IOException {
        Path file = folder.resolve(jar.getFileName());
        try (var zip = new ZipFile(jar.toFile());
            var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
            var to = new ZipOutputStream(Files.newOutputStream(file))) {
            var classes = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(loader)));
            for (ZipEntry e : zip.stream().toList()) {
                byte[] is = read(zip, e);
                to.putNextEntry(new ZipEntry(e.getName()));
                to.write(isClass(e) && version(is) < OLD ? classes.transformClass(classes.parse(is), NOTED) : is);
            }
        }
        return file;
    }

    /** Code that is only passed on would be taken over as it is, without types. */
    private static final CodeTransform AGAIN = (code, one) -> code.with(one);
    private static final ClassTransform NOTED = ClassTransform.transformingMethodBodies(AGAIN)
        .andThen((of, one) -> {
            if (one instanceof ClassFileVersion) of.withVersion(RECENT, 0);
            else of.with(one);
        });
}
