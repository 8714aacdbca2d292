package load;

/**
 * How the traffic moved from one colour to the other, in ms after the command.
 *
 * @param first the first request that the new colour or nobody answered was sent
 * @param last the last one that the old colour answered was sent, or one that nobody did had ended
 */
public record Move(long first, long last) {
    /** In which an answer was either colour's, or none. */
    public long window() { return Math.max(0, last - first); }
    /** From then on all was the new colour's. */
    public long moved() { return Math.max(first, last); }
}
