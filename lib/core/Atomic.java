package lib.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * Files that survive a crash whole: the old content or the new, never a part. What is written in a folder that a team
 * shares (chmod g+ws) can be read and written by the team, whatever the umask; secrets apart.
 */
public final class Atomic {
    private static final FileAttribute<?>[] AS_THE_UMASK_SAYS = {};
    private static final FileAttribute<?>[] OWNERS_FILE = owners("rw-------"), OWNERS_FOLDER = owners("rwx------");
    /** Of a mode: what the group may do, and that what is made in a folder belongs to the folder's group. */
    private static final int GROUP_READS_AND_WRITES = 0060, GROUP_WRITES = 0020, GROUP_ENTERS = 0010,
        KEEPS_GROUP = 02000;

    private Atomic() {}

    private static FileAttribute<?>[] owners(String permissions) {
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))};
    }

    /** For everybody whom the umask lets read it. */
    public static void write(Path file, String text) throws IOException { write(file, text, true, AS_THE_UMASK_SAYS); }

    /** For its owner, and for the team that shares the folder. */
    public static void writePrivate(Path file, String text) throws IOException { write(file, text, true, OWNERS_FILE); }

    /** For its owner's eyes only, also in a shared folder. */
    public static void writeSecret(Path file, String text) throws IOException { write(file, text, false, OWNERS_FILE); }

    /** Temporary file, fsync, rename, fsync of the folder. */
    private static void write(Path file, String text, boolean shared, FileAttribute<?>... mode) throws IOException {
        Path folder = folder(file.toAbsolutePath().getParent());
        Path temporary = folder.resolve(file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            Files.deleteIfExists(temporary);
            try (var channel = FileChannel.open(temporary, options, mode)) {
                var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) channel.write(bytes);
                if (shared) share(temporary, GROUP_READS_AND_WRITES);
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** What was made beside it takes its place, on disk when this returns; a folder only where none is. */
    public static void rename(Path made, Path to) throws IOException {
        Files.move(made, to, StandardCopyOption.ATOMIC_MOVE);
        sync(to.toAbsolutePath().getParent());
    }

    /** One line at the end, on disk when this returns; private. A line that a crash tore before it is ended first. */
    public static void append(Path file, String line) throws IOException {
        boolean created = !Files.exists(file);
        Path folder = folder(file.toAbsolutePath().getParent());
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        try (var channel = FileChannel.open(file, options, OWNERS_FILE);
            var whole = FileChannel.open(file, StandardOpenOption.READ)) {
            if (created) share(file, GROUP_READS_AND_WRITES);
            var last = ByteBuffer.allocate(1);
            boolean torn = whole.size() > 0 && whole.read(last, whole.size() - 1) == 1 && last.get(0) != '\n';
            channel.write(ByteBuffer.wrap(((torn ? "\n" : "") + line + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        if (created) sync(folder);
    }

    /**
     * A folder, and those above it, made where they are missing: for their owner, and for the team that shares the one
     * above.
     */
    public static Path folder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) return folder;
        folder(folder.toAbsolutePath().getParent());
        try {
            Files.createDirectory(folder, OWNERS_FOLDER);
            share(folder, GROUP_READS_AND_WRITES | GROUP_ENTERS | KEEPS_GROUP);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) throw e;        // else somebody else was faster
        }
        return folder;
    }

    /** Opens it to the group that may write to the folder it is in; not to another group that the kernel gave it. */
    private static void share(Path made, int more) throws IOException {
        var above = Files.readAttributes(made.toAbsolutePath().getParent(), "unix:mode,gid");
        var own = Files.readAttributes(made, "unix:mode,gid");
        boolean shared = (mode(above) & GROUP_WRITES) != 0 && own.get("gid").equals(above.get("gid"));
        if (shared && (mode(own) & more) != more) Files.setAttribute(made, "unix:mode", mode(own) & 07777 | more);
    }

    private static int mode(Map<String, Object> attributes) { return (int) attributes.get("mode"); }

    private static void sync(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
