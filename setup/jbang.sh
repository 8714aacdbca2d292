# Sets $jbang and $java_home. Sourced by the launcher.
JBANG_VERSION=0.132.1
GSON_VERSION=2.13.1       # with an older gson JBang reads every catalog as empty

jdk25() {                 # an installed JDK 25: from JAVA_HOME, PATH, or the usual folders
    javac=$(real "$(command -v javac)")
    for home in "${JAVA_HOME:-}" "${javac%/bin/javac}" \
                /usr/lib/jvm/* "$HOME"/.jbang/cache/jdks/25* "$HOME"/.sdkman/candidates/java/25* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        [ ! -x "$home/bin/javac" ] || set -- "$@" "$home/release"
    done
    [ $# -eq 0 ] || grep -ls '^JAVA_VERSION="25' "$@" | sed -n '1s|/release$||p'
}

jbang_from_maven() {      # JBang is an ordinary Maven artifact; this is its start script
    dir=$cache/jbang-$JBANG_VERSION
    if [ ! -x "$dir/jbang" ]; then
        ask "JBang $JBANG_VERSION"
        say "fetching JBang $JBANG_VERSION with Maven"
        mkdir -p "$dir" 2>/dev/null || fail "cannot write $cache. Run it again with XDG_CACHE_HOME=/a/folder/to/keep/things/in"
        cat >"$dir/pom.xml" <<END
<project><modelVersion>4.0.0</modelVersion><groupId>setup</groupId><artifactId>jbang</artifactId><version>1</version><dependencies>
<dependency><groupId>dev.jbang</groupId><artifactId>jbang-cli</artifactId><version>$JBANG_VERSION</version></dependency>
<dependency><groupId>com.google.code.gson</groupId><artifactId>gson</artifactId><version>$GSON_VERSION</version></dependency>
</dependencies></project>
END
        logged jbang mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies -DoutputDirectory="$dir/lib"
        # JBang answers 255 and prints the command that the shell is to run.
        printf '#!/bin/sh\ndir="%s"\n' "$dir" >"$dir/jbang"
        cat >>"$dir/jbang" <<'END'
out=$(JBANG_RUNTIME_SHELL=bash java -cp "$dir/lib/*" dev.jbang.Main "$@"); rc=$?
[ $rc = 255 ] && eval "exec $out"
[ -n "$out" ] && printf '%s\n' "$out"
exit $rc
END
        chmod +x "$dir/jbang"
    fi
    jbang=$dir/jbang
}

if command -v jbang >/dev/null; then jbang=$(command -v jbang)
elif command -v mvn >/dev/null; then jbang_from_maven
else fail 'JBang is missing. Install it with:  curl -Ls https://sh.jbang.dev | bash -s - app setup'
fi

java_home=$(jdk25)
if [ -z "$java_home" ]; then
    ask "JDK 25"
    say "fetching JDK 25 with JBang"
    logged jdk "$jbang" jdk install 25
    java_home=$("$jbang" --quiet jdk home 25)
elif [ ! -e "${JBANG_DIR:-$HOME/.jbang}/cache/jdks/25" ]; then   # JBang does not look into the system's folders
    logged jdk "$jbang" --quiet jdk install 25 "$java_home"
fi
