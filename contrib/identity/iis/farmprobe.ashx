<%@ WebHandler Language="C#" Class="FarmprobePage" %>

using System;
using System.Configuration;
using System.Diagnostics;
using System.Globalization;
using System.Web;

// Names the worker process that answers, for farmprobe (identity: { json: /worker }). Copy this file into the folder of
// the application; it needs no build. With <add key="farmprobe:key" value="..."/> in appSettings it answers 404 to
// requests without that value in the header X-Farmprobe-Key.
public class FarmprobePage : IHttpHandler
{
    // One value for each start of the application, also when the process stays the same.
    static readonly DateTime ApplicationStarted = DateTime.UtcNow;
    static readonly int ProcessId;
    static readonly DateTime ProcessStarted;

    static FarmprobePage()
    {
        using (var process = Process.GetCurrentProcess())
        {
            ProcessId = process.Id;
            ProcessStarted = process.StartTime.ToUniversalTime();
        }
    }

    public bool IsReusable { get { return true; } }

    public void ProcessRequest(HttpContext context)
    {
        var key = ConfigurationManager.AppSettings["farmprobe:key"];
        if (!string.IsNullOrEmpty(key) && context.Request.Headers["X-Farmprobe-Key"] != key)
            throw new HttpException(404, "Not found");
        context.Response.Cache.SetCacheability(HttpCacheability.NoCache);
        context.Response.ContentType = "application/json";
        context.Response.Write(
            "{\"node\":" + Quoted(Environment.MachineName)
            + ",\"pool\":" + Quoted(Environment.GetEnvironmentVariable("APP_POOL_ID") ?? "")
            + ",\"worker\":" + Quoted(ProcessId + "-" + ApplicationStarted.Ticks)
            + ",\"processId\":" + ProcessId
            + ",\"processStarted\":" + Quoted(Iso(ProcessStarted))
            + ",\"applicationStarted\":" + Quoted(Iso(ApplicationStarted)) + "}");
    }

    static string Iso(DateTime utc) { return utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture); }

    static string Quoted(string text) { return HttpUtility.JavaScriptStringEncode(text, true); }
}
