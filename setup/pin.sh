# Notes the jars of others that the programs run with now, in setup/dependencies.txt. Sourced by the launcher.
class_path() { "$jbang" --quiet info classpath "$1"; }

pins=$here/setup/dependencies.txt
{
    echo '# The jars of others: SHA-256, coordinates, "run" (with the scripts) or "test" (what tests, formats and measures),'
    echo '# licences. Each build insists on them. Written by ./bluegreen pin; as an SBOM: ./bluegreen sbom'
    "$java_home/bin/java" $quick "$here/setup/dependencies.java" pin "$(class_path "$scripts")" \
        "$(class_path "$here/tests/all.java")" "$(class_path "$here/setup/format.java")" \
        $(for bench in "$here"/bench/*.java; do class_path "$bench"; done)
} >"$pins.new" || { rm -f "$pins.new"; fail "the jars were not pinned"; }
mv "$pins.new" "$pins"
say "$(grep -vc '^#' "$pins") jars are pinned in $pins"
