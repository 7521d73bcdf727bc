import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Adds X-Node and X-Worker to every answer, for farmprobe: the machine, and the start of the application, that answered.
 * Add this class to the application; before Tomcat 10 write javax instead of jakarta. With FARMPROBE_KEY in the environment
 * only requests with that value in the header X-Farmprobe-Key get the headers.
 */
@WebFilter("/*")
public final class FarmprobeIdentity implements Filter {
  private static final String NODE = hostName();
  // One value for each start of the application, also when the process stays the same.
  private static final String WORKER = ProcessHandle.current().pid() + "-" + System.currentTimeMillis();
  private static final String KEY = System.getenv().getOrDefault("FARMPROBE_KEY", "");

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (KEY.isEmpty() || KEY.equals(((HttpServletRequest) request).getHeader("X-Farmprobe-Key"))) {
      ((HttpServletResponse) response).setHeader("X-Node", NODE);
      ((HttpServletResponse) response).setHeader("X-Worker", WORKER);
    }
    chain.doFilter(request, response);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unknown) {
      return "unknown";
    }
  }
}
