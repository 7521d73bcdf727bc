import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The zoo's application for a JVM whose garbage collection stops the process again and again: it holds a long list of small
 * objects and requests a collection every few seconds. It never restarts. Arguments: host, port, millions of objects,
 * seconds between two collections. It logs its life cycle and every request as JSON lines; see README.md. The JVM's own
 * log has the pauses.
 */
public final class Pausing {
  private static final long PID = ProcessHandle.current().pid();
  private static final long BORN_MS = System.currentTimeMillis();
  private static final String WORKER = PID + "-" + BORN_MS;
  private static final double SLOW_MS = Double.parseDouble(System.getenv("ZOO_SLOW_MS"));

  private static final class Kept {
    Kept next;
  }

  public static void main(String[] arguments) throws Exception {
    log("born", ",\"bornMs\":" + BORN_MS);
    Kept kept = null;
    for (long count = 0; count < Double.parseDouble(arguments[2]) * 1_000_000; count++) {
      Kept one = new Kept();
      one.next = kept;
      kept = one;
    }
    InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
    HttpServer server = HttpServer.create(address, 100);
    server.setExecutor(Executors.newFixedThreadPool(20));
    server.createContext("/", Pausing::serve);
    server.start();
    log("ready", "");
    double everyMs = Double.parseDouble(arguments[3]) * 1000;
    while (kept != null) {
      Thread.sleep((long) (everyMs * ThreadLocalRandom.current().nextDouble(0.5, 1.5)));
      System.gc();
    }
  }

  private static void serve(HttpExchange exchange) throws IOException {
    long cameMs = System.currentTimeMillis();
    String path = exchange.getRequestURI().getPath();
    double usualMs = path.startsWith("/report") ? SLOW_MS : 6;
    try {
      Thread.sleep((long) (usualMs * ThreadLocalRandom.current().nextDouble(0.7, 1.3)));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    String id = exchange.getRequestHeaders().getFirst("X-Farmprobe-Id");
    log(
        "request",
        String.format(
            Locale.ROOT,
            ",\"cameMs\":%d,\"id\":\"%s\",\"path\":\"%s\",\"status\":200",
            cameMs,
            id == null ? "" : id,
            path));
    exchange.getResponseHeaders().set("Content-Type", "text/html");
    exchange.getResponseHeaders().set("X-Worker", WORKER);
    exchange.getResponseHeaders().set("X-Node", System.getenv("ZOO_NODE"));
    byte[] body = "<html><body><h1>Welcome</h1></body></html>\n".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static synchronized void log(String what, String more) throws IOException {
    String line =
        String.format(
            Locale.ROOT,
            "{\"what\":\"%s\",\"atMs\":%d,\"pid\":%d,\"worker\":\"%s\"%s}\n",
            what,
            System.currentTimeMillis(),
            PID,
            WORKER,
            more);
    try (FileOutputStream file = new FileOutputStream(System.getenv("ZOO_LOG"), true)) {
      file.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }
}
