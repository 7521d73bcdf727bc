using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Primitives;

/// <summary>
/// Adds X-Node and X-Worker to every answer, for farmprobe: the machine, and the process, that answered. Copy this file into
/// the project and call <c>app.UseFarmprobeIdentity();</c> first after <c>builder.Build()</c>. With a key, such as
/// <c>app.UseFarmprobeIdentity(builder.Configuration["Farmprobe:Key"])</c>, only requests with that value in the header
/// X-Farmprobe-Key get the headers.
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
                // Set just before the headers are sent: an exception handler clears headers that are set earlier.
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
