<%@ Application Language="C#" %>
<%@ Import Namespace="System.Diagnostics" %>
<%@ Import Namespace="System.IO" %>
<%@ Import Namespace="System.Threading" %>
<script runat="server">
  // The zoo's application for ASP.NET. It logs its own life cycle and every request as JSON lines; see README.md. A worker is
  // an application domain, named after its process and the start of Application_Start.
  static readonly object logging = new object();
  static readonly Random random = new Random();
  static string worker = "";
  static int pid;

  static string Setting(string name) { return Environment.GetEnvironmentVariable(name); }

  static long NowMs() { return Ms(DateTime.UtcNow); }

  static long Ms(DateTime utc)
  {
    return (long) (utc - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalMilliseconds;
  }

  static void Log(string what, string more)
  {
    lock (logging)
    {
      var line = "{\"what\":\"" + what + "\",\"atMs\":" + NowMs() + ",\"pid\":" + pid + ",\"worker\":\"" + worker + "\"" + more + "}\n";
      File.AppendAllText(Setting("ZOO_LOG"), line);
    }
  }

  // Static fields may be gone when a process or a domain ends.
  static EventHandler End(string name, int number)
  {
    var isLogged = 0;
    return (sender, arguments) =>
    {
      if (Interlocked.Exchange(ref isLogged, 1) == 1) return;
      worker = name;
      pid = number;
      Log("end", "");
    };
  }

  // Stands for what applications do when they start: compile views, fill caches, open connections.
  void Application_Start(object sender, EventArgs arguments)
  {
    var process = Process.GetCurrentProcess();
    pid = process.Id;
    worker = pid + "-" + NowMs();
    Log("born", ",\"bornMs\":" + Ms(process.StartTime.ToUniversalTime()));
    var end = End(worker, pid);
    AppDomain.CurrentDomain.ProcessExit += end;
    AppDomain.CurrentDomain.DomainUnload += end;
    Thread.Sleep(int.Parse(Setting("ZOO_COLD_MS")));
    Log("ready", "");
  }

  void Application_BeginRequest(object sender, EventArgs arguments)
  {
    Context.Items["cameMs"] = NowMs();
    Context.Items["path"] = Request.Path;
    Response.AddHeader("X-Worker", worker);
    Response.AddHeader("X-Node", Setting("ZOO_NODE"));
    if (!Request.Path.StartsWith("/report")) return;
    double share;
    lock (random) share = 0.7 + random.NextDouble() * 0.6;
    Thread.Sleep((int) (int.Parse(Setting("ZOO_SLOW_MS")) * share));
    Context.RewritePath("/Default.aspx");
  }

  void Application_EndRequest(object sender, EventArgs arguments)
  {
    var came = Context.Items["cameMs"];
    if (came == null) return;
    var id = Request.Headers["X-Farmprobe-Id"] ?? "";
    Log("request", ",\"cameMs\":" + came + ",\"id\":\"" + id + "\",\"path\":\"" + Context.Items["path"] + "\",\"status\":" + Response.StatusCode);
  }
</script>
