package load;

/** What clients do with their connections. */
public enum Habit {
    /** Alive until an answer says that it was the last, and used without a look. */
    KEPT,
    /**
     * The same, and looked at before each request: one on a connection that the server has closed by then fails as it
     * does with KEPT, but is counted apart, because a client that looks could have opened another one.
     */
    LOOKED_AT,
    /** Each request on one of its own. */
    ANEW
}
