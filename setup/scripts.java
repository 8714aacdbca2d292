//JAVA 25+
//SOURCES ../*.java ../lib/**/*.java ../load/*.java

import java.util.List;
import lib.cli.Cli;
import lib.docker.Here;

/**
 * All scripts in one jar, as the launcher runs them; and the run that its AOT cache is made from: what every script
 * loads at its start. It reads and asks, and changes nothing.
 */
class Scripts {
    public static void main(String... project) {
        List.of(new Deploy(), new Switch(), new Status(), new Health(), new Validate(), new Smoke(), new Monitor(),
            new Incident(), new Demo())
            .forEach(script -> Cli.execute(script, "--help"));
        Cli.execute(new Status(), "--json", "-C", project[0]);
        Cli.execute(new Switch(), "--json", "-C", project[0], "--plan", "green");
        Cli.execute(new Deploy(), "--json", "-C", project[0], "--plan", "--version", "1");
        Cli.execute(new Health(), "--json", "http://127.0.0.1:9", "--retries", "0", "--timeout", "1s");
        Here.leave();
    }
}
