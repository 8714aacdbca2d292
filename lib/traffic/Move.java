package lib.traffic;

import java.util.Locale;

/** The traffic goes to another colour: forward to a version, or back to one that was good. */
public enum Move {
    SWITCH(Notify.Event.SWITCH, "post-switch"), ROLLBACK(Notify.Event.ROLLBACK, "post-rollback");

    /** What the others are told, and the hook that comes behind it. */
    public final Notify.Event event;
    public final String hook;

    Move(Notify.Event event, String hook) {
        this.event = event;
        this.hook = hook;
    }

    /** As the journal and a person call the step. */
    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
