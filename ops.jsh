// What the console begins with, and each file for it: ./bluegreen shell. The verbs are the methods of lib.cli.Verbs,
// which run the scripts; a verb of your own is a method here, e.g.
//     void hello() { status(); logs(BLUE, 5); }
import static lib.cli.Verbs.*;
import static lib.core.Colour.BLUE;
import static lib.core.Colour.GREEN;
import java.nio.file.*;
import java.time.*;
import java.util.*;
import java.util.stream.*;
import lib.cli.Verbs;
import lib.config.Config;
import lib.core.*;
import lib.stack.Stack;
import lib.state.Observed;
