using System;
using System.Configuration;
using System.Diagnostics;
using System.Web;

/// <summary>
/// Adds X-Node and X-Worker to every answer, for farmprobe: the machine, and the start of the application, that answered.
/// Copy this file into App_Code and register the module in web.config (see the web.config beside App_Code). With
/// <c>farmprobe:key</c> in appSettings only requests with that value in the header X-Farmprobe-Key get the headers.
/// </summary>
public sealed class FarmprobeIdentity : IHttpModule
{
    // One value for each start of the application, also when the process stays the same.
    static readonly string Worker = Process.GetCurrentProcess().Id + "-" + DateTime.UtcNow.Ticks;
    static readonly string Key = ConfigurationManager.AppSettings["farmprobe:key"];

    public void Init(HttpApplication application)
    {
        // Headers must be set before the first byte is sent.
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
