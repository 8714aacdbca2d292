package peers;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import lib.core.Colour;

/**
 * One service whose containers are replaced: to switch, to deploy and to roll back are the same command.
 *
 * @param front the service of what stands before it
 * @param command that takes up another image
 */
record Replaced(Stack stack, String front, List<String> command) implements Peer {
    @Override public void start() throws IOException {
        stack.up("--wait");
    }

    @Override public int port() { return stack.port; }
    @Override public String proxy() { return stack.container(front); }
    @Override public void switchTo(Colour to) { deploy(to, to == Colour.BLUE ? "1" : "2"); }

    @Override public void deploy(Colour to, String version) {
        stack.run(Map.of("TO", to.toString(), "APP", version), command.toArray(String[]::new));
    }

    @Override public void rollback(Colour to) { switchTo(to); }
    @Override public void close() throws IOException { stack.remove(); }
}
