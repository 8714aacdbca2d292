package lib.docker;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.WaitContainerCondition;
import com.github.dockerjava.api.model.WaitResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import lib.process.Command.Result;

/** A container for one command. Once it has started, the engine removes it at its end, however we end. */
final class OneOff {
    private static final int NO_IMAGE = 125;

    private final Connections connections;
    private final Calls calls;
    private final String image, network;
    private final String[] command;

    OneOff(Connections connections, Calls calls, String image, String network, String... command) {
        this.connections = connections;
        this.calls = calls;
        this.image = image;
        this.network = network;
        this.command = command;
    }

    Result run(Duration limit) {
        var said = new Execs.Output();
        return calls.ended(limit, "docker run", said, () -> run(said));
    }

    /** What has ended is gone at once: so its output and its code are asked for before the start. */
    private Result run(Execs.Output said) throws InterruptedException {
        final String id;
        try {
            id = create();
        } catch (NotFoundException e) {
            return new Result(NO_IMAGE, "", Refusal.text(e));
        }
        var code = new CompletableFuture<Integer>();
        var docker = connections.streams();
        boolean over = false;
        try (var read = new Callback<>(said);
            var wait = new Callback<WaitResponse>(w -> code.complete(w.getStatusCode()))) {
            docker.attachContainerCmd(id).withStdOut(true).withStdErr(true).withFollowStream(true).exec(read);
            docker.waitContainerCmd(id).withCondition(WaitContainerCondition.NEXT_EXIT).exec(wait);
            read.awaitStart();
            wait.awaitStart();
            connections.calls().startContainerCmd(id).exec();
            read.awaitEnd();
            wait.awaitEnd();
            over = true;
            return new Result(code.join(), said.out(), said.err());
        } finally {
            if (!over) remove(id);
        }
    }

    private String create() {
        var host = HostConfig.newHostConfig().withAutoRemove(true).withNetworkMode(network);
        return connections.calls()
            .createContainerCmd(image)
            .withHostConfig(host)
            .withEntrypoint(command[0])
            .withCmd(Arrays.copyOfRange(command, 1, command.length))
            .exec()
            .getId();
    }

    /** Our own thread is interrupted by now. */
    private void remove(String id) {
        Thread.interrupted();
        try {
            connections.calls().removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
        } catch (NotFoundException | ConflictException e) {
            return;        // the engine was faster
        }
    }
}
