using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Primitives;

/// <summary>
/// Adds X-Node and X-Worker to every answer, for farmprobe: which machine, and which process, gave it. Copy this file into
/// the project and write <c>app.UseFarmprobeIdentity();</c> as the first line after <c>builder.Build()</c>. With a key,
/// such as <c>app.UseFarmprobeIdentity(builder.Configuration["Farmprobe:Key"])</c>, only answers to requests with that
/// value in the header X-Farmprobe-Key carry them.
/// </summary>
public static class FarmprobeIdentity
{
    public static IApplicationBuilder UseFarmprobeIdentity(this IApplicationBuilder app, string? key = null)
    {
        using var process = Process.GetCurrentProcess();
        StringValues node = Environment.MachineName;
        StringValues worker = $"{Environment.ProcessId}-{process.StartTime.ToUniversalTime().Ticks}";
        return app.Use((context, next) =>
        {
            if (string.IsNullOrEmpty(key) || context.Request.Headers["X-Farmprobe-Key"] == key)
            {
                // Just before the headers are sent: an exception handler may have cleared what was set before.
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers["X-Node"] = node;
                    context.Response.Headers["X-Worker"] = worker;
                    return Task.CompletedTask;
                });
            }
            return next(context);
        });
    }
}
