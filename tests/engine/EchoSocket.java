import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import load.Project;

/** A websocket through Nginx to a server that echoes with its colour in front. */
final class EchoSocket implements WebSocket.Listener {
    private final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    /** The close code, once the server has closed it. */
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;

    EchoSocket(Project project) {
        socket = HttpClient.newHttpClient().newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + project.http + "/ws"), this)
            .join();
    }

    String echo(String text) throws InterruptedException {
        socket.sendText(text, true).join();
        return said.poll(5, TimeUnit.SECONDS);
    }

    @Override public CompletionStage<?> onText(WebSocket s, CharSequence data, boolean last) {
        said.add(data.toString());
        s.request(1);
        return null;
    }

    @Override public CompletionStage<?> onClose(WebSocket s, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override public void onError(WebSocket s, Throwable error) { closed.completeExceptionally(error); }
}
