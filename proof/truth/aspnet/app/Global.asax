<%@ Application Language="C#" %>
<%@ Import Namespace="System.Diagnostics" %>
<%@ Import Namespace="System.IO" %>
<%@ Import Namespace="System.Threading" %>
<script runat="server">
  // Notes the truth about itself, one JSON object a line, in the file that the environment names. All times are wall
  // milliseconds. `started` is the identity: when Application_Start was entered.
  static readonly object noting = new object();
  static string started = "";
  static int served;

  static long NowMs() { return Ms(DateTime.UtcNow); }

  static long Ms(DateTime utc)
  {
    return (long) (utc - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalMilliseconds;
  }

  static void Note(string what, string more)
  {
    var line = "{\"what\":\"" + what + "\",\"atMs\":" + NowMs() + ",\"started\":\"" + started + "\"" + more + "}\n";
    lock (noting) File.AppendAllText(Environment.GetEnvironmentVariable("ASPNET_TRUTH"), line);
  }

  // What applications do when they start: compile views, fill caches, open connections. It takes seconds.
  void Application_Start(object sender, EventArgs arguments)
  {
    started = NowMs().ToString();
    var process = Process.GetCurrentProcess();
    var processMs = Ms(process.StartTime.ToUniversalTime());
    Note("start", ",\"pid\":" + process.Id + ",\"processMs\":" + processMs);
    AppDomain.CurrentDomain.ProcessExit += (from, with) => Note("exit", "");
    AppDomain.CurrentDomain.DomainUnload += (from, with) => Note("unload", "");
    Thread.Sleep(int.Parse(Environment.GetEnvironmentVariable("ASPNET_START_MS")));
    Note("ready", "");
  }

  void Application_End(object sender, EventArgs arguments) { Note("end", ""); }

  void Application_BeginRequest(object sender, EventArgs arguments)
  {
    Response.AddHeader("X-Started", started);
  }

  void Application_EndRequest(object sender, EventArgs arguments)
  {
    if (Interlocked.Exchange(ref served, 1) == 0) Note("first", "");
  }
</script>
