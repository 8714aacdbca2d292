package lib.traffic;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What others are told of a run, from what it was asked to do. */
final class Others implements AutoCloseable {
    private final Notify notify;
    private final String run;
    private final Run.Command command;
    private final Map<String, ?> asked;

    /** @param asked of its first line in the journal: from, fromVersion, to, version */
    Others(Notify notify, String run, Run.Command command, Map<String, ?> asked) {
        this.notify = notify;
        this.run = run;
        this.command = command;
        this.asked = asked;
    }

    void tell(Notify.Event event, Optional<String> reason) {
        var facts = new HashMap<String, String>();
        facts.put("run", run);
        reason.ifPresent(why -> facts.put("reason", why));
        // there, what serves again is the target
        boolean back = command == Run.Command.SWITCH && event == Notify.Event.ROLLBACK;
        String serves = back ? "to" : "from", itsVersion = back ? "version" : "fromVersion";
        put(facts, "target", back ? "from" : "to");
        put(facts, "version", back ? "fromVersion" : "version");
        if (event != Notify.Event.SUCCESS && asked.containsKey(itsVersion)) {
            put(facts, "active", serves);
            put(facts, "active_version", itsVersion);
        }
        notify.send(event, facts);
    }

    private void put(Map<String, String> facts, String name, String what) {
        if (asked.containsKey(what)) facts.put(name, asked.get(what).toString());
    }

    /** Waits a little until they are told. */
    @Override public void close() { notify.close(); }
}
