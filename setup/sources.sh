# Writes lib/all.java, where a script finds all that it is made of: JBang expands no "lib/*.java" over a URL. Sourced by
# the launcher.
all=$here/lib/all.java
(
    cd "$here"
    echo '// What each script is made of, and the files that its jar carries. Written by ./bluegreen format.'
    find lib -name '*.java' ! -path lib/all.java ! -name '.*' | LC_ALL=C sort | sed 's|^lib/|//SOURCES |'
    find nginx compose package.json -type f ! -name '.*' ! -name '*~' | LC_ALL=C sort | sed 's|.*|//FILES &=../&|'
) >"$all.new"
if cmp -s "$all.new" "$all"; then rm "$all.new"; else mv "$all.new" "$all"; say "lib/all.java: written anew"; fi
