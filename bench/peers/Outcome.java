package peers;

import java.util.List;
import java.util.Optional;
import peers.Field.Candidate;

/** What came of a peer. @param measured empty: it was left out, for the reason given in {@code why} */
public record Outcome(Candidate candidate, Optional<Measured> measured, String why, boolean broke) {
    /** @param loads in the order of the loads */
    public record Measured(List<Trial.Figures> loads, Trial.Deploys deploys, double rate) {
        /** At the end of the last load whose clients keep their connections: the one before the last. */
        double megabytes() { return loads.get(loads.size() - 2).bytes() / 1e6; }
    }

    public static Outcome of(Candidate candidate, List<Trial.Figures> loads, Trial.Deploys deploys, double rate) {
        return new Outcome(candidate, Optional.of(new Measured(loads, deploys, rate)), "", false);
    }

    public static Outcome leftOut(Candidate candidate, String why) {
        return new Outcome(candidate, Optional.empty(), why, false);
    }

    /** It was there and did not do what it is for. */
    public static Outcome broken(Candidate candidate, String why) {
        return new Outcome(candidate, Optional.empty(), "it failed: " + why, true);
    }
}
