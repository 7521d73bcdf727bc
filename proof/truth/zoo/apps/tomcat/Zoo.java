import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The zoo's application for Tomcat. It logs its own life cycle and every request as JSON lines; see README.md. A reloaded
 * context is a new worker in the same process.
 */
public final class Zoo extends HttpServlet implements ServletContextListener {
  private static final long PID = ProcessHandle.current().pid();
  private static final double SLOW_MS = Double.parseDouble(System.getenv("ZOO_SLOW_MS"));
  /** The extra time of the first request; a third of it is left after FADING_REQUESTS requests. */
  private static final double FADING_MS = Double.parseDouble(System.getenv().getOrDefault("ZOO_FADING_MS", "0"));
  private static final double FADING_REQUESTS = 8;
  // A reload loads this class again.
  private static final long BORN_MS = System.currentTimeMillis();
  private static final String WORKER = PID + "-" + BORN_MS;
  private static final AtomicInteger SERVED = new AtomicInteger();

  @Override
  public void contextInitialized(ServletContextEvent event) {
    log("born", ",\"bornMs\":" + BORN_MS);
    // Stands for what applications do when they start: load classes, fill caches, open connections.
    sleep(Double.parseDouble(System.getenv("ZOO_COLD_MS")));
    log("ready", "");
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    log("end", "");
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
    long cameMs = System.currentTimeMillis();
    String path = request.getRequestURI();
    double usualMs = path.startsWith("/report") ? SLOW_MS : 6;
    double fadingMs = FADING_MS * Math.exp(-SERVED.getAndIncrement() / FADING_REQUESTS);
    sleep((usualMs + fadingMs) * ThreadLocalRandom.current().nextDouble(0.7, 1.3));
    String id = request.getHeader("X-Farmprobe-Id");
    log(
        "request",
        String.format(
            Locale.ROOT,
            ",\"cameMs\":%d,\"id\":\"%s\",\"path\":\"%s\",\"status\":200",
            cameMs,
            id == null ? "" : id,
            path));
    response.setContentType("text/html");
    response.setHeader("X-Worker", WORKER);
    response.setHeader("X-Node", System.getenv("ZOO_NODE"));
    response.getWriter().write("<html><body><h1>Welcome</h1></body></html>\n");
  }

  private static void sleep(double ms) {
    try {
      Thread.sleep((long) ms);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static synchronized void log(String what, String more) {
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
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
