using System;
using System.Configuration;
using System.Diagnostics;
using System.Web;

/// <summary>
/// Adds X-Node and X-Worker to every answer, for farmprobe: which machine, and which start of the application, gave it.
/// Copy it into App_Code and name it in web.config (see the web.config beside App_Code). With
/// <c>farmprobe:key</c> in appSettings only answers to requests with that value in the header X-Farmprobe-Key carry them.
/// </summary>
public sealed class FarmprobeIdentity : IHttpModule
{
    // Kept as long as the application runs, and new with each start of it, also within one process.
    static readonly string Worker = Process.GetCurrentProcess().Id + "-" + DateTime.UtcNow.Ticks;
    static readonly string Key = ConfigurationManager.AppSettings["farmprobe:key"];

    public void Init(HttpApplication application)
    {
        // Before anything is sent.
        application.BeginRequest += (sender, arguments) =>
        {
            var context = ((HttpApplication) sender).Context;
            if (!string.IsNullOrEmpty(Key) && context.Request.Headers["X-Farmprobe-Key"] != Key) return;
            context.Response.AppendHeader("X-Node", Environment.MachineName);
            context.Response.AppendHeader("X-Worker", Worker);
        };
    }

    public void Dispose() { }
}
