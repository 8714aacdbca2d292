package lib.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an app is made with, by the files in its folder: its usual port, and where it usually tells its health. */
enum Framework {
    NEXT("Next.js", 3000, Optional.empty(), "package.json", "\"next\"\\s*:"),
    NODE("Node", 3000, Optional.empty(), "package.json", ""),
    DJANGO("Django", 8000, Optional.empty(), "manage.py", "django"),
    FASTAPI("FastAPI", 8000, Optional.empty(), "requirements.txt|pyproject.toml|Pipfile", "(?i)fastapi"),
    FLASK("Flask", 5000, Optional.empty(), "requirements.txt|pyproject.toml|Pipfile", "(?i)flask"),
    PYTHON("Python", 8000, Optional.empty(), "requirements.txt|pyproject.toml|Pipfile|app.py|main.py|server.py", ""),
    RAILS("Rails", 3000, Optional.of("/up"), "Gemfile", "[\"']rails[\"']"),
    SPRING("Spring Boot", 8080, Optional.of("/actuator/health"), "pom.xml|build.gradle|build.gradle.kts",
        "spring-boot-starter-actuator"),
    JAVA("Java", 8080, Optional.empty(), "pom.xml|build.gradle|build.gradle.kts", ""),
    GO("Go", 8080, Optional.empty(), "go.mod", ""),
    STATIC("a static site", 80, Optional.of("/"), "index.html|public/index.html|Dockerfile",
        "<html|FROM\\s+nginx|FROM\\s+caddy");

    final String says;
    final int port;
    final Optional<String> health;
    private final List<String> files;
    private final Pattern holds;

    Framework(String says, int port, Optional<String> health, String files, String holds) {
        this.says = says;
        this.port = port;
        this.health = health;
        this.files = List.of(files.split("\\|"));
        this.holds = Pattern.compile(holds);
    }

    /** Of the folder that the image is built from; empty: none of those above. */
    static Optional<Seen> in(Path folder) {
        for (Framework f : values()) {
            var file = f.files.stream().filter(name -> f.isIn(folder.resolve(name))).findFirst();
            if (file.isPresent()) return Optional.of(new Seen(f, file.get()));
        }
        return Optional.empty();
    }

    /** The usual command, as migrate: has it. */
    Optional<String> migration() {
        return switch (this) {
            case DJANGO -> Optional.of("python3, manage.py, migrate, --noinput");
            case RAILS -> Optional.of("bin/rails, db:migrate");
            default -> Optional.empty();
        };
    }

    record Seen(Framework framework, String file) {}

    private boolean isIn(Path file) {
        if (!Files.isRegularFile(file)) return false;
        try {
            return holds.matcher(Files.readString(file)).find();
        } catch (IOException e) {
            return false;           // not a text, so not one of these files
        }
    }
}
